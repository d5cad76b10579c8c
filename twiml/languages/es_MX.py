"""Spanish, Mexico and the rest of Latin America. Formal (usted)."""

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
    tag="es-MX",
    native_name="Español (Latinoamérica)",
    html_language="es-MX",
    voice="Polly.Mia-Neural",
    language="es-MX",
    purposes=purposes(
        sign_in="para iniciar sesión",
        change_billing="para cambiar sus datos de facturación",
        change_shipping_address="para cambiar su dirección de envío",
        change_password="para cambiar su contraseña",
        change_number="para cambiar su número de teléfono",
        new_number="para confirmar su nuevo número de teléfono",
        payment="para un pago",
        neutral="que usted solicitó",
    ),
    call=CallWords(
        announcement="Hola, esta es una llamada automática de {brand} con el código {purpose}.",
        announcement_again="Le habla de nuevo {brand}, con el código {purpose}.",
        press_keys="Para escucharlo, marque estas tres teclas: {keys}",
        press_again="Para escucharlo, marque {keys}",
        press_any_key="Para escuchar el código, presione cualquier tecla.",
        wrong_keys="Esas no son las teclas correctas.",
        did_not_ask="Si usted no solicitó esta llamada, marque {keys}",
        tell_no_one="No le diga este código a nadie, ni a nosotros.",
        payment="Pago de {amount} a {payee}",
        code="Su código es: {code}",
        once_more="Una vez más: {code}",
        reference="Su número de referencia: {reference}",
        slowly="Ahora, más despacio:",
        character="Dígito {position} de {total}:",
        next_character="Para el siguiente, presione cualquier tecla.",
        last_character="Ese fue el último.",
        enter_on_screen="Ingrese el código en la pantalla.",
        menu=MenuWords(
            again="Para escuchar el código otra vez, marque {key}",
            slower="Para oírlo más despacio, marque {key}",
            one_at_a_time="Para oírlo un dígito a la vez, marque {key}",
            text="Para recibirlo por mensaje de texto, marque {key}",
            report="Si usted no solicitó el código, marque {key}",
            never="Para no recibir más llamadas ni mensajes nuestros, marque {key}",
        ),
        text_refused="En este momento no podemos enviar un mensaje de texto.",
        confirm_report="Para confirmar que usted no solicitó esta llamada, presione asterisco.",
        confirm_never="Para que no volvamos a llamar ni a enviar mensajes a este número, presione asterisco.",
        confirm_allow="No llamamos ni enviamos mensajes a este número. Para permitirlo de nuevo, presione asterisco.",
        typed_announcement="Hola, esta es una llamada automática de {brand} sobre el código {purpose}.",
        press_keys_first="Primero, marque estas teclas: {keys}",
        type_code="Por favor, marque el código que ve en la pantalla.",
        type_incomplete="El código está incompleto. Por favor, marque el código que ve en la pantalla.",
        type_wrong="Ese no era el código. Por favor, marque el código que ve en la pantalla.",
        did_not_ask_star="Si usted no solicitó esta llamada, presione asterisco.",
        greeting=(
            "Hola, este es el servicio telefónico automático de {brand}, que solo da códigos a quienes los solicitan."
        ),
        greeting_call_back="Para recibir una llamada sobre un código, marque {key}",
        greeting_permission="Para detener nuestras llamadas o permitirlas de nuevo, marque {key}",
        permission_announcement=(
            "Hola, esta es una llamada automática de {brand}. Usted nos pidió que le llamáramos para decidir "
            "sobre nuestras llamadas."
        ),
        endings=EndingWords(
            goodbye="Gracias. Hasta luego.",
            nothing_pressed="No se presionó ninguna tecla. Hasta luego.",
            wrong_keys="Esas no eran las teclas correctas, así que terminamos esta llamada. Hasta luego.",
            no_longer_needed=(
                "Hola, esta es una llamada automática de {brand} sobre un código que ya no es necesario. Hasta luego."
            ),
            reported="Gracias. El código quedó anulado. Registramos que usted no lo solicitó. Hasta luego.",
            suppressed=(
                "No volveremos a llamar ni a enviar mensajes a este número. Si cambia de opinión, envíe la "
                "palabra START por mensaje de texto al número que le llamó, o llámelo. Hasta luego."
            ),
            lifted="Gracias. Podemos volver a llamar y a enviar mensajes a este número. Hasta luego.",
            text_sent="Le enviamos el código por mensaje de texto. Hasta luego.",
            machine="Esta fue una llamada automática de {brand}, no es necesario hacer nada. Hasta luego.",
            sorry=(
                "Le habla {brand}: lo sentimos, algo falló de nuestra parte. Por favor, intente de nuevo más tarde."
            ),
            typed_approved="Gracias, el código es correcto. Por favor, continúe en la pantalla. Hasta luego.",
            typed_wrong=(
                "Ese no era el código. El código de la pantalla ya no sirve. Puede empezar de nuevo en la "
                "pantalla. Hasta luego."
            ),
            call_back="Si hay un código pendiente para este número, le llamamos ahora mismo. Hasta luego.",
            call_back_permission="Por favor, cuelgue. Le llamaremos enseguida. Hasta luego.",
        ),
    ),
    text=TextWords(
        code="{brand}: su código es {code}. Vence en {minutes} min. No lo comparta.",
        code_under_a_minute="{brand}: su código es {code}. Vence en menos de un minuto. No lo comparta.",
        code_for="{brand}: el código {purpose} es {code}. Vence en {minutes} min. No lo comparta.",
        code_for_under_a_minute="{brand}: el código {purpose} es {code}. Vence en menos de un minuto. No lo comparta.",
        payment="para el pago de {amount} a {payee}",
        help=(
            "{brand} envía códigos a quien los pide. Dudas: {contact}. Envíe STOP para no recibir más, START "
            "para volver, CALL y le llamamos."
        ),
        stopped="{brand}: no volveremos a llamar ni a escribir a este número. Envíe START para permitirlo.",
        started="{brand}: ya podemos llamar y escribir de nuevo a este número. Envíe STOP para impedirlo.",
        call_back="Si hay un código pendiente para este número, le llamamos ahora mismo.",
        reported="Gracias. Si había un código pendiente para este número, ya no es válido.",
        number_changed="{brand}: se cambió el número de teléfono de su cuenta. Si no fue usted, avísenos de inmediato.",
        other=(
            "{brand}: nadie lee los mensajes a este número. Responda HELP para recibir ayuda o STOP para no "
            "recibir más."
        ),
    ),
    page=PageWords(
        form=FormWords(
            title="Confirme su número de teléfono",
            skip="Saltar al contenido principal",
            username_label="Nombre de usuario",
            phone_label="Número de teléfono",
            phone_hint="Con el código de país, por ejemplo {example}",
            number_ending="Número que termina en {digits}",
            channel_label="¿Cómo quiere recibir el código?",
            channel_call="Por llamada",
            channel_sms="Por mensaje de texto",
            channel_whatsapp="Por WhatsApp",
            typed_choice="Por llamada, y yo marco un código en mi teléfono",
            language_label="Idioma",
            submit="Solicitar un código",
            cancel="Cancelar",
        ),
        code=CodeWords(
            heading_call="Conteste su teléfono",
            heading_text="Revise su teléfono",
            heading_code="Ingrese el código de {length} dígitos",
            heading_failed="Intentemos de nuevo",
            label="Código de {length} dígitos",
            hint="No se lo diga a nadie.",
            submit="Continuar",
            typed_label="Marque este código en su teléfono",
            typed_hint="Conteste nuestra llamada y marque este código en el teclado de su teléfono.",
            works_until="Este código sirve hasta las {time}",
            minutes_left="Este código sirve por {minutes} minutos más",
            one_minute_left="Este código sirve por un minuto más",
            under_a_minute_left="Este código sirve por menos de un minuto",
            warning="Este código vence pronto. Puede solicitar uno nuevo en cualquier momento.",
            wrong="El código no es correcto",
            wrong_next="Ya no se puede volver a intentar. Podemos enviarle uno nuevo.",
            checks_left="El código no es correcto. Intentos restantes: {checks}",
            tries_left="Intentos restantes: {checks}",
            latest_counts="Solo es válido el código más reciente.",
            expired="El código venció",
            canceled="Este código ya no es válido",
            begin_again="Solicitar un código nuevo",
            change="Usar otro número",
            change_number="Cambiar",
            change_username="Usar otro nombre de usuario",
            no_code="¿No recibió el código?",
            have_code="Tengo un código",
            call_again="Llamarme otra vez",
            text_again="Enviar otra vez el mensaje de texto",
            text_instead="Prefiero un mensaje de texto",
            call_instead="Prefiero una llamada",
            whatsapp_again="Enviar otra vez el WhatsApp",
            whatsapp_instead="Prefiero un WhatsApp",
            resend_seconds="Podrá pedirlo otra vez en {seconds} segundos.",
            resend_minutes="Podrá pedirlo otra vez en {minutes} minutos.",
            wait_seconds="Por favor, espere {seconds} segundos antes de intentarlo de nuevo.",
            wait_minutes="Por favor, espere {minutes} minutos antes de intentarlo de nuevo.",
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
                "Si este nombre de usuario está registrado, estamos llamando al número que termina en {digits}."
            ),
            texting_if_known=(
                "Si este nombre de usuario está registrado, estamos enviando un mensaje de texto al número que "
                "termina en {digits}."
            ),
            whatsapp_if_known=(
                "Si este nombre de usuario está registrado, estamos enviando un mensaje de WhatsApp al número que "
                "termina en {digits}."
            ),
            call_queued="La llamada está por comenzar.",
            call_ringing="Su teléfono está sonando.",
            call_answered="Contestó la llamada. Por favor, presione las teclas indicadas.",
            call_answered_typed="Contestó la llamada. Presione las teclas indicadas y luego marque el código de abajo.",
            call_reading="Le estamos dictando el código.",
            call_heard="Ya escuchó el código. Por favor, ingréselo aquí.",
            call_completed="La llamada terminó.",
            call_busy="La línea estaba ocupada.",
            call_no_answer="Nadie contestó la llamada.",
            call_failed="La llamada no se pudo conectar.",
            call_machine="Contestó un buzón de voz o una contestadora, así que no dictamos el código.",
            call_no_keys=(
                "La llamada terminó antes de que dictáramos el código: no se presionó ninguna tecla. ¿Era el buzón de "
                "voz?"
            ),
            call_wrong_keys="La llamada terminó antes de que dictáramos el código: no eran las teclas correctas.",
            call_not_typed="La llamada terminó antes de que se marcara un código. ¿Era el buzón de voz?",
            text_queued="El mensaje de texto está por enviarse.",
            text_sent="El mensaje de texto se envió.",
            text_delivered="El mensaje de texto llegó.",
            text_undelivered="El mensaje de texto no se pudo entregar.",
            text_landline="Este teléfono no puede recibir mensajes de texto.",
            whatsapp_queued="El mensaje de WhatsApp está por enviarse.",
            whatsapp_sent="El mensaje de WhatsApp se envió.",
            whatsapp_delivered="El mensaje de WhatsApp llegó.",
            whatsapp_undelivered="El mensaje de WhatsApp no se pudo entregar.",
            maybe_ringing="Es posible que su teléfono esté sonando. Por favor, espere un momento.",
            not_reached="No pudimos comunicarnos con este teléfono",
            try_text="Puede intentarlo con un mensaje de texto.",
            try_call="Puede intentarlo con una llamada.",
            try_whatsapp="Puede intentarlo con WhatsApp.",
            opted_out=(
                "Se pidió que no llamemos ni enviemos mensajes a este número. Para permitirlo otra vez, envíe desde "
                "él un mensaje de texto con START al {sender}, o llámenos a ese número."
            ),
        ),
        errors=ErrorWords(
            title="Error: {title}",
            heading="Hay un problema",
            username_missing="Por favor, ingrese su nombre de usuario.",
            username_too_long="El nombre de usuario tiene como máximo {limit} caracteres.",
            username_characters="Use letras y números de un solo alfabeto.",
            phone_missing="Por favor, ingrese su número de teléfono.",
            phone_invalid="Ingrese un número de teléfono con el código de país, como {example}",
            phone_country="No enviamos códigos a números de este país.",
            phone_countries="Solo podemos contactar a números de: {countries}",
            phone_kind="No enviamos códigos a números de este tipo.",
            channel_missing="Por favor, elija cómo quiere recibir el código.",
            code_missing="Por favor, ingrese el código.",
            code_characters="El código solo contiene números.",
            code_length="El código tiene {length} dígitos. Revíselo e intente de nuevo.",
            form_expired="Esta página estuvo abierta demasiado tiempo. Por favor, intente de nuevo.",
            too_many="Demasiadas solicitudes. Por favor, intente de nuevo más tarde.",
            not_found="Página no encontrada",
            start_again="Empezar de nuevo",
            went_wrong="Algo falló de nuestra parte. Si nos escribe, indique {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Anulamos este código",
            reported=(
                "La persona que contestó el teléfono nos dijo que no había solicitado este código. Por su seguridad, "
                "no contactaremos a este número durante {minutes} minutos."
            ),
            suppressed_heading="No contactamos a este número",
        ),
    ),
)
