"""Spanish, Spain. Formal (usted)."""

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
    tag="es-ES",
    native_name="Español (España)",
    html_language="es-ES",
    voice="Polly.Lucia-Neural",
    language="es-ES",
    decimal=",",
    purposes=purposes(
        sign_in="para iniciar sesión",
        change_billing="para cambiar sus datos de facturación",
        change_shipping_address="para cambiar su dirección de envío",
        change_password="para cambiar su contraseña",
        change_number="para cambiar su número de teléfono",
        new_number="para confirmar su nuevo número de teléfono",
        payment="para un pago",
        neutral="que ha solicitado",
    ),
    call=CallWords(
        announcement="Hola, esta es una llamada automática de {brand} con el código {purpose}.",
        announcement_again="Le habla de nuevo {brand}, con el código {purpose}.",
        press_keys="Para escucharlo, pulse estas tres teclas: {keys}",
        press_again="Para escucharlo, pulse {keys}",
        press_any_key="Para escuchar el código, pulse cualquier tecla.",
        wrong_keys="Esas no son las teclas correctas.",
        did_not_ask="Si no ha solicitado esta llamada, pulse {keys}",
        tell_no_one="No diga este código a nadie, ni a nosotros.",
        payment="Pago de {amount} a {payee}",
        code="Su código es: {code}",
        once_more="Una vez más: {code}",
        reference="Su número de referencia: {reference}",
        slowly="Ahora, más despacio:",
        character="Dígito {position} de {total}:",
        next_character="Para el siguiente, pulse cualquier tecla.",
        last_character="Ese era el último.",
        enter_on_screen="Introduzca el código en la pantalla.",
        menu=MenuWords(
            again="Para escuchar el código otra vez, pulse {key}",
            slower="Para oírlo más despacio, pulse {key}",
            one_at_a_time="Para oírlo dígito a dígito, pulse {key}",
            text="Para recibirlo por SMS, pulse {key}",
            report="Si no ha solicitado el código, pulse {key}",
            never="Para no recibir más llamadas ni SMS nuestros, pulse {key}",
        ),
        text_refused="En este momento no podemos enviar un SMS.",
        confirm_report="Para confirmar que no ha solicitado esta llamada, pulse asterisco.",
        confirm_never="Para que no volvamos a llamar ni a enviar SMS a este número, pulse asterisco.",
        confirm_allow="No llamamos ni enviamos SMS a este número. Para permitirlo de nuevo, pulse asterisco.",
        typed_announcement="Hola, esta es una llamada automática de {brand} sobre el código {purpose}.",
        press_keys_first="Primero, pulse estas teclas: {keys}",
        type_code="Por favor, teclee el código que ve en la pantalla.",
        type_incomplete="El código está incompleto. Por favor, teclee el código que ve en la pantalla.",
        type_wrong="Ese no era el código. Por favor, teclee el código que ve en la pantalla.",
        did_not_ask_star="Si no ha solicitado esta llamada, pulse asterisco.",
        greeting=(
            "Hola, este es el servicio telefónico automático de {brand}, que solo da códigos a quienes los solicitan."
        ),
        greeting_call_back="Para recibir una llamada sobre un código, pulse {key}",
        greeting_permission="Para detener nuestras llamadas o permitirlas de nuevo, pulse {key}",
        permission_announcement=(
            "Hola, esta es una llamada automática de {brand}. Nos ha pedido que le llamemos para decidir sobre "
            "nuestras llamadas."
        ),
        endings=EndingWords(
            goodbye="Gracias. Adiós.",
            nothing_pressed="No ha pulsado ninguna tecla. Adiós.",
            wrong_keys="Esas no eran las teclas correctas, así que finalizamos esta llamada. Adiós.",
            no_longer_needed=(
                "Hola, esta es una llamada automática de {brand} sobre un código que ya no hace falta. Adiós."
            ),
            reported="Gracias. El código ha quedado anulado. Hemos anotado que no lo ha solicitado. Adiós.",
            suppressed=(
                "No volveremos a llamar ni a enviar SMS a este número. Si cambia de opinión, envíe la palabra "
                "START por SMS al número que le ha llamado, o llámelo. Adiós."
            ),
            lifted="Gracias. Podemos volver a llamar y a enviar SMS a este número. Adiós.",
            text_sent="Le enviamos el código por SMS. Adiós.",
            machine="Esta ha sido una llamada automática de {brand}, no tiene que hacer nada. Adiós.",
            sorry=(
                "Le habla {brand}: lo sentimos, algo ha fallado por nuestra parte. Por favor, inténtelo de nuevo "
                "más tarde."
            ),
            typed_approved="Gracias, el código es correcto. Por favor, continúe en la pantalla. Adiós.",
            typed_wrong=(
                "Ese no era el código. El código de la pantalla ya no sirve. Puede empezar de nuevo en la "
                "pantalla. Adiós."
            ),
            call_back="Si hay un código pendiente para este número, le llamamos ahora mismo. Adiós.",
            call_back_permission="Por favor, cuelgue. Le llamaremos enseguida. Adiós.",
        ),
    ),
    text=TextWords(
        code="{brand}: su código es {code}. Caduca en {minutes} min. No lo comparta.",
        code_under_a_minute="{brand}: su código es {code}. Caduca en menos de un minuto. No lo comparta.",
        code_for="{brand}: el código {purpose} es {code}. Caduca en {minutes} min. No lo comparta.",
        code_for_under_a_minute="{brand}: el código {purpose} es {code}. Caduca en menos de un minuto. No lo comparta.",
        payment="para el pago de {amount} a {payee}",
        help=(
            "{brand} envía códigos a quien los pide. Dudas: {contact}. Envíe STOP para no recibir más, START "
            "para volver, CALL y le llamamos."
        ),
        stopped="{brand}: no volveremos a llamar ni a enviar SMS a este número. Envíe START para permitirlo.",
        started="{brand}: ya podemos llamar y enviar SMS de nuevo a este número. Envíe STOP para impedirlo.",
        call_back="Si hay un código pendiente para este número, le llamamos ahora mismo.",
        reported="Gracias. Si había un código pendiente para este número, ya no es válido.",
        number_changed=(
            "{brand}: se ha cambiado el número de teléfono de su cuenta. Si no ha sido usted, avísenos de inmediato."
        ),
        other="{brand}: nadie lee los SMS a este número. Responda HELP para recibir ayuda o STOP para no recibir más.",
    ),
    page=PageWords(
        form=FormWords(
            title="Confirme su número de teléfono",
            skip="Saltar al contenido principal",
            username_label="Nombre de usuario",
            phone_label="Número de teléfono",
            phone_hint="Con el prefijo del país, por ejemplo {example}",
            number_ending="Número terminado en {digits}",
            channel_label="¿Cómo quiere recibir el código?",
            channel_call="Por llamada",
            channel_sms="Por SMS",
            channel_whatsapp="Por WhatsApp",
            typed_choice="Por llamada, y yo tecleo un código en mi teléfono",
            language_label="Idioma",
            submit="Solicitar un código",
            cancel="Cancelar",
        ),
        code=CodeWords(
            heading_call="Responda al teléfono",
            heading_text="Mire su teléfono",
            heading_code="Introduzca el código de {length} dígitos",
            heading_failed="Probemos otra vez",
            label="Código de {length} dígitos",
            hint="No se lo diga a nadie.",
            submit="Continuar",
            typed_label="Teclee este código en su teléfono",
            typed_hint="Responda a nuestra llamada y teclee este código en su teléfono.",
            works_until="Este código sirve hasta las {time}",
            minutes_left="Este código sirve durante {minutes} minutos más",
            one_minute_left="Este código sirve durante un minuto más",
            under_a_minute_left="Este código sirve durante menos de un minuto",
            warning="Este código caducará pronto. Puede solicitar uno nuevo en cualquier momento.",
            wrong="El código no es correcto",
            wrong_next="Ya no se puede volver a probar. Podemos enviarle uno nuevo.",
            checks_left="El código no es correcto. Intentos restantes: {checks}",
            tries_left="Intentos restantes: {checks}",
            latest_counts="Solo es válido el código más reciente.",
            expired="El código ha caducado",
            canceled="Este código ya no es válido",
            begin_again="Solicitar un código nuevo",
            change="Usar otro número",
            change_number="Cambiar",
            change_username="Usar otro nombre de usuario",
            no_code="¿No ha recibido el código?",
            have_code="Tengo un código",
            call_again="Llamarme otra vez",
            text_again="Enviar otra vez el SMS",
            text_instead="Prefiero un SMS",
            call_instead="Prefiero una llamada",
            whatsapp_again="Enviar otra vez el WhatsApp",
            whatsapp_instead="Prefiero un WhatsApp",
            resend_seconds="Podrá pedirlo otra vez dentro de {seconds} segundos.",
            resend_minutes="Podrá pedirlo otra vez dentro de {minutes} minutos.",
            wait_seconds="Por favor, espere {seconds} segundos antes de volver a intentarlo.",
            wait_minutes="Por favor, espere {minutes} minutos antes de volver a intentarlo.",
            refresh="Actualizar esta página",
            reference="Número de referencia: {reference}",
            welcome="Le damos la bienvenida, {username}",
            welcome_next="Su teléfono está confirmado.",
            welcome_onward="Continuar",
            welcome_close="Puede cerrar esta página.",
            another="Confirmar otro número",
        ),
        progress=ProgressWords(
            calling_if_known=(
                "Si este nombre de usuario está registrado, estamos llamando al número terminado en {digits}."
            ),
            texting_if_known=(
                "Si este nombre de usuario está registrado, estamos enviando un SMS al número terminado en {digits}."
            ),
            whatsapp_if_known=(
                "Si este nombre de usuario está registrado, estamos enviando un mensaje de WhatsApp al número "
                "terminado en {digits}."
            ),
            call_queued="La llamada está a punto de empezar.",
            call_ringing="Su teléfono está sonando.",
            call_answered="Ha respondido a la llamada. Por favor, pulse las teclas indicadas.",
            call_answered_typed=(
                "Ha respondido a la llamada. Pulse las teclas indicadas y, después, teclee el código de abajo."
            ),
            call_reading="Le estamos dictando el código.",
            call_heard="Ya ha escuchado el código. Por favor, introdúzcalo aquí.",
            call_completed="La llamada ha terminado.",
            call_busy="La línea estaba ocupada.",
            call_no_answer="Nadie ha respondido a la llamada.",
            call_failed="No se ha podido establecer la llamada.",
            call_machine="Ha respondido un buzón de voz o un contestador, así que no hemos dictado el código.",
            call_no_keys=(
                "La llamada terminó antes de que dictáramos el código: no se pulsó ninguna tecla. ¿Era el buzón de voz?"
            ),
            call_wrong_keys="La llamada terminó antes de que dictáramos el código: no eran las teclas correctas.",
            call_not_typed="La llamada terminó antes de que se tecleara un código. ¿Era el buzón de voz?",
            text_queued="El SMS está a punto de enviarse.",
            text_sent="El SMS se ha enviado.",
            text_delivered="El SMS ha llegado.",
            text_undelivered="No se ha podido entregar el SMS.",
            text_landline="Este teléfono no puede recibir SMS.",
            whatsapp_queued="El mensaje de WhatsApp está a punto de enviarse.",
            whatsapp_sent="El mensaje de WhatsApp se ha enviado.",
            whatsapp_delivered="El mensaje de WhatsApp ha llegado.",
            whatsapp_undelivered="No se ha podido entregar el mensaje de WhatsApp.",
            maybe_ringing="Es posible que su teléfono esté sonando. Por favor, espere un momento.",
            not_reached="No hemos podido contactar con este teléfono",
            try_text="Puede probar con un SMS.",
            try_call="Puede probar con una llamada.",
            try_whatsapp="Puede probar con WhatsApp.",
            opted_out=(
                "Se ha pedido que no llamemos ni enviemos SMS a este número. Para volver a permitirlo, envíe desde él "
                "un SMS con START al {sender}, o llámenos a ese número."
            ),
        ),
        errors=ErrorWords(
            title="Error: {title}",
            heading="Hay un problema",
            username_missing="Por favor, introduzca su nombre de usuario.",
            username_too_long="El nombre de usuario tiene como máximo {limit} caracteres.",
            username_characters="Use letras y números de un solo alfabeto.",
            phone_missing="Por favor, introduzca su número de teléfono.",
            phone_invalid="Introduzca un número de teléfono con el prefijo del país, como {example}",
            phone_country="No enviamos códigos a números de este país.",
            phone_countries="Solo podemos contactar con números de: {countries}",
            phone_kind="No enviamos códigos a números de este tipo.",
            channel_missing="Por favor, elija cómo quiere recibir el código.",
            code_missing="Por favor, introduzca el código.",
            code_characters="El código solo contiene números.",
            code_length="El código tiene {length} dígitos. Revíselo e inténtelo de nuevo.",
            form_expired="Esta página ha estado abierta demasiado tiempo. Por favor, inténtelo de nuevo.",
            too_many="Demasiadas solicitudes. Por favor, inténtelo de nuevo más tarde.",
            not_found="No se ha encontrado la página",
            start_again="Volver a empezar",
            went_wrong="Algo ha fallado por nuestra parte. Si nos escribe, indique {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Hemos anulado este código",
            reported=(
                "La persona que contestó al teléfono nos dijo que no había solicitado este código. Por su seguridad, "
                "no contactaremos con este número durante {minutes} minutos."
            ),
            suppressed_heading="No contactamos con este número",
        ),
    ),
)
