"""Portuguese, Brazil. Polite (você).

The brand always follows a noun ("equipe Acme"): alone it would need an article, and nobody knows which.
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
    tag="pt-BR",
    native_name="Português (Brasil)",
    html_language="pt-BR",
    voice="Polly.Camila-Neural",
    language="pt-BR",
    decimal=",",
    purposes=purposes(
        sign_in="para entrar na sua conta",
        change_billing="para alterar seus dados de cobrança",
        change_shipping_address="para alterar seu endereço de entrega",
        change_password="para alterar sua senha",
        change_number="para alterar seu número de telefone",
        new_number="para confirmar seu novo número de telefone",
        payment="para um pagamento",
        neutral="que você pediu",
    ),
    call=CallWords(
        announcement="Olá, esta é uma ligação automática da equipe {brand}, com o código {purpose}.",
        announcement_again="De novo a equipe {brand}, com o código {purpose}.",
        press_keys="Para ouvir, digite estas três teclas: {keys}",
        press_again="Para ouvir, digite {keys}",
        press_any_key="Para ouvir o código, aperte qualquer tecla.",
        wrong_keys="Essas não eram as teclas certas.",
        did_not_ask="Se você não pediu esta ligação, digite {keys}",
        tell_no_one="Não diga este código a ninguém, nem a nós.",
        payment="Pagamento de {amount} para {payee}",
        code="Seu código é: {code}",
        once_more="Mais uma vez: {code}",
        reference="Seu número de protocolo: {reference}",
        slowly="Mais devagar:",
        character="Dígito {position} de {total}:",
        next_character="Para o próximo, aperte qualquer tecla.",
        last_character="Esse foi o último.",
        enter_on_screen="Digite o código na tela.",
        menu=MenuWords(
            again="Para ouvir o código de novo, digite {key}",
            slower="Para ouvir mais devagar, digite {key}",
            one_at_a_time="Para ouvir um dígito por vez, digite {key}",
            text="Para receber por SMS, digite {key}",
            report="Se você não pediu o código, digite {key}",
            never="Para não receber mais ligações nem SMS nossos, digite {key}",
        ),
        text_refused="No momento não podemos enviar um SMS.",
        confirm_report="Para confirmar que você não pediu esta ligação, aperte asterisco.",
        confirm_never="Para não ligarmos nem enviarmos mais SMS para este número, aperte asterisco.",
        confirm_allow="Não ligamos nem enviamos SMS para este número. Para voltar a permitir, aperte asterisco.",
        typed_announcement="Olá, esta é uma ligação automática da equipe {brand}, sobre o código {purpose}.",
        press_keys_first="Primeiro, digite estas teclas: {keys}",
        type_code="Por favor, digite o código que aparece na tela.",
        type_incomplete="O código ficou incompleto. Por favor, digite o código que aparece na tela.",
        type_wrong="Esse não era o código. Por favor, digite o código que aparece na tela.",
        did_not_ask_star="Se você não pediu esta ligação, aperte a tecla asterisco.",
        greeting="Olá, este é o atendimento automático da equipe {brand}, que só fornece códigos a quem pede.",
        greeting_call_back="Para receber uma ligação sobre um código, digite {key}",
        greeting_permission="Para parar nossas ligações ou voltar a permiti-las, digite {key}",
        permission_announcement=(
            "Olá, esta é uma ligação automática da equipe {brand}. Você pediu um retorno sobre as nossas ligações."
        ),
        endings=EndingWords(
            goodbye="Agradecemos sua atenção. Até logo.",
            nothing_pressed="Nenhuma tecla foi apertada. Até logo.",
            wrong_keys="Essas não eram as teclas certas, então vamos encerrar esta ligação. Até logo.",
            no_longer_needed=(
                "Olá, esta é uma ligação automática da equipe {brand}, sobre um código que não é mais "
                "necessário. Até logo."
            ),
            reported="Agradecemos o aviso. O código foi cancelado. Registramos que você não o pediu. Até logo.",
            suppressed=(
                "Não vamos mais ligar nem enviar SMS para este número. Se mudar de ideia, envie a palavra START "
                "por SMS para o número que ligou, ou ligue para ele. Até logo."
            ),
            lifted="Agradecemos. Podemos voltar a ligar e a enviar SMS para este número. Até logo.",
            text_sent="Estamos enviando o código por SMS. Até logo.",
            machine="Esta foi uma ligação automática da equipe {brand}, não é preciso fazer nada. Até logo.",
            sorry=(
                "Aqui é a equipe {brand}, e pedimos desculpas: algo deu errado do nosso lado. Por favor, tente "
                "de novo mais tarde."
            ),
            typed_approved="Tudo certo, o código confere. Por favor, continue na tela. Até logo.",
            typed_wrong="Esse não era o código. O código da tela não vale mais. Você pode recomeçar na tela. Até logo.",
            call_back="Se houver um código pendente para este número, vamos ligar agora. Até logo.",
            call_back_permission="Por favor, desligue. Vamos ligar de volta em instantes. Até logo.",
        ),
    ),
    text=TextWords(
        code="{brand}: seu código é {code}. Ele expira em {minutes} min. Não compartilhe com ninguém.",
        code_under_a_minute="{brand}: seu código é {code}. Ele expira em menos de um minuto. Não compartilhe.",
        code_for="{brand}: o código {purpose} é {code}. Ele expira em {minutes} min. Não compartilhe.",
        code_for_under_a_minute=(
            "{brand}: o código {purpose} é {code}. Ele expira em menos de um minuto. Não compartilhe."
        ),
        payment="para o pagamento de {amount} a {payee}",
        help=(
            "{brand} envia códigos a quem pede. Dúvidas: {contact}. Responda STOP para parar, START para "
            "voltar, CALL e ligamos para você."
        ),
        stopped="{brand}: não vamos mais ligar nem enviar SMS para este número. Envie START para permitir.",
        started="{brand}: podemos voltar a ligar e a enviar SMS para este número. Envie STOP para parar.",
        call_back="Se houver um código pendente para este número, vamos ligar agora.",
        reported="Agradecemos o aviso. Se havia um código pendente para este número, ele não vale mais.",
        number_changed=(
            "{brand}: o número de telefone da sua conta foi alterado. Se não foi você, fale conosco imediatamente."
        ),
        other=(
            "{brand}: ninguém lê as mensagens para este número. Responda HELP para ajuda ou STOP para não receber mais."
        ),
    ),
    page=PageWords(
        form=FormWords(
            title="Confirme seu número de telefone",
            skip="Ir para o conteúdo principal",
            username_label="Nome de usuário",
            phone_label="Número de telefone",
            phone_hint="Com o código do país, por exemplo {example}",
            number_ending="Número terminado em {digits}",
            channel_label="Como você quer receber o código?",
            channel_call="Por ligação",
            channel_sms="Por SMS",
            channel_whatsapp="Por WhatsApp",
            typed_choice="Por ligação, e eu digito um código no meu telefone",
            language_label="Idioma",
            submit="Pedir um código",
            cancel="Cancelar",
        ),
        code=CodeWords(
            heading_call="Atenda o telefone",
            heading_text="Confira seu telefone",
            heading_code="Digite o código de {length} dígitos",
            heading_failed="Vamos tentar de novo",
            label="Código de {length} dígitos",
            hint="Não informe o código a ninguém.",
            submit="Continuar",
            typed_label="Digite este código no seu telefone",
            typed_hint="Atenda nossa ligação e digite este código no teclado do telefone.",
            works_until="Este código vale até {time}",
            minutes_left="Este código vale por mais {minutes} minutos",
            one_minute_left="Este código vale por mais um minuto",
            under_a_minute_left="Este código vale por menos de um minuto",
            warning="Este código expira em breve. Você pode pedir um novo a qualquer momento.",
            wrong="Código incorreto",
            wrong_next="Ele não pode mais ser usado. Podemos enviar um novo.",
            checks_left="Código incorreto. Tentativas restantes: {checks}",
            tries_left="Tentativas restantes: {checks}",
            latest_counts="Só vale o código mais recente.",
            expired="O código expirou",
            canceled="Este código não é mais válido",
            begin_again="Pedir um novo código",
            change="Usar outro número",
            change_number="Alterar",
            change_username="Usar outro nome de usuário",
            no_code="Não recebeu o código?",
            have_code="Tenho um código",
            call_again="Ligar de novo",
            text_again="Enviar o SMS de novo",
            text_instead="Prefiro um SMS",
            call_instead="Prefiro uma ligação",
            whatsapp_again="Enviar de novo por WhatsApp",
            whatsapp_instead="Prefiro uma mensagem no WhatsApp",
            resend_seconds="Você pode pedir de novo em {seconds} segundos.",
            resend_minutes="Você pode pedir de novo em {minutes} minutos.",
            wait_seconds="Aguarde {seconds} segundos antes de tentar de novo.",
            wait_minutes="Aguarde {minutes} minutos antes de tentar de novo.",
            refresh="Atualizar esta página",
            reference="Número de protocolo: {reference}",
            welcome="Boas-vindas, {username}",
            welcome_next="Seu telefone está confirmado.",
            welcome_onward="Continuar",
            welcome_close="Você pode fechar esta página.",
            another="Confirmar outro número",
        ),
        progress=ProgressWords(
            calling_if_known=(
                "Se este nome de usuário estiver cadastrado, estamos ligando agora para o número terminado em {digits}."
            ),
            texting_if_known=(
                "Se este nome de usuário estiver cadastrado, estamos enviando agora um SMS para o número terminado em "
                "{digits}."
            ),
            whatsapp_if_known=(
                "Se este nome de usuário estiver cadastrado, estamos enviando agora uma mensagem no WhatsApp para o "
                "número terminado em {digits}."
            ),
            call_queued="A ligação vai começar em instantes.",
            call_ringing="Seu telefone está tocando.",
            call_answered="Você atendeu. Por favor, aperte as teclas indicadas.",
            call_answered_typed="Você atendeu. Aperte as teclas indicadas e depois digite o código abaixo.",
            call_reading="Estamos ditando o código.",
            call_heard="Você ouviu o código. Por favor, digite-o aqui.",
            call_completed="A ligação terminou.",
            call_busy="A linha estava ocupada.",
            call_no_answer="Ninguém atendeu a ligação.",
            call_failed="Não foi possível completar a ligação.",
            call_machine="Uma caixa postal ou secretária eletrônica atendeu, por isso não ditamos o código.",
            call_no_keys=(
                "A ligação terminou antes de ditarmos o código: nenhuma tecla foi apertada. Era a caixa postal?"
            ),
            call_wrong_keys="A ligação terminou antes de ditarmos o código: não eram as teclas certas.",
            call_not_typed="A ligação terminou antes que um código fosse digitado. Era a caixa postal?",
            text_queued="O SMS vai ser enviado em instantes.",
            text_sent="O SMS foi enviado.",
            text_delivered="O SMS chegou.",
            text_undelivered="Não foi possível entregar o SMS.",
            text_landline="Este telefone não pode receber SMS.",
            whatsapp_queued="A mensagem do WhatsApp vai ser enviada em instantes.",
            whatsapp_sent="A mensagem do WhatsApp foi enviada.",
            whatsapp_delivered="A mensagem do WhatsApp chegou.",
            whatsapp_undelivered="Não foi possível entregar a mensagem do WhatsApp.",
            maybe_ringing="Seu telefone pode estar tocando. Aguarde um momento, por favor.",
            not_reached="Não conseguimos contato com este telefone",
            try_text="Você pode tentar por SMS.",
            try_call="Você pode tentar por ligação.",
            try_whatsapp="Você pode tentar por WhatsApp.",
            opted_out=(
                "Nossas ligações e mensagens para este número foram bloqueadas a pedido. Para voltar a permitir, "
                "envie deste número um SMS com START para {sender} ou ligue para nós nesse número."
            ),
        ),
        errors=ErrorWords(
            title="Erro: {title}",
            heading="Há um problema",
            username_missing="Por favor, informe seu nome de usuário.",
            username_too_long="Um nome de usuário tem no máximo {limit} caracteres.",
            username_characters="Use letras e números de um só alfabeto.",
            phone_missing="Por favor, informe seu número de telefone.",
            phone_invalid="Informe um número de telefone com o código do país, como {example}",
            phone_country="Não enviamos códigos para números deste país.",
            phone_countries="Só podemos contatar números de: {countries}",
            phone_kind="Não enviamos códigos para números deste tipo.",
            channel_missing="Por favor, escolha como quer receber o código.",
            code_missing="Por favor, digite o código.",
            code_characters="O código contém somente números.",
            code_length="O código tem {length} dígitos. Confira e tente de novo.",
            form_expired="Esta página ficou aberta por tempo demais. Por favor, tente de novo.",
            too_many="Muitas tentativas. Por favor, tente de novo mais tarde.",
            not_found="Página não encontrada",
            start_again="Começar de novo",
            went_wrong="Algo deu errado do nosso lado. Se escrever para nós, informe {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Cancelamos este código",
            reported=(
                "A pessoa que atendeu o telefone nos disse que não pediu este código. Para sua segurança, não vamos "
                "contatar este número por {minutes} minutos."
            ),
            suppressed_heading="Não contatamos este número",
        ),
    ),
)
