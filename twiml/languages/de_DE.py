"""German, also for Austria and Switzerland. Formal (Sie), as banks and authorities speak."""

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
    tag="de-DE",
    native_name="Deutsch",
    html_language="de",
    voice="Polly.Vicki-Neural",
    language="de-DE",
    decimal=",",
    purposes=purposes(
        sign_in="für Ihre Anmeldung",
        change_billing="zum Ändern Ihrer Rechnungsdaten",
        change_shipping_address="zum Ändern Ihrer Lieferadresse",
        change_password="zum Ändern Ihres Passworts",
        change_number="zum Ändern Ihrer Telefonnummer",
        new_number="zum Bestätigen Ihrer neuen Telefonnummer",
        payment="für eine Zahlung",
        neutral="für Ihre Anfrage",
    ),
    call=CallWords(
        announcement="Dies ist ein automatischer Anruf von {brand} mit dem Code {purpose}.",
        announcement_again="Hier ist noch einmal {brand} mit dem Code {purpose}.",
        press_keys="Dafür drücken Sie diese drei Tasten: {keys}",
        press_again="Bitte drücken Sie {keys}",
        press_any_key="Um den Code zu hören, drücken Sie bitte eine beliebige Taste.",
        wrong_keys="Das waren nicht die richtigen Tasten.",
        did_not_ask="Wenn Sie diesen Anruf nicht angefordert haben, drücken Sie {keys}",
        tell_no_one="Sagen Sie den Code niemandem, auch nicht uns.",
        payment="Zahlung von {amount} an {payee}",
        code="Ihr Code lautet: {code}",
        once_more="Noch einmal: {code}",
        reference="Ihre Vorgangsnummer: {reference}",
        slowly="Jetzt langsam:",
        character="Ziffer {position} von {total}:",
        next_character="Für die nächste drücken Sie eine beliebige Taste.",
        last_character="Das war die letzte.",
        enter_on_screen="Geben Sie den Code auf dem Bildschirm ein.",
        menu=MenuWords(
            again="Um den Code noch einmal zu hören, drücken Sie die {key}",
            slower="Um ihn langsamer zu hören, drücken Sie die {key}",
            one_at_a_time="Um ihn Ziffer für Ziffer zu hören, drücken Sie die {key}",
            text="Um ihn als SMS zu bekommen, drücken Sie die {key}",
            report="Wenn Sie den Code nicht angefordert haben, drücken Sie die {key}",
            never="Um alle unsere Anrufe und SMS zu beenden, drücken Sie die {key}",
        ),
        text_refused="Eine SMS können wir im Moment nicht senden.",
        confirm_report="Um zu bestätigen, dass Sie diesen Anruf nicht angefordert haben, drücken Sie die Sterntaste.",
        confirm_never=(
            "Damit wir diese Nummer nie wieder anrufen und ihr keine SMS mehr senden, drücken Sie die Sterntaste."
        ),
        confirm_allow=(
            "Wir rufen diese Nummer nicht an und senden ihr keine SMS. Um es wieder zu erlauben, drücken Sie die "
            "Sterntaste."
        ),
        typed_announcement="Guten Tag, dies ist ein automatischer Anruf von {brand} wegen des Codes {purpose}.",
        press_keys_first="Drücken Sie zuerst diese Tasten: {keys}",
        type_code="Bitte tippen Sie den Code ein, den Sie auf dem Bildschirm sehen.",
        type_incomplete=(
            "Der Code war unvollständig. Bitte tippen Sie den ganzen Code ein, den Sie auf dem Bildschirm sehen."
        ),
        type_wrong="Das war nicht der richtige Code. Bitte tippen Sie den Code ein, den Sie auf dem Bildschirm sehen.",
        did_not_ask_star="Wenn Sie diesen Anruf nicht angefordert haben, drücken Sie die Sterntaste.",
        greeting="Guten Tag, hier ist {brand} mit einer automatischen Ansage. Codes bekommt nur, wer sie anfordert.",
        greeting_call_back="Für einen Rückruf wegen eines Codes drücken Sie die {key}",
        greeting_permission="Um unsere Anrufe zu beenden oder wieder zu erlauben, drücken Sie die {key}",
        permission_announcement=(
            "Guten Tag, dies ist ein automatischer Anruf von {brand}. Sie haben um einen Rückruf wegen unserer "
            "Anrufe gebeten."
        ),
        endings=EndingWords(
            goodbye="Vielen Dank. Auf Wiederhören.",
            nothing_pressed="Sie haben keine Taste gedrückt. Auf Wiederhören.",
            wrong_keys="Das waren nicht die richtigen Tasten, deshalb beenden wir diesen Anruf. Auf Wiederhören.",
            no_longer_needed=(
                "Guten Tag, dies ist ein automatischer Anruf von {brand} wegen eines Codes, der nicht mehr "
                "gebraucht wird. Auf Wiederhören."
            ),
            reported=(
                "Vielen Dank. Der Code ist jetzt gesperrt. Wir haben vermerkt, dass Sie ihn nicht angefordert "
                "haben. Auf Wiederhören."
            ),
            suppressed=(
                "Wir rufen diese Nummer nicht mehr an und senden ihr keine SMS mehr. Wenn Sie es sich anders "
                "überlegen, senden Sie eine SMS mit dem Wort START an die Nummer, die Sie angerufen hat, oder "
                "rufen Sie dort an. Auf Wiederhören."
            ),
            lifted="Vielen Dank. Wir dürfen diese Nummer wieder anrufen und ihr SMS senden. Auf Wiederhören.",
            text_sent="Wir senden Ihnen den Code als SMS. Auf Wiederhören.",
            machine="Das war ein automatischer Anruf von {brand}, Sie müssen nichts tun. Auf Wiederhören.",
            sorry=(
                "Hier ist {brand}, leider ist bei uns etwas schiefgegangen. Bitte versuchen Sie es später noch einmal."
            ),
            typed_approved="Vielen Dank, der Code stimmt. Bitte machen Sie am Bildschirm weiter. Auf Wiederhören.",
            typed_wrong=(
                "Das war nicht der richtige Code. Der Code auf dem Bildschirm gilt nicht mehr. Sie können dort "
                "neu beginnen. Auf Wiederhören."
            ),
            call_back="Wenn für diese Nummer ein Code bereitliegt, rufen wir Sie jetzt an. Auf Wiederhören.",
            call_back_permission="Bitte legen Sie auf. Wir rufen Sie gleich zurück. Auf Wiederhören.",
        ),
    ),
    text=TextWords(
        code="{brand}: Ihr Code ist {code}. Er gilt {minutes} Min. Bitte nicht weitergeben.",
        code_under_a_minute="{brand}: Ihr Code ist {code}. Er gilt weniger als eine Minute. Nicht weitergeben.",
        code_for="{brand}: Der Code {purpose} ist {code}. Er gilt {minutes} Min. Nicht weitergeben.",
        code_for_under_a_minute=(
            "{brand}: Der Code {purpose} ist {code}. Er gilt weniger als eine Minute. Nicht weitergeben."
        ),
        payment="für die Zahlung von {amount} an {payee}",
        help=(
            "{brand} sendet Codes auf Anfrage. Fragen: {contact}. Senden Sie STOP zum Abbestellen, START zum "
            "Erlauben, CALL für einen Anruf."
        ),
        stopped=(
            "{brand}: Wir rufen diese Nummer nicht mehr an und senden keine SMS mehr. Mit START erlauben Sie es wieder."
        ),
        started="{brand}: Wir dürfen diese Nummer wieder anrufen und ihr SMS senden. Mit STOP beenden Sie das.",
        call_back="Wenn für diese Nummer ein Code bereitliegt, rufen wir Sie jetzt an.",
        reported="Danke. Falls für diese Nummer ein Code bereitlag, ist er jetzt ungültig.",
        number_changed=(
            "{brand}: Die Telefonnummer Ihres Kontos wurde geändert. Wenn Sie das "
            "nicht waren, melden Sie sich bitte sofort bei uns."
        ),
        other="{brand}: SMS an diese Nummer liest niemand. Senden Sie HELP für Hilfe oder STOP zum Abbestellen.",
    ),
    page=PageWords(
        form=FormWords(
            title="Telefonnummer bestätigen",
            skip="Zum Hauptinhalt springen",
            username_label="Benutzername",
            phone_label="Telefonnummer",
            phone_hint="Mit Ländervorwahl, zum Beispiel {example}",
            number_ending="Nummer mit den Endziffern {digits}",
            channel_label="Wie möchten Sie den Code erhalten?",
            channel_call="Per Anruf",
            channel_sms="Per SMS",
            channel_whatsapp="Per WhatsApp",
            typed_choice="Per Anruf, und ich tippe einen Code am Telefon ein",
            language_label="Sprache",
            submit="Code anfordern",
            cancel="Abbrechen",
        ),
        code=CodeWords(
            heading_call="Gehen Sie bitte ans Telefon",
            heading_text="Schauen Sie auf Ihr Telefon",
            heading_code="Geben Sie den {length}-stelligen Code ein",
            heading_failed="Versuchen wir es noch einmal",
            label="{length}-stelliger Code",
            hint="Geben Sie den Code an niemanden weiter.",
            submit="Weiter",
            typed_label="Tippen Sie diesen Code am Telefon ein",
            typed_hint="Nehmen Sie unseren Anruf an und tippen Sie diesen Code auf den Tasten Ihres Telefons ein.",
            works_until="Dieser Code gilt bis {time} Uhr",
            minutes_left="Dieser Code gilt noch {minutes} Minuten",
            one_minute_left="Dieser Code gilt noch eine Minute",
            under_a_minute_left="Dieser Code gilt noch weniger als eine Minute",
            warning="Dieser Code läuft bald ab. Sie können jederzeit einen neuen anfordern.",
            wrong="Dieser Code ist falsch",
            wrong_next="Er gilt jetzt nicht mehr. Wir können Ihnen einen neuen senden.",
            checks_left="Dieser Code ist falsch. Verbleibende Versuche: {checks}",
            tries_left="Verbleibende Versuche: {checks}",
            latest_counts="Nur der neueste Code gilt.",
            expired="Der Code ist abgelaufen",
            canceled="Dieser Code gilt nicht mehr",
            begin_again="Neuen Code anfordern",
            change="Andere Nummer verwenden",
            change_number="Ändern",
            change_username="Anderen Benutzernamen verwenden",
            no_code="Keinen Code erhalten?",
            have_code="Ich habe einen Code",
            call_again="Noch einmal anrufen",
            text_again="SMS noch einmal senden",
            text_instead="Stattdessen eine SMS senden",
            call_instead="Stattdessen anrufen",
            whatsapp_again="WhatsApp-Nachricht noch einmal senden",
            whatsapp_instead="Stattdessen per WhatsApp senden",
            resend_seconds="Das ist in {seconds} Sekunden wieder möglich.",
            resend_minutes="Das ist in {minutes} Minuten wieder möglich.",
            wait_seconds="Bitte warten Sie {seconds} Sekunden, bevor Sie es noch einmal versuchen.",
            wait_minutes="Bitte warten Sie {minutes} Minuten, bevor Sie es noch einmal versuchen.",
            refresh="Diese Seite aktualisieren",
            reference="Vorgangsnummer: {reference}",
            welcome="Willkommen, {username}",
            welcome_next="Ihr Telefon ist bestätigt.",
            welcome_onward="Weiter",
            welcome_close="Sie können diese Seite schließen.",
            another="Weitere Nummer bestätigen",
        ),
        progress=ProgressWords(
            calling_if_known=(
                "Falls dieser Benutzername registriert ist, rufen wir jetzt die Nummer mit den Endziffern {digits} an."
            ),
            texting_if_known=(
                "Falls dieser Benutzername registriert ist, senden wir jetzt eine SMS an die Nummer mit den "
                "Endziffern {digits}."
            ),
            whatsapp_if_known=(
                "Falls dieser Benutzername registriert ist, senden wir jetzt eine WhatsApp-Nachricht an die Nummer "
                "mit den Endziffern {digits}."
            ),
            call_queued="Der Anruf beginnt gleich.",
            call_ringing="Ihr Telefon klingelt.",
            call_answered="Sie haben den Anruf angenommen. Bitte drücken Sie die genannten Tasten.",
            call_answered_typed=(
                "Sie haben den Anruf angenommen. Drücken Sie die genannten Tasten und tippen Sie dann den Code unten "
                "ein."
            ),
            call_reading="Wir sagen gerade den Code an.",
            call_heard="Sie haben den Code gehört. Bitte geben Sie ihn hier ein.",
            call_completed="Der Anruf ist beendet.",
            call_busy="Es war besetzt.",
            call_no_answer="Niemand hat den Anruf angenommen.",
            call_failed="Der Anruf kam nicht zustande.",
            call_machine="Eine Mailbox oder ein Automat hat geantwortet, deshalb haben wir den Code nicht angesagt.",
            call_no_keys=(
                "Der Anruf endete, bevor wir den Code ansagen konnten: Es wurde keine Taste gedrückt. War das eine "
                "Mailbox?"
            ),
            call_wrong_keys=(
                "Der Anruf endete, bevor wir den Code ansagen konnten: Es waren nicht die richtigen Tasten."
            ),
            call_not_typed="Der Anruf endete, bevor ein Code eingetippt wurde. War das eine Mailbox?",
            text_queued="Die SMS wird gleich gesendet.",
            text_sent="Die SMS wurde gesendet.",
            text_delivered="Die SMS ist angekommen.",
            text_undelivered="Die SMS konnte nicht zugestellt werden.",
            text_landline="Dieses Telefon kann keine SMS empfangen.",
            whatsapp_queued="Die WhatsApp-Nachricht wird gleich gesendet.",
            whatsapp_sent="Die WhatsApp-Nachricht wurde gesendet.",
            whatsapp_delivered="Die WhatsApp-Nachricht ist angekommen.",
            whatsapp_undelivered="Die WhatsApp-Nachricht konnte nicht zugestellt werden.",
            maybe_ringing="Vielleicht klingelt Ihr Telefon gerade. Bitte warten Sie einen Moment.",
            not_reached="Wir konnten dieses Telefon nicht erreichen",
            try_text="Sie können es stattdessen mit einer SMS versuchen.",
            try_call="Sie können es stattdessen mit einem Anruf versuchen.",
            try_whatsapp="Sie können es stattdessen mit WhatsApp versuchen.",
            opted_out=(
                "Für diese Nummer wurden Anrufe und SMS abbestellt. Um sie wieder zu erlauben, senden Sie von dort "
                "eine SMS mit START an {sender} oder rufen Sie uns unter dieser Nummer an."
            ),
        ),
        errors=ErrorWords(
            title="Fehler: {title}",
            heading="Es gibt ein Problem",
            username_missing="Bitte geben Sie Ihren Benutzernamen ein.",
            username_too_long="Ein Benutzername hat höchstens {limit} Zeichen.",
            username_characters="Verwenden Sie Buchstaben und Ziffern eines einzigen Alphabets.",
            phone_missing="Bitte geben Sie Ihre Telefonnummer ein.",
            phone_invalid="Geben Sie eine Telefonnummer mit Ländervorwahl ein, zum Beispiel {example}",
            phone_country="An Nummern in diesem Land senden wir keine Codes.",
            phone_countries="Wir erreichen nur Nummern in: {countries}",
            phone_kind="An Nummern dieser Art senden wir keine Codes.",
            channel_missing="Bitte wählen Sie, wie Sie den Code erhalten möchten.",
            code_missing="Bitte geben Sie den Code ein.",
            code_characters="Der Code besteht nur aus Ziffern.",
            code_length="Der Code hat {length} Ziffern. Bitte prüfen Sie ihn.",
            form_expired="Diese Seite war zu lange geöffnet. Bitte versuchen Sie es noch einmal.",
            too_many="Zu viele Anfragen. Bitte versuchen Sie es später noch einmal.",
            not_found="Seite nicht gefunden",
            start_again="Neu beginnen",
            went_wrong="Bei uns ist etwas schiefgegangen. Wenn Sie uns schreiben, nennen Sie bitte {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Wir haben diesen Code gesperrt",
            reported=(
                "Am Telefon wurde uns gesagt, dass dieser Code nicht angefordert war. Zu Ihrer Sicherheit "
                "kontaktieren wir diese Nummer {minutes} Minuten lang nicht."
            ),
            suppressed_heading="Wir kontaktieren diese Nummer nicht",
        ),
    ),
)
