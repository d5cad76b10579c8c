"""Portuguese, Portugal and Africa. Formal, without a pronoun.

The brand always follows a noun ("equipa Acme"): alone it would need an article, and nobody knows which.
"""

from ..sentences import (
    CallWords,
    CodeWords,
    Endings,
    ErrorWords,
    FormWords,
    Menu,
    PageWords,
    ProgressWords,
    TextWords,
)
from ..words import Words, purposes

WORDS = Words(
    tag="pt-PT",
    native_name="Português (Portugal)",
    html_language="pt-PT",
    voice="Polly.Ines-Neural",
    language="pt-PT",
    purposes=purposes(
        sign_in="para iniciar sessão",
        change_billing="para alterar os seus dados de faturação",
        change_shipping_address="para alterar a sua morada de entrega",
        change_password="para alterar a sua palavra-passe",
        change_number="para alterar o seu número de telefone",
        neutral="que pediu",
    ),
    call=CallWords(
        announcement="Olá, esta é uma chamada automática da equipa {brand}, com o código {purpose}.",
        press_keys="Para ouvir o código, prima {keys}",
        press_any_key="Para ouvir o código, prima qualquer tecla.",
        wrong_keys="Essas não eram as teclas certas. Por favor, prima {keys}",
        no_keys="Não premiu nenhuma tecla. Por favor, prima {keys}",
        no_key="Não premiu nenhuma tecla. Para ouvir o código, por favor, prima qualquer tecla.",
        did_not_ask="Se não pediu esta chamada, prima {keys}",
        nobody_will_ask="Nunca ninguém lhe pedirá este código.",
        code="O seu código é: {code}",
        once_more="Mais uma vez: {code}",
        slowly="Mais devagar:",
        character="Dígito {position} de {total}:",
        next_character="Para o seguinte, prima qualquer tecla.",
        last_character="Esse foi o último.",
        menu=Menu(
            again="Para ouvir o código outra vez, prima {key}",
            slower="Mais devagar, prima {key}",
            one_at_a_time="Um dígito de cada vez, prima {key}",
            text="Por SMS, prima {key}",
            report="Se não pediu o código, prima {key}",
            never="Para nunca mais receber as nossas chamadas, prima {key}",
        ),
        text_refused="De momento não podemos enviar um SMS.",
        typed_announcement="Olá, esta é uma chamada automática da equipa {brand}, sobre o código {purpose}.",
        type_code="Por favor, marque o código que vê no ecrã.",
        type_incomplete="O código ficou incompleto. Por favor, marque o código que vê no ecrã.",
        type_wrong="Esse não era o código. Por favor, marque o código que vê no ecrã.",
        did_not_ask_star="Se não pediu esta chamada, prima a tecla asterisco.",
        greeting="Olá, este é o telefone automático da equipa {brand}, que só dá códigos a quem os pede.",
        greeting_call_back="Para receber uma chamada sobre um código, prima {key}",
        greeting_never="Para nunca receber as nossas chamadas, prima {key}",
        endings=Endings(
            goodbye="Agradecemos a sua atenção. Adeus.",
            nothing_pressed="Não premiu nenhuma tecla, por isso vamos terminar esta chamada. Adeus.",
            wrong_keys="Essas não eram as teclas certas, por isso vamos terminar esta chamada. Adeus.",
            no_longer_needed=(
                "Olá, esta é uma chamada automática da equipa {brand}, sobre um código que já não é necessário. Adeus."
            ),
            reported="Agradecemos o aviso. O código foi anulado. Registámos que não o pediu. Adeus.",
            suppressed=(
                "Não voltaremos a ligar nem a enviar SMS para este número. Para voltar a permitir, "
                "envie um SMS com a palavra START para o nosso número. Adeus."
            ),
            text_sent="Vamos enviar-lhe o código por SMS. Adeus.",
            machine="Esta foi uma chamada automática da equipa {brand}, não precisa de fazer nada. Adeus.",
            sorry=(
                "Fala a equipa {brand}, e pedimos desculpa: algo correu mal do nosso lado. "
                "Por favor, tente novamente mais tarde. Adeus."
            ),
            typed_approved="Agradecemos, o código está correto. Por favor, continue no ecrã. Adeus.",
            typed_wrong="Esse não era o código. O código já não pode ser usado. Pode recomeçar no ecrã. Adeus.",
            call_back="Se houver um código pendente para este número, ligamos-lhe agora. Adeus.",
        ),
    ),
    text=TextWords(
        code="{brand}: o seu código é {code}. É válido por {minutes} min. Não o partilhe.",
        code_under_a_minute="{brand}: o seu código é {code}. Expira em menos de um minuto. Não o partilhe.",
        help=(
            "{brand} envia códigos a quem os pede. Dúvidas: {contact} - "
            "STOP termina, START volta a permitir, com CALL ligamos-lhe."
        ),
        stopped="{brand}: não voltaremos a ligar nem a escrever para este número. Envie START para o permitir.",
        started="{brand}: já podemos voltar a ligar e a escrever para este número. Envie STOP para terminar.",
        call_back="Se houver um código pendente para este número, ligamos-lhe agora.",
        other="Este é o telefone automático da equipa {brand}. Envie HELP para ajuda ou STOP para terminar.",
    ),
    page=PageWords(
        form=FormWords(
            title="{brand}: confirme o seu telefone",
            skip="Ir para o formulário",
            username_label="Nome de utilizador",
            phone_label="Número de telefone",
            phone_hint="Com o indicativo do país, por exemplo {example}",
            channel_label="Como podemos entrar em contacto consigo?",
            channel_call="Por chamada telefónica",
            channel_sms="Por SMS",
            typed_choice="Mostrar o código aqui, e eu marco-o no telefone",
            language_label="Idioma",
            submit="Pedir um código",
        ),
        code=CodeWords(
            label="Código",
            hint="Apenas algarismos. Não revele o código a ninguém.",
            submit="Verificar o código",
            typed_label="O seu código para marcar no telefone",
            typed_hint="Atenda a nossa chamada e marque este código no teclado do telefone.",
            minutes_left="Faltam {minutes} minutos",
            one_minute_left="Falta um minuto",
            under_a_minute_left="Falta menos de um minuto",
            warning="Este código expira em breve. Pode pedir um novo a qualquer momento.",
            wrong="Esse código não é válido. Não pode voltar a ser usado.",
            checks_left="Esse código não é válido. Tentativas restantes: {checks}",
            latest_counts="Só conta o código mais recente.",
            expired="O código expirou.",
            canceled="Este código já não é válido.",
            begin_again="Pedir um novo código",
            change="Alterar os meus dados",
            call_again="Ligar outra vez",
            text_again="Enviar o SMS outra vez",
            text_instead="Prefiro um SMS",
            call_instead="Prefiro uma chamada",
            wait_seconds="Aguarde {seconds} segundos antes de tentar novamente.",
            wait_minutes="Aguarde {minutes} minutos antes de tentar novamente.",
            welcome="Damos-lhe as boas-vindas, {username}",
            welcome_next="O seu telefone está confirmado. Pode continuar.",
        ),
        progress=ProgressWords(
            calling="Estamos a ligar para {number}.",
            texting="Estamos a enviar um SMS para {number}.",
            calling_if_known="Se conhecemos este nome de utilizador, estamos agora a ligar para o telefone registado.",
            texting_if_known=(
                "Se conhecemos este nome de utilizador, estamos agora a enviar um SMS para o telefone registado."
            ),
            call_queued="A chamada está prestes a começar.",
            call_ringing="O seu telefone está a tocar.",
            call_answered="Atendeu a chamada. Por favor, prima as teclas indicadas.",
            call_reading="Estamos a dizer o código.",
            call_heard="Já ouviu o código. Por favor, introduza-o aqui.",
            call_completed="A chamada terminou.",
            call_busy="A linha estava ocupada.",
            call_no_answer="Ninguém atendeu a chamada.",
            call_failed="Não foi possível estabelecer a chamada.",
            call_machine="Atendeu um correio de voz ou uma máquina, por isso não dissemos o código.",
            text_queued="O SMS está prestes a ser enviado.",
            text_sent="O SMS foi enviado.",
            text_delivered="O SMS chegou.",
            text_undelivered="Não foi possível entregar o SMS.",
            maybe_ringing="O seu telefone pode estar a tocar. Aguarde um momento, por favor.",
            not_reached="Não conseguimos contactar este telefone.",
            try_text="Pode tentar por SMS.",
            try_call="Pode tentar por chamada.",
            opted_out=(
                "Este número pediu para não ser contactado. "
                "Para voltar a permitir, envie desse número um SMS com START para {sender}."
            ),
        ),
        errors=ErrorWords(
            heading="Há algo a corrigir",
            username_missing="Por favor, introduza o seu nome de utilizador.",
            username_too_long="Um nome de utilizador tem no máximo {limit} caracteres.",
            username_characters="O nome de utilizador contém caracteres que não são permitidos.",
            phone_missing="Por favor, introduza o seu número de telefone.",
            phone_invalid="Este não é um número de telefone válido.",
            phone_country="Não ligamos para números deste país.",
            channel_missing="Por favor, escolha como podemos entrar em contacto consigo.",
            code_missing="Por favor, introduza o código.",
            code_characters="O código contém apenas dígitos.",
            code_length="O código tem {length} dígitos.",
            form_expired="Esta página esteve aberta demasiado tempo. Por favor, tente novamente.",
            too_many="Houve demasiados pedidos. Por favor, tente novamente mais tarde.",
            not_found="Esta página não existe.",
            went_wrong="Algo correu mal do nosso lado. Se nos escrever, mencione {error_id}, por favor.",
        ),
    ),
)
