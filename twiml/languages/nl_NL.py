"""Dutch, also for Belgium and Suriname. Formal (u): right in all of them, while "je" is not."""

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
    tag="nl-NL",
    native_name="Nederlands",
    html_language="nl",
    voice="Polly.Laura-Neural",
    language="nl-NL",
    decimal=",",
    purposes=purposes(
        sign_in="om in te loggen",
        change_billing="om uw factuurgegevens te wijzigen",
        change_shipping_address="om uw bezorgadres te wijzigen",
        change_password="om uw wachtwoord te wijzigen",
        change_number="om uw telefoonnummer te wijzigen",
        new_number="om uw nieuwe telefoonnummer te bevestigen",
        payment="voor een betaling",
        neutral="die u hebt aangevraagd",
    ),
    call=CallWords(
        announcement="Goedendag, dit is een automatische oproep van {brand} met de code {purpose}.",
        announcement_again="Hier is {brand} nogmaals, met de code {purpose}.",
        press_keys="Toets hiervoor deze drie cijfers: {keys}",
        press_again="Toets hiervoor {keys}",
        press_any_key="Wilt u de code horen, druk dan op een willekeurige toets.",
        wrong_keys="Dat waren niet de juiste toetsen.",
        did_not_ask="Hebt u niet om deze oproep gevraagd, toets dan {keys}",
        tell_no_one="Geef deze code aan niemand, ook niet aan ons.",
        payment="Betaling van {amount} aan {payee}",
        code="Uw code is: {code}",
        once_more="Nog een keer: {code}",
        reference="Uw referentienummer: {reference}",
        slowly="Nu langzamer:",
        character="Cijfer {position} van {total}:",
        next_character="Druk op een willekeurige toets voor het volgende cijfer.",
        last_character="Dat was het laatste cijfer.",
        enter_on_screen="Voer de code in op uw scherm.",
        menu=MenuWords(
            again="Wilt u de code nog eens horen, toets dan {key}",
            slower="Wilt u hem langzamer horen, toets dan {key}",
            one_at_a_time="Wilt u hem cijfer voor cijfer horen, toets dan {key}",
            text="Wilt u hem als sms ontvangen, toets dan {key}",
            report="Hebt u niet om de code gevraagd, toets dan {key}",
            never="Wilt u geen oproepen en sms’en meer van ons, toets dan {key}",
        ),
        text_refused="We kunnen op dit moment geen sms sturen.",
        confirm_report="Om te bevestigen dat u niet om deze oproep hebt gevraagd, drukt u op het sterretje.",
        confirm_never="Om geen oproepen en sms’en meer op dit nummer te krijgen, drukt u op het sterretje.",
        confirm_allow="We bellen en sms’en dit nummer niet. Om dat weer toe te staan, drukt u op het sterretje.",
        typed_announcement="Goedendag, dit is een automatische oproep van {brand} over de code {purpose}.",
        press_keys_first="Toets eerst deze cijfers: {keys}",
        type_code="Toets de code in die u op uw scherm ziet.",
        type_incomplete="Dat was niet de hele code. Toets de code in die u op uw scherm ziet.",
        type_wrong="Dat was niet de juiste code. Toets de code in die u op uw scherm ziet.",
        did_not_ask_star="Hebt u niet om deze oproep gevraagd, druk dan op het sterretje.",
        greeting=(
            "Goedendag, dit is de automatische telefoonlijn van {brand}. Wij geven alleen codes aan wie erom vraagt."
        ),
        greeting_call_back="Wilt u over een code gebeld worden, toets dan {key}",
        greeting_permission="Wilt u onze oproepen stoppen of weer toestaan, toets dan {key}",
        permission_announcement=(
            "Goedendag, dit is een automatische oproep van {brand}. U hebt gevraagd of we u terugbellen over "
            "onze oproepen."
        ),
        endings=EndingWords(
            goodbye="Dank u wel. Tot ziens.",
            nothing_pressed="U hebt geen toets ingedrukt. Tot ziens.",
            wrong_keys="Dat waren niet de juiste toetsen, dus we beëindigen dit gesprek. Tot ziens.",
            no_longer_needed=(
                "Goedendag, dit is een automatische oproep van {brand} over een code die niet meer nodig is. Tot ziens."
            ),
            reported=(
                "Dank u wel. De code werkt niet meer. We hebben genoteerd dat u er niet om hebt gevraagd. Tot ziens."
            ),
            suppressed=(
                "We zullen dit nummer niet meer bellen of sms’en. Bedenkt u zich, stuur dan een sms met het "
                "woord START naar het nummer waarmee u gebeld bent, of bel dat nummer. Tot ziens."
            ),
            lifted="Dank u wel. We mogen dit nummer weer bellen en sms’en. Tot ziens.",
            text_sent="We sturen u de code als sms. Tot ziens.",
            machine="Dit was een automatische oproep van {brand}, u hoeft niets te doen. Tot ziens.",
            sorry="Dit is {brand}. Er is bij ons helaas iets misgegaan. Probeer het later opnieuw.",
            typed_approved="Dank u wel, de code klopt. U kunt verder op uw scherm. Tot ziens.",
            typed_wrong=(
                "Dat was niet de juiste code. De code op het scherm werkt niet meer. U kunt daar opnieuw "
                "beginnen. Tot ziens."
            ),
            call_back="Als er een code klaarligt voor dit nummer, bellen we u nu. Tot ziens.",
            call_back_permission="U kunt ophangen. We bellen u zo terug. Tot ziens.",
        ),
    ),
    text=TextWords(
        code="{brand}: uw code is {code} en is {minutes} min. geldig. Deel de code met niemand.",
        code_under_a_minute="{brand}: uw code is {code}. Minder dan een minuut geldig. Deel deze code niet.",
        code_for="{brand}: de code {purpose} is {code}. Geldig: {minutes} min. Deel deze code niet.",
        code_for_under_a_minute=(
            "{brand}: de code {purpose} is {code}. Minder dan een minuut geldig. Deel deze code niet."
        ),
        payment="voor de betaling van {amount} aan {payee}",
        help=(
            "{brand} stuurt codes op verzoek. Vragen: {contact}. Antwoord STOP om te stoppen, START om te "
            "hervatten, CALL om gebeld te worden."
        ),
        stopped="{brand}: we zullen dit nummer niet meer bellen of sms’en. Stuur START om het weer toe te staan.",
        started="{brand}: we mogen dit nummer weer bellen en sms’en. Stuur STOP om dat te beëindigen.",
        call_back="Als er een code klaarligt voor dit nummer, bellen we u nu.",
        reported="Dank u. Als er een code klaarlag voor dit nummer, werkt die nu niet meer.",
        number_changed=(
            "{brand}: het telefoonnummer van uw account is gewijzigd. Hebt u dat "
            "niet gedaan, neem dan meteen contact met ons op."
        ),
        other="{brand}: berichten aan dit nummer worden niet gelezen. Stuur HELP voor hulp of STOP om te stoppen.",
    ),
    page=PageWords(
        form=FormWords(
            title="Bevestig uw telefoonnummer",
            skip="Naar de hoofdinhoud",
            username_label="Gebruikersnaam",
            phone_label="Telefoonnummer",
            phone_hint="Met de landcode, bijvoorbeeld {example}",
            number_ending="Nummer eindigend op {digits}",
            channel_label="Hoe wilt u de code ontvangen?",
            channel_call="Telefonisch",
            channel_sms="Per sms",
            channel_whatsapp="Via WhatsApp",
            typed_choice="Telefonisch, en ik toets een code in op mijn telefoon",
            language_label="Taal",
            submit="Code aanvragen",
            cancel="Annuleren",
        ),
        code=CodeWords(
            heading_call="Neem uw telefoon op",
            heading_text="Kijk op uw telefoon",
            heading_code="Vul de code van {length} cijfers in",
            heading_failed="Laten we het nog eens proberen",
            label="Code van {length} cijfers",
            hint="Deel de code met niemand.",
            submit="Doorgaan",
            typed_label="Toets deze code in op uw telefoon",
            typed_hint="Neem op wanneer we u bellen en toets deze code in op uw telefoon.",
            works_until="Deze code werkt tot {time} uur",
            minutes_left="Deze code werkt nog {minutes} minuten",
            one_minute_left="Deze code werkt nog één minuut",
            under_a_minute_left="Deze code werkt nog minder dan een minuut",
            warning="Deze code verloopt binnenkort. U kunt altijd een nieuwe aanvragen.",
            wrong="Die code is onjuist",
            wrong_next="Die code werkt niet meer. We kunnen u een nieuwe sturen.",
            checks_left="Die code is onjuist. Resterende pogingen: {checks}",
            tries_left="Resterende pogingen: {checks}",
            latest_counts="Alleen de nieuwste code is geldig.",
            expired="De code is verlopen",
            canceled="Deze code is niet meer geldig",
            begin_again="Nieuwe code aanvragen",
            change="Een ander nummer gebruiken",
            change_number="Wijzigen",
            change_username="Een andere gebruikersnaam gebruiken",
            no_code="Geen code ontvangen?",
            have_code="Ik heb een code",
            call_again="Bel mij opnieuw",
            text_again="Stuur de sms opnieuw",
            text_instead="Stuur in plaats daarvan een sms",
            call_instead="Bel mij in plaats daarvan",
            whatsapp_again="Stuur het WhatsApp-bericht opnieuw",
            whatsapp_instead="Stuur in plaats daarvan een WhatsApp-bericht",
            resend_seconds="Over {seconds} seconden kunt u het opnieuw vragen.",
            resend_minutes="Over {minutes} minuten kunt u het opnieuw vragen.",
            wait_seconds="Wacht {seconds} seconden voordat u het opnieuw probeert.",
            wait_minutes="Wacht {minutes} minuten voordat u het opnieuw probeert.",
            refresh="Deze pagina vernieuwen",
            reference="Referentienummer: {reference}",
            welcome="Welkom, {username}",
            welcome_next="Uw telefoon is bevestigd.",
            welcome_onward="Doorgaan",
            welcome_close="U kunt deze pagina sluiten.",
            another="Een ander nummer bevestigen",
        ),
        progress=ProgressWords(
            calling_if_known=(
                "Als deze gebruikersnaam bij ons bekend is, bellen we nu het nummer eindigend op {digits}."
            ),
            texting_if_known=(
                "Als deze gebruikersnaam bij ons bekend is, sturen we nu een sms naar het nummer eindigend op {digits}."
            ),
            whatsapp_if_known=(
                "Als deze gebruikersnaam bij ons bekend is, sturen we nu een WhatsApp-bericht naar het nummer "
                "eindigend op {digits}."
            ),
            call_queued="We gaan u zo bellen.",
            call_ringing="Uw telefoon gaat over.",
            call_answered="U hebt opgenomen. Druk op de genoemde toetsen.",
            call_answered_typed="U hebt opgenomen. Druk op de genoemde toetsen en toets daarna de code hieronder in.",
            call_reading="We lezen de code nu voor.",
            call_heard="U hebt de code gehoord. Voer die hier in.",
            call_completed="Het gesprek is beëindigd.",
            call_busy="De lijn was bezet.",
            call_no_answer="Er werd niet opgenomen.",
            call_failed="Het is niet gelukt u te bellen.",
            call_machine="Een voicemail of apparaat nam op, daarom hebben we de code niet voorgelezen.",
            call_no_keys=(
                "Het gesprek eindigde voordat we de code voorlazen: er is geen toets ingedrukt. Was het de voicemail?"
            ),
            call_wrong_keys="Het gesprek eindigde voordat we de code voorlazen: het waren niet de juiste toetsen.",
            call_not_typed="Het gesprek eindigde voordat er een code was ingetoetst. Was het de voicemail?",
            text_queued="De sms wordt zo verstuurd.",
            text_sent="De sms is verstuurd.",
            text_delivered="De sms is aangekomen.",
            text_undelivered="De sms kon niet worden bezorgd.",
            text_landline="Deze telefoon kan geen sms’en ontvangen.",
            whatsapp_queued="Het WhatsApp-bericht wordt zo verstuurd.",
            whatsapp_sent="Het WhatsApp-bericht is verstuurd.",
            whatsapp_delivered="Het WhatsApp-bericht is aangekomen.",
            whatsapp_undelivered="Het WhatsApp-bericht kon niet worden bezorgd.",
            maybe_ringing="Misschien gaat uw telefoon nu over. Een ogenblik geduld, alstublieft.",
            not_reached="We konden deze telefoon niet bereiken",
            try_text="U kunt het met een sms proberen.",
            try_call="U kunt het telefonisch proberen.",
            try_whatsapp="U kunt het via WhatsApp proberen.",
            opted_out=(
                "Dit nummer is afgemeld voor onze oproepen en sms’en. Om ze weer toe te staan, stuurt u vanaf dit "
                "nummer een sms met START naar {sender}, of belt u ons op dat nummer."
            ),
        ),
        errors=ErrorWords(
            title="Fout: {title}",
            heading="Er is een probleem",
            username_missing="Vul uw gebruikersnaam in.",
            username_too_long="Een gebruikersnaam heeft hoogstens {limit} tekens.",
            username_characters="Gebruik letters en cijfers van één alfabet.",
            phone_missing="Vul uw telefoonnummer in.",
            phone_invalid="Vul een telefoonnummer met landcode in, zoals {example}",
            phone_country="We sturen geen codes naar nummers in dit land.",
            phone_countries="We bereiken alleen nummers in: {countries}",
            phone_kind="We sturen geen codes naar nummers van dit soort.",
            channel_missing="Kies hoe u de code wilt ontvangen.",
            code_missing="Vul de code in.",
            code_characters="De code bestaat alleen uit cijfers.",
            code_length="De code heeft {length} cijfers. Controleer de code en probeer het opnieuw.",
            form_expired="Deze pagina is te lang open geweest. Probeer het opnieuw.",
            too_many="Te veel aanvragen. Probeer het later opnieuw.",
            not_found="Pagina niet gevonden",
            start_again="Opnieuw beginnen",
            went_wrong="Er is bij ons iets misgegaan. Als u ons schrijft, vermeld dan {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="We hebben deze code ongeldig gemaakt",
            reported=(
                "Aan de telefoon is gezegd dat deze code niet was aangevraagd. Voor uw veiligheid nemen we {minutes} "
                "minuten lang geen contact op met dit nummer."
            ),
            suppressed_heading="We nemen geen contact op met dit nummer",
        ),
    ),
)
