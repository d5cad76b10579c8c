"""Portuguese, Portugal and Africa. Formal, without a pronoun.

The brand always follows a noun ("equipa Acme"): alone it would need an article, and nobody knows which.
"""

from ..sentences import (
    CallWords,
    CodeWords,
    EndingWords,
    ErrorWords,
    FormWords,
    MenuWords,
    OutcomeWords,
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
    decimal=",",
    purposes=purposes(
        sign_in="para iniciar sessão",
        change_billing="para alterar os seus dados de faturação",
        change_shipping_address="para alterar a sua morada de entrega",
        change_password="para alterar a sua palavra-passe",
        change_number="para alterar o seu número de telefone",
        new_number="para confirmar o seu novo número de telefone",
        payment="para um pagamento",
        neutral="que pediu",
    ),
    call=CallWords(
        announcement="Olá, esta é uma chamada automática da equipa {brand}, com o código {purpose}.",
        announcement_again="Fala de novo a equipa {brand}, com o código {purpose}.",
        press_keys="Para o ouvir, prima estas três teclas: {keys}",
        press_again="Para o ouvir, prima {keys}",
        press_any_key="Para ouvir o código, prima qualquer tecla.",
        wrong_keys="Essas não eram as teclas certas.",
        did_not_ask="Se não pediu esta chamada, prima {keys}",
        tell_no_one="Não diga este código a ninguém, nem a nós.",
        payment="Pagamento de {amount} a {payee}",
        code="O seu código é: {code}",
        once_more="Mais uma vez: {code}",
        reference="A sua referência: {reference}",
        slowly="Mais devagar:",
        character="Dígito {position} de {total}:",
        next_character="Para o seguinte, prima qualquer tecla.",
        last_character="Esse foi o último.",
        enter_on_screen="Introduza o código no ecrã.",
        menu=MenuWords(
            again="Para ouvir o código outra vez, prima {key}",
            slower="Para o ouvir mais devagar, prima {key}",
            one_at_a_time="Para o ouvir um dígito de cada vez, prima {key}",
            text="Para o receber por SMS, prima {key}",
            report="Se não pediu o código, prima {key}",
            never="Para não receber mais chamadas nem SMS nossos, prima {key}",
        ),
        text_refused="De momento não podemos enviar um SMS.",
        confirm_report="Para confirmar que não pediu esta chamada, prima asterisco.",
        confirm_never="Para não voltarmos a ligar nem a enviar SMS para este número, prima asterisco.",
        confirm_allow="Não ligamos nem enviamos SMS para este número. Para voltar a permitir, prima asterisco.",
        typed_announcement="Olá, esta é uma chamada automática da equipa {brand}, sobre o código {purpose}.",
        press_keys_first="Primeiro, prima estas teclas: {keys}",
        type_code="Por favor, marque o código que vê no ecrã.",
        type_incomplete="O código ficou incompleto. Por favor, marque o código que vê no ecrã.",
        type_wrong="Esse não era o código. Por favor, marque o código que vê no ecrã.",
        did_not_ask_star="Se não pediu esta chamada, prima a tecla asterisco.",
        greeting="Olá, este é o atendimento automático da equipa {brand}, que só dá códigos a quem os pede.",
        greeting_call_back="Para receber uma chamada sobre um código, prima {key}",
        greeting_permission="Para parar as nossas chamadas ou voltar a permiti-las, prima {key}",
        permission_announcement=(
            "Olá, esta é uma chamada automática da equipa {brand}. Pediu-nos que lhe ligássemos por causa das "
            "nossas chamadas."
        ),
        endings=EndingWords(
            goodbye="Agradecemos a sua atenção. Adeus.",
            nothing_pressed="Não premiu nenhuma tecla. Adeus.",
            wrong_keys="Essas não eram as teclas certas, por isso vamos terminar esta chamada. Adeus.",
            no_longer_needed=(
                "Olá, esta é uma chamada automática da equipa {brand}, sobre um código que já não é necessário. Adeus."
            ),
            reported="Agradecemos o aviso. O código foi anulado. Registámos que não o pediu. Adeus.",
            suppressed=(
                "Não voltaremos a ligar nem a enviar SMS para este número. Se mudar de ideias, envie a palavra "
                "START por SMS para o número que ligou, ou ligue-lhe. Adeus."
            ),
            lifted="Agradecemos. Podemos voltar a ligar e a enviar SMS para este número. Adeus.",
            text_sent="Vamos enviar-lhe o código por SMS. Adeus.",
            machine="Esta foi uma chamada automática da equipa {brand}, não precisa de fazer nada. Adeus.",
            sorry=(
                "Fala a equipa {brand}, e pedimos desculpa: algo correu mal do nosso lado. Por favor, tente "
                "novamente mais tarde."
            ),
            typed_approved="Agradecemos, o código está correto. Por favor, continue no ecrã. Adeus.",
            typed_wrong="Esse não era o código. O código do ecrã já não é válido. Pode recomeçar no ecrã. Adeus.",
            call_back="Se houver um código pendente para este número, ligamos-lhe agora. Adeus.",
            call_back_permission="Por favor, desligue. Ligamos-lhe de volta dentro de momentos. Adeus.",
        ),
    ),
    text=TextWords(
        code="{brand}: o seu código é {code}. É válido por {minutes} min. Não o partilhe.",
        code_under_a_minute="{brand}: o seu código é {code}. Expira em menos de um minuto. Não o partilhe.",
        code_for="{brand}: o código {purpose} é {code}. É válido por {minutes} min. Não o partilhe.",
        code_for_under_a_minute="{brand}: o código {purpose} é {code}. Expira em menos de um minuto. Não o partilhe.",
        payment="para o pagamento de {amount} a {payee}",
        help=(
            "{brand} envia códigos a quem os pede. Dúvidas: {contact}. Responda STOP para parar, START para "
            "voltar, CALL e ligamos-lhe."
        ),
        stopped="{brand}: não voltaremos a ligar nem a enviar SMS para este número. Envie START para o permitir.",
        started="{brand}: já podemos voltar a ligar e a enviar SMS para este número. Envie STOP para parar.",
        call_back="Se houver um código pendente para este número, ligamos-lhe agora.",
        reported="Agradecemos o aviso. Se havia um código pendente para este número, já não é válido.",
        number_changed=(
            "{brand}: o número de telefone da sua conta foi alterado. "
            "Se não fez esta alteração, contacte-nos de imediato."
        ),
        other=(
            "{brand}: ninguém lê as mensagens para este número. Responda HELP para ajuda ou STOP para não receber mais."
        ),
    ),
    page=PageWords(
        form=FormWords(
            title="Confirme o seu número de telefone",
            skip="Saltar para o conteúdo principal",
            username_label="Nome de utilizador",
            phone_label="Número de telefone",
            phone_hint="Com o indicativo do país, por exemplo {example}",
            number_ending="Número terminado em {digits}",
            channel_label="Como quer receber o código?",
            channel_call="Por chamada telefónica",
            channel_sms="Por SMS",
            channel_whatsapp="Por WhatsApp",
            typed_choice="Por chamada, e eu marco um código no meu telefone",
            language_label="Idioma",
            submit="Pedir um código",
            cancel="Cancelar",
        ),
        code=CodeWords(
            heading_call="Atenda o telefone",
            heading_text="Veja o seu telefone",
            heading_code="Introduza o código de {length} algarismos",
            heading_failed="Vamos tentar novamente",
            label="Código de {length} algarismos",
            hint="Não revele o código a ninguém.",
            submit="Continuar",
            typed_label="Marque este código no seu telefone",
            typed_hint="Atenda a nossa chamada e marque este código no teclado do telefone.",
            works_until="Este código é válido até às {time}",
            minutes_left="Este código é válido por mais {minutes} minutos",
            one_minute_left="Este código é válido por mais um minuto",
            under_a_minute_left="Este código é válido por menos de um minuto",
            warning="Este código expira em breve. Pode pedir um novo a qualquer momento.",
            wrong="O código está errado",
            wrong_next="Já não pode ser usado. Podemos enviar-lhe um novo.",
            checks_left="O código está errado. Tentativas restantes: {checks}",
            tries_left="Tentativas restantes: {checks}",
            latest_counts="Só é válido o código mais recente.",
            expired="O código expirou",
            canceled="Este código já não é válido",
            begin_again="Pedir um novo código",
            change="Usar outro número",
            change_number="Alterar",
            change_username="Usar outro nome de utilizador",
            no_code="Não recebeu o código?",
            have_code="Tenho um código",
            call_again="Ligar outra vez",
            text_again="Enviar o SMS outra vez",
            text_instead="Prefiro um SMS",
            call_instead="Prefiro uma chamada",
            whatsapp_again="Enviar outra vez por WhatsApp",
            whatsapp_instead="Prefiro uma mensagem no WhatsApp",
            resend_seconds="Poderá pedir novamente dentro de {seconds} segundos.",
            resend_minutes="Poderá pedir novamente dentro de {minutes} minutos.",
            wait_seconds="Aguarde {seconds} segundos antes de tentar novamente.",
            wait_minutes="Aguarde {minutes} minutos antes de tentar novamente.",
            refresh="Atualizar esta página",
            reference="Referência: {reference}",
            welcome="Damos-lhe as boas-vindas, {username}",
            welcome_next="O seu telefone está confirmado.",
            welcome_onward="Continuar",
            welcome_close="Pode fechar esta página.",
            another="Confirmar outro número",
        ),
        progress=ProgressWords(
            calling_if_known=(
                "Se este nome de utilizador estiver registado, estamos agora a ligar para o número terminado em "
                "{digits}."
            ),
            texting_if_known=(
                "Se este nome de utilizador estiver registado, estamos agora a enviar um SMS para o número terminado "
                "em {digits}."
            ),
            whatsapp_if_known=(
                "Se este nome de utilizador estiver registado, estamos agora a enviar uma mensagem no WhatsApp para "
                "o número terminado em {digits}."
            ),
            call_queued="A chamada está prestes a começar.",
            call_ringing="O seu telefone está a tocar.",
            call_answered="Atendeu a chamada. Por favor, prima as teclas indicadas.",
            call_answered_typed="Atendeu a chamada. Prima as teclas indicadas e depois marque o código abaixo.",
            call_reading="Estamos a ditar o código.",
            call_heard="Já ouviu o código. Por favor, introduza-o aqui.",
            call_completed="A chamada terminou.",
            call_busy="A linha estava ocupada.",
            call_no_answer="Ninguém atendeu a chamada.",
            call_failed="Não foi possível estabelecer a chamada.",
            call_machine="Atendeu um correio de voz ou um atendedor de chamadas, por isso não ditámos o código.",
            call_no_keys=(
                "A chamada terminou antes de ditarmos o código: não foi premida nenhuma tecla. Era o correio de voz?"
            ),
            call_wrong_keys="A chamada terminou antes de ditarmos o código: não eram as teclas certas.",
            call_not_typed="A chamada terminou antes de ser marcado um código. Era o correio de voz?",
            text_queued="O SMS está prestes a ser enviado.",
            text_sent="O SMS foi enviado.",
            text_delivered="O SMS chegou.",
            text_undelivered="Não foi possível entregar o SMS.",
            text_landline="Este telefone não pode receber SMS.",
            whatsapp_queued="A mensagem do WhatsApp está prestes a ser enviada.",
            whatsapp_sent="A mensagem do WhatsApp foi enviada.",
            whatsapp_delivered="A mensagem do WhatsApp chegou.",
            whatsapp_undelivered="Não foi possível entregar a mensagem do WhatsApp.",
            maybe_ringing="O seu telefone pode estar a tocar. Aguarde um momento, por favor.",
            not_reached="Não conseguimos contactar este telefone",
            try_text="Pode tentar por SMS.",
            try_call="Pode tentar por chamada.",
            try_whatsapp="Pode tentar por WhatsApp.",
            opted_out=(
                "As nossas chamadas e mensagens para este número foram bloqueadas a pedido. Para as voltar a "
                "permitir, envie deste número um SMS com START para {sender} ou ligue-nos para esse número."
            ),
        ),
        errors=ErrorWords(
            title="Erro: {title}",
            heading="Há um problema",
            username_missing="Por favor, introduza o seu nome de utilizador.",
            username_too_long="Um nome de utilizador tem no máximo {limit} caracteres.",
            username_characters="Use letras e algarismos de um só alfabeto.",
            phone_missing="Por favor, introduza o seu número de telefone.",
            phone_invalid="Introduza um número de telefone com o indicativo do país, como {example}",
            phone_country="Não enviamos códigos para números deste país.",
            phone_countries="Só podemos contactar números de: {countries}",
            phone_kind="Não enviamos códigos para números deste tipo.",
            channel_missing="Por favor, escolha como quer receber o código.",
            code_missing="Por favor, introduza o código.",
            code_characters="O código contém apenas algarismos.",
            code_length="O código tem {length} algarismos. Verifique-o e tente novamente.",
            form_expired="Esta página esteve aberta demasiado tempo. Por favor, tente novamente.",
            too_many="Demasiados pedidos. Por favor, tente novamente mais tarde.",
            not_found="Página não encontrada",
            start_again="Começar de novo",
            went_wrong="Algo correu mal do nosso lado. Se nos escrever, indique {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Anulámos este código",
            reported=(
                "A pessoa que atendeu o telefone disse-nos que não tinha pedido este código. Para sua segurança, não "
                "contactaremos este número durante {minutes} minutos."
            ),
            suppressed_heading="Não contactamos este número",
        ),
    ),
)
