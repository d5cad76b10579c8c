"""Italian. Formal (Lei)."""

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
    tag="it-IT",
    native_name="Italiano",
    html_language="it",
    voice="Polly.Bianca-Neural",
    language="it-IT",
    decimal=",",
    purposes=purposes(
        sign_in="per accedere",
        change_billing="per modificare i suoi dati di fatturazione",
        change_shipping_address="per modificare il suo indirizzo di spedizione",
        change_password="per modificare la sua password",
        change_number="per modificare il suo numero di telefono",
        new_number="per confermare il suo nuovo numero di telefono",
        payment="per un pagamento",
        neutral="che ha richiesto",
    ),
    call=CallWords(
        announcement="Salve, questa è una chiamata automatica di {brand} con il codice {purpose}.",
        announcement_again="Di nuovo {brand}, con il codice {purpose}.",
        press_keys="Per ascoltarlo, prema questi tre tasti: {keys}",
        press_again="Per ascoltarlo, prema {keys}",
        press_any_key="Per ascoltare il codice, prema un tasto qualsiasi.",
        wrong_keys="I tasti non erano giusti.",
        did_not_ask="Se non ha richiesto questa chiamata, prema {keys}",
        tell_no_one="Non dica il codice a nessuno, nemmeno a noi.",
        payment="Pagamento di {amount} a {payee}",
        code="Il suo codice è: {code}",
        once_more="Ancora una volta: {code}",
        reference="Il suo numero di riferimento: {reference}",
        slowly="Più lentamente:",
        character="Cifra {position} di {total}:",
        next_character="Per la prossima, prema un tasto qualsiasi.",
        last_character="Questa era l’ultima.",
        enter_on_screen="Inserisca il codice sullo schermo.",
        menu=MenuWords(
            again="Per riascoltare il codice, prema {key}",
            slower="Per ascoltarlo più lentamente, prema {key}",
            one_at_a_time="Per ascoltarlo una cifra alla volta, prema {key}",
            text="Per riceverlo via SMS, prema {key}",
            report="Se non ha richiesto il codice, prema {key}",
            never="Per non ricevere più chiamate né SMS da noi, prema {key}",
        ),
        text_refused="In questo momento non possiamo inviare un SMS.",
        confirm_report="Per confermare che non ha richiesto questa chiamata, prema asterisco.",
        confirm_never="Per non ricevere più chiamate né SMS da noi a questo numero, prema asterisco.",
        confirm_allow="Non chiamiamo questo numero e non gli inviamo SMS. Per consentirlo di nuovo, prema asterisco.",
        typed_announcement="Salve, questa è una chiamata automatica di {brand} riguardo al codice {purpose}.",
        press_keys_first="Prima prema questi tasti: {keys}",
        type_code="Per favore, digiti il codice che vede sullo schermo.",
        type_incomplete="Il codice era incompleto. Per favore, digiti il codice che vede sullo schermo.",
        type_wrong="Non era il codice giusto. Per favore, digiti il codice che vede sullo schermo.",
        did_not_ask_star="Se non ha richiesto questa chiamata, prema il tasto asterisco.",
        greeting=(
            "Salve, questo è il servizio telefonico automatico di {brand}, che fornisce codici solo a chi li richiede."
        ),
        greeting_call_back="Per ricevere una chiamata riguardo a un codice, prema {key}",
        greeting_permission="Per fermare le nostre chiamate o consentirle di nuovo, prema {key}",
        permission_announcement=(
            "Salve, questa è una chiamata automatica di {brand}. Ci ha chiesto di richiamare riguardo alle "
            "nostre chiamate."
        ),
        endings=EndingWords(
            goodbye="Grazie. Arrivederci.",
            nothing_pressed="Non ha premuto nessun tasto. Arrivederci.",
            wrong_keys="I tasti non erano giusti, quindi terminiamo questa chiamata. Arrivederci.",
            no_longer_needed=(
                "Salve, questa è una chiamata automatica di {brand} riguardo a un codice che non serve più. "
                "Arrivederci."
            ),
            reported="Grazie. Il codice è stato annullato. Abbiamo annotato che non lo ha richiesto. Arrivederci.",
            suppressed=(
                "Non chiameremo più questo numero e non gli invieremo più SMS. Se cambia idea, invii la parola "
                "START via SMS al numero che ha chiamato, o lo chiami. Arrivederci."
            ),
            lifted="Grazie. Possiamo di nuovo chiamare questo numero e inviargli SMS. Arrivederci.",
            text_sent="Le inviamo il codice via SMS. Arrivederci.",
            machine="Questa era una chiamata automatica di {brand}, non deve fare nulla. Arrivederci.",
            sorry=(
                "Qui {brand}: ci dispiace, qualcosa non ha funzionato da parte nostra. Per favore, riprovi più tardi."
            ),
            typed_approved="Grazie, il codice è giusto. Per favore, continui sullo schermo. Arrivederci.",
            typed_wrong=(
                "Non era il codice giusto. Il codice sullo schermo non è più valido. Può ricominciare sullo "
                "schermo. Arrivederci."
            ),
            call_back="Se c’è un codice in attesa per questo numero, la chiamiamo subito. Arrivederci.",
            call_back_permission="Per favore, riagganci. La richiamiamo tra un attimo. Arrivederci.",
        ),
    ),
    text=TextWords(
        code="{brand}: il suo codice è {code}. Scade tra {minutes} min. Non lo condivida.",
        code_under_a_minute="{brand}: il suo codice è {code}. Scade tra meno di un minuto. Non lo condivida.",
        code_for="{brand}: il codice {purpose} è {code}. Scade tra {minutes} min. Non lo condivida.",
        code_for_under_a_minute="{brand}: il codice {purpose} è {code}. Scade tra meno di un minuto. Non lo condivida.",
        payment="per il pagamento di {amount} a {payee}",
        help=(
            "{brand} invia codici su richiesta. Domande: {contact}. Invii STOP per non riceverne, START per "
            "riprendere, CALL e la chiamiamo."
        ),
        stopped="{brand}: non chiameremo più questo numero né gli scriveremo. Invii START per consentirlo.",
        started="{brand}: possiamo di nuovo chiamare questo numero e scrivergli. Invii STOP per impedirlo.",
        call_back="Se c’è un codice in attesa per questo numero, la chiamiamo subito.",
        reported="Grazie. Se c’era un codice in attesa per questo numero, non è più valido.",
        number_changed=(
            "{brand}: il numero di telefono del suo account è stato modificato. Se non l’ha modificato lei, ci "
            "contatti subito."
        ),
        other=(
            "{brand}: nessuno legge gli SMS a questo numero. Risponda HELP per ricevere aiuto, STOP per non "
            "ricevere altro."
        ),
    ),
    page=PageWords(
        form=FormWords(
            title="Confermi il suo numero di telefono",
            skip="Vai al contenuto principale",
            username_label="Nome utente",
            phone_label="Numero di telefono",
            phone_hint="Con il prefisso internazionale, per esempio {example}",
            number_ending="Numero che termina con {digits}",
            channel_label="Come desidera ricevere il codice?",
            channel_call="Con una chiamata",
            channel_sms="Con un SMS",
            channel_whatsapp="Con WhatsApp",
            typed_choice="Per telefono, e digito io un codice sulla tastiera",
            language_label="Lingua",
            submit="Richiedi un codice",
            cancel="Annulla",
        ),
        code=CodeWords(
            heading_call="Risponda al telefono",
            heading_text="Guardi il suo telefono",
            heading_code="Inserisca il codice di {length} cifre",
            heading_failed="Proviamo di nuovo",
            label="Codice di {length} cifre",
            hint="Non lo comunichi a nessuno.",
            submit="Continua",
            typed_label="Digiti questo codice sul telefono",
            typed_hint="Risponda alla nostra chiamata e digiti questo codice sulla tastiera del telefono.",
            works_until="Questo codice vale fino alle {time}",
            minutes_left="Questo codice vale ancora {minutes} minuti",
            one_minute_left="Questo codice vale ancora un minuto",
            under_a_minute_left="Questo codice vale ancora meno di un minuto",
            warning="Questo codice sta per scadere. Può richiederne uno nuovo in qualsiasi momento.",
            wrong="Il codice non è corretto",
            wrong_next="Non è più utilizzabile. Possiamo inviarle un codice nuovo.",
            checks_left="Il codice non è corretto. Tentativi rimasti: {checks}",
            tries_left="Tentativi rimasti: {checks}",
            latest_counts="Vale solo il codice più recente.",
            expired="Il codice è scaduto",
            canceled="Questo codice non è più valido",
            begin_again="Richiedi un nuovo codice",
            change="Usa un altro numero",
            change_number="Modifica",
            change_username="Usa un altro nome utente",
            no_code="Non ha ricevuto il codice?",
            have_code="Ho un codice",
            call_again="Chiamami di nuovo",
            text_again="Invia di nuovo l’SMS",
            text_instead="Preferisco un SMS",
            call_instead="Preferisco una chiamata",
            whatsapp_again="Invia di nuovo su WhatsApp",
            whatsapp_instead="Preferisco un messaggio WhatsApp",
            resend_seconds="Potrà richiederlo di nuovo tra {seconds} secondi.",
            resend_minutes="Potrà richiederlo di nuovo tra {minutes} minuti.",
            wait_seconds="Attenda {seconds} secondi prima di riprovare.",
            wait_minutes="Attenda {minutes} minuti prima di riprovare.",
            refresh="Aggiorna questa pagina",
            reference="Numero di riferimento: {reference}",
            welcome="Le diamo il benvenuto, {username}",
            welcome_next="Il suo telefono è confermato.",
            welcome_onward="Continua",
            welcome_close="Può chiudere questa pagina.",
            another="Conferma un altro numero",
        ),
        progress=ProgressWords(
            calling_if_known="Se questo nome utente è registrato, stiamo chiamando il numero che termina con {digits}.",
            texting_if_known=(
                "Se questo nome utente è registrato, stiamo inviando un SMS al numero che termina con {digits}."
            ),
            whatsapp_if_known=(
                "Se questo nome utente è registrato, stiamo inviando un messaggio WhatsApp al numero che termina "
                "con {digits}."
            ),
            call_queued="La chiamata sta per iniziare.",
            call_ringing="Il suo telefono sta squillando.",
            call_answered="Ha risposto alla chiamata. Prema i tasti indicati.",
            call_answered_typed="Ha risposto alla chiamata. Prema i tasti indicati, poi digiti il codice qui sotto.",
            call_reading="Le stiamo dettando il codice.",
            call_heard="Ha ascoltato il codice. Lo inserisca qui.",
            call_completed="La chiamata è terminata.",
            call_busy="La linea era occupata.",
            call_no_answer="Nessuno ha risposto alla chiamata.",
            call_failed="La chiamata non è andata a buon fine.",
            call_machine="Ha risposto una segreteria o un sistema automatico, quindi non abbiamo dettato il codice.",
            call_no_keys=(
                "La chiamata è terminata prima che dettassimo il codice: non è stato premuto nessun tasto. Era la "
                "segreteria?"
            ),
            call_wrong_keys="La chiamata è terminata prima che dettassimo il codice: i tasti non erano quelli giusti.",
            call_not_typed="La chiamata è terminata prima che venisse digitato un codice. Era la segreteria?",
            text_queued="L’SMS sta per essere inviato.",
            text_sent="L’SMS è stato inviato.",
            text_delivered="L’SMS è arrivato.",
            text_undelivered="Non è stato possibile consegnare l’SMS.",
            text_landline="Questo telefono non può ricevere SMS.",
            whatsapp_queued="Il messaggio WhatsApp sta per essere inviato.",
            whatsapp_sent="Il messaggio WhatsApp è stato inviato.",
            whatsapp_delivered="Il messaggio WhatsApp è arrivato.",
            whatsapp_undelivered="Non è stato possibile consegnare il messaggio WhatsApp.",
            maybe_ringing="È possibile che il suo telefono stia squillando. Attenda un momento.",
            not_reached="Non siamo riusciti a raggiungere questo telefono",
            try_text="Può provare con un SMS.",
            try_call="Può provare con una chiamata.",
            try_whatsapp="Può provare con WhatsApp.",
            opted_out=(
                "Per questo numero è stato chiesto di non ricevere chiamate né SMS. Per consentirli di nuovo, invii "
                "da questo numero un SMS con START al {sender}, oppure ci chiami a quel numero."
            ),
        ),
        errors=ErrorWords(
            title="Errore: {title}",
            heading="C’è un problema",
            username_missing="Inserisca il suo nome utente.",
            username_too_long="Un nome utente ha al massimo {limit} caratteri.",
            username_characters="Usi lettere e cifre di un solo alfabeto.",
            phone_missing="Inserisca il suo numero di telefono.",
            phone_invalid="Inserisca un numero di telefono con il prefisso del Paese, per esempio {example}",
            phone_country="Non inviamo codici ai numeri di questo Paese.",
            phone_countries="Possiamo raggiungere solo numeri di: {countries}",
            phone_kind="Non inviamo codici ai numeri di questo tipo.",
            channel_missing="Scelga come ricevere il codice.",
            code_missing="Inserisca il codice.",
            code_characters="Il codice contiene solo cifre.",
            code_length="Il codice ha {length} cifre. Lo controlli e riprovi.",
            form_expired="Questa pagina è rimasta aperta troppo a lungo. Riprovi.",
            too_many="Troppe richieste. Riprovi più tardi.",
            not_found="Pagina non trovata",
            start_again="Ricomincia",
            went_wrong="Qualcosa non ha funzionato da parte nostra. Se ci scrive, indichi {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Abbiamo annullato questo codice",
            reported=(
                "Chi ha risposto al telefono ci ha detto di non aver richiesto questo codice. Per la sua sicurezza "
                "non contatteremo questo numero per {minutes} minuti."
            ),
            suppressed_heading="Non contattiamo questo numero",
        ),
    ),
)
