"""Romanian. Formal (dumneavoastră). In texts ș and ț become s and t, as people write them on a phone.

"Către" and "de la" take the brand as it is. The voice is Google's: Polly has no neural one for Romanian.
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
    tag="ro-RO",
    native_name="Română",
    html_language="ro",
    voice="Google.ro-RO-Wavenet-B",
    language="ro-RO",
    decimal=",",
    purposes=purposes(
        sign_in="pentru autentificare",
        change_billing="pentru modificarea datelor de facturare",
        change_shipping_address="pentru modificarea adresei de livrare",
        change_password="pentru schimbarea parolei",
        change_number="pentru schimbarea numărului de telefon",
        new_number="pentru confirmarea noului număr de telefon",
        payment="pentru o plată",
        neutral="pe care l-ați cerut",
    ),
    call=CallWords(
        announcement="Bună ziua, acesta este un apel automat de la {brand}, cu codul {purpose}.",
        announcement_again="Aici {brand} din nou, cu codul {purpose}.",
        press_keys="Pentru a-l auzi, apăsați aceste trei taste: {keys}",
        press_again="Pentru a-l auzi, apăsați {keys}",
        press_any_key="Pentru a auzi codul, apăsați orice tastă.",
        wrong_keys="Acestea nu au fost tastele corecte.",
        did_not_ask="Dacă nu ați cerut acest apel, apăsați {keys}",
        tell_no_one="Nu spuneți nimănui acest cod, nici măcar nouă.",
        payment="Plată de {amount} către {payee}",
        code="Codul dumneavoastră este: {code}",
        once_more="Încă o dată: {code}",
        reference="Numărul dumneavoastră de referință: {reference}",
        slowly="Acum, mai rar:",
        character="Cifra {position} din {total}:",
        next_character="Pentru următoarea, apăsați orice tastă.",
        last_character="Aceasta a fost ultima cifră.",
        enter_on_screen="Introduceți codul pe ecran.",
        menu=MenuWords(
            again="Pentru a auzi codul din nou, apăsați {key}",
            slower="Pentru a-l auzi mai rar, apăsați {key}",
            one_at_a_time="Pentru a-l auzi cifră cu cifră, apăsați {key}",
            text="Pentru a-l primi prin SMS, apăsați {key}",
            report="Dacă nu ați cerut codul, apăsați {key}",
            never="Pentru a opri toate apelurile și SMS-urile noastre, apăsați {key}",
        ),
        text_refused="Ne pare rău, acum nu putem trimite un SMS.",
        confirm_report="Pentru a confirma că nu ați cerut acest apel, apăsați tasta steluță.",
        confirm_never="Pentru a opri toate apelurile și SMS-urile noastre către acest număr, apăsați tasta steluță.",
        confirm_allow=(
            "Nu sunăm la acest număr și nu trimitem SMS-uri către el. Pentru a permite din nou acest lucru, apăsați "
            "tasta steluță."
        ),
        typed_announcement="Bună ziua, acesta este un apel automat de la {brand}, despre codul {purpose}.",
        press_keys_first="Mai întâi, apăsați aceste taste: {keys}",
        type_code="Vă rugăm să tastați codul afișat pe ecran.",
        type_incomplete="Codul nu era complet. Vă rugăm să tastați codul afișat pe ecran.",
        type_wrong="Codul nu era corect. Vă rugăm să tastați codul afișat pe ecran.",
        did_not_ask_star="Dacă nu ați cerut acest apel, apăsați tasta steluță.",
        greeting="Bună ziua, ați sunat la linia automată {brand}. Sunăm doar persoanele care ne cer un cod.",
        greeting_call_back="Dacă așteptați un cod și doriți să vă sunăm, apăsați {key}",
        greeting_permission="Pentru a opri apelurile noastre sau pentru a le permite din nou, apăsați {key}",
        permission_announcement=(
            "Bună ziua, acesta este un apel automat de la {brand}. Ne-ați cerut să vă sunăm în legătură cu apelurile "
            "noastre."
        ),
        endings=EndingWords(
            goodbye="Vă mulțumim. La revedere.",
            nothing_pressed="Nu ați apăsat nicio tastă. La revedere.",
            wrong_keys="Acestea nu au fost tastele corecte, așa că încheiem apelul. La revedere.",
            no_longer_needed=(
                "Bună ziua, acesta este un apel automat de la {brand}. Codul nu mai este necesar. La revedere."
            ),
            reported="Vă mulțumim. Am anulat codul și am notat că nu l-ați cerut. La revedere.",
            suppressed=(
                "Nu vom mai suna la acest număr și nu vom mai trimite SMS-uri către el. Dacă vă răzgândiți, trimiteți "
                "START prin SMS la numărul care v-a sunat sau apelați-l. La revedere."
            ),
            lifted="Vă mulțumim. Putem din nou să sunăm la acest număr și să trimitem SMS-uri. La revedere.",
            text_sent="Vă trimitem codul prin SMS. La revedere.",
            machine="Acesta a fost un apel automat de la {brand}. Nu trebuie să faceți nimic. La revedere.",
            sorry="Aici {brand}. Ne cerem scuze, a apărut o eroare la noi. Încercați din nou mai târziu.",
            typed_approved="Vă mulțumim, codul este corect. Vă rugăm să continuați pe ecran. La revedere.",
            typed_wrong=(
                "Codul nu era corect. Codul de pe ecran nu mai este valabil. Puteți începe din nou acolo. La revedere."
            ),
            call_back="Dacă există un cod în așteptare pentru acest număr, vă sunăm acum. La revedere.",
            call_back_permission="Vă rugăm să închideți. Vă sunăm imediat. La revedere.",
        ),
    ),
    text=TextWords(
        code="{brand}: codul dvs. este {code}. Expiră în {minutes} min. Nu îl spuneți nimănui.",
        code_under_a_minute="{brand}: codul dvs. este {code}. Valabil sub un minut. Nu îl divulgați.",
        code_for="{brand}: codul {purpose} este {code}. Expiră în {minutes} min. Nu îl divulgați.",
        code_for_under_a_minute="{brand}: codul {purpose} este {code}. Valabil sub un minut. Nu îl divulgați.",
        payment="pentru plata de {amount} către {payee}",
        help=(
            "{brand} trimite coduri la cerere. Întrebări: {contact}. Răspundeți STOP ca să oprim, START ca să "
            "reluăm, CALL ca să vă sunăm."
        ),
        stopped="{brand}: nu veți mai primi apeluri și SMS-uri de la noi. Pentru a le primi din nou, trimiteți START.",
        started="{brand}: veți primi din nou apeluri și SMS-uri când cereți un cod. Pentru a le opri, trimiteți STOP.",
        call_back="Dacă există un cod în așteptare pentru acest număr, vă sunăm acum.",
        reported="Vă mulțumim. Dacă exista un cod în așteptare pentru acest număr, nu mai este valabil.",
        number_changed=(
            "{brand}: numărul de telefon al contului dvs. a fost schimbat. Dacă nu l-ați schimbat dvs., contactați-ne "
            "imediat."
        ),
        other="{brand}: nimeni nu citește SMS-urile trimise aici. Trimiteți HELP pentru ajutor sau STOP pentru oprire.",
    ),
    page=PageWords(
        form=FormWords(
            title="Confirmați numărul de telefon",
            skip="Salt la conținutul principal",
            username_label="Nume de utilizator",
            phone_label="Număr de telefon",
            phone_hint="Cu prefixul țării, de exemplu {example}",
            number_ending="Numărul care se termină cu {digits}",
            channel_label="Cum doriți să primiți codul?",
            channel_call="Prin apel telefonic",
            channel_sms="Prin SMS",
            channel_whatsapp="Prin WhatsApp",
            typed_choice="Prin apel telefonic, iar eu tastez un cod pe telefon",
            language_label="Limbă",
            submit="Trimite-mi un cod",
            cancel="Anulează",
        ),
        code=CodeWords(
            heading_call="Răspundeți la telefon",
            heading_text="Verificați telefonul",
            heading_code="Introduceți codul din {length} cifre",
            heading_failed="Să încercăm din nou",
            label="Cod din {length} cifre",
            hint="Nu îl spuneți nimănui.",
            submit="Continuă",
            typed_label="Tastați acest cod pe telefon",
            typed_hint="Răspundeți la apelul nostru și tastați acest cod pe tastatura telefonului.",
            works_until="Acest cod este valabil până la {time}",
            minutes_left="Acest cod mai este valabil {minutes} min",
            one_minute_left="Acest cod mai este valabil un minut",
            under_a_minute_left="Acest cod mai este valabil mai puțin de un minut",
            warning="Codul expiră în curând. Puteți cere oricând unul nou.",
            wrong="Codul nu este corect",
            wrong_next="Nu mai poate fi folosit. Vă putem trimite unul nou.",
            checks_left="Codul nu este corect. Încercări rămase: {checks}",
            tries_left="Încercări rămase: {checks}",
            latest_counts="Este valabil doar cel mai recent cod.",
            expired="Codul a expirat",
            canceled="Acest cod nu mai este valabil",
            begin_again="Trimite-mi un cod nou",
            change="Folosește alt număr",
            change_number="Modifică",
            change_username="Folosește alt nume de utilizator",
            no_code="Nu ați primit codul?",
            have_code="Am un cod",
            call_again="Sună-mă din nou",
            text_again="Trimite din nou SMS-ul",
            text_instead="Prefer un SMS",
            call_instead="Prefer un apel",
            whatsapp_again="Trimite din nou pe WhatsApp",
            whatsapp_instead="Prefer un mesaj pe WhatsApp",
            resend_seconds="Îl puteți cere din nou peste {seconds} s.",
            resend_minutes="Îl puteți cere din nou peste {minutes} min.",
            wait_seconds="Așteptați {seconds} s înainte de a încerca din nou.",
            wait_minutes="Așteptați {minutes} min înainte de a încerca din nou.",
            refresh="Reîncarcă această pagină",
            reference="Număr de referință: {reference}",
            welcome="Bine ați venit, {username}",
            welcome_next="Telefonul dumneavoastră este confirmat.",
            welcome_onward="Continuă",
            welcome_close="Puteți închide această pagină.",
            another="Confirmă alt număr",
        ),
        progress=ProgressWords(
            calling_if_known=(
                "Dacă acest nume de utilizator este înregistrat, sunăm acum la numărul care se termină cu {digits}."
            ),
            texting_if_known=(
                "Dacă acest nume de utilizator este înregistrat, trimitem acum un SMS la numărul care se termină cu "
                "{digits}."
            ),
            whatsapp_if_known=(
                "Dacă acest nume de utilizator este înregistrat, trimitem acum un mesaj pe WhatsApp la numărul care "
                "se termină cu {digits}."
            ),
            call_queued="Apelul este pe cale să înceapă.",
            call_ringing="Telefonul dumneavoastră sună.",
            call_answered="Ați răspuns la apel. Apăsați tastele pe care le auziți.",
            call_answered_typed=(
                "Ați răspuns la apel. Apăsați tastele pe care le auziți, apoi tastați codul de mai jos."
            ),
            call_reading="Vă dictăm codul.",
            call_heard="Ați auzit codul. Introduceți-l aici.",
            call_completed="Apelul s-a încheiat.",
            call_busy="Linia a fost ocupată.",
            call_no_answer="Nu a răspuns nimeni la apel.",
            call_failed="Apelul nu a putut fi efectuat.",
            call_machine="A răspuns o căsuță vocală sau un robot telefonic, așa că nu am spus codul.",
            call_no_keys=(
                "Apelul s-a încheiat înainte să spunem codul: nu a fost apăsată nicio tastă. A fost căsuța vocală?"
            ),
            call_wrong_keys="Apelul s-a încheiat înainte să spunem codul: nu au fost tastele corecte.",
            call_not_typed="Apelul s-a încheiat înainte să fie tastat un cod. A fost căsuța vocală?",
            text_queued="SMS-ul este pe cale să fie trimis.",
            text_sent="SMS-ul a fost trimis.",
            text_delivered="SMS-ul a ajuns.",
            text_undelivered="SMS-ul nu a putut fi livrat.",
            text_landline="Acest telefon nu poate primi SMS-uri.",
            whatsapp_queued="Mesajul de pe WhatsApp este pe cale să fie trimis.",
            whatsapp_sent="Mesajul de pe WhatsApp a fost trimis.",
            whatsapp_delivered="Mesajul de pe WhatsApp a ajuns.",
            whatsapp_undelivered="Mesajul de pe WhatsApp nu a putut fi livrat.",
            maybe_ringing="Este posibil ca telefonul să sune acum. Vă rugăm să așteptați o clipă.",
            not_reached="Nu am putut contacta acest telefon",
            try_text="Puteți încerca prin SMS.",
            try_call="Puteți încerca prin apel telefonic.",
            try_whatsapp="Puteți încerca prin WhatsApp.",
            opted_out=(
                "Apelurile și SMS-urile noastre către acest număr au fost oprite la cerere. Pentru a le permite din "
                "nou, trimiteți START prin SMS de pe acest telefon la {sender} sau sunați-ne la acel număr."
            ),
        ),
        errors=ErrorWords(
            title="Eroare: {title}",
            heading="Există o problemă",
            username_missing="Introduceți numele de utilizator.",
            username_too_long="Numele de utilizator poate avea cel mult {limit} de caractere.",
            username_characters="Folosiți litere dintr-un singur alfabet și cifre.",
            phone_missing="Introduceți numărul de telefon.",
            phone_invalid="Introduceți un număr de telefon cu prefixul țării, de exemplu {example}",
            phone_country="Nu trimitem coduri la numere din această țară.",
            phone_countries="Putem contacta numai numere din: {countries}",
            phone_kind="Nu trimitem coduri la numere de acest tip.",
            channel_missing="Alegeți cum doriți să primiți codul.",
            code_missing="Introduceți codul.",
            code_characters="Codul conține numai cifre.",
            code_length="Codul are {length} cifre. Verificați-l și încercați din nou.",
            form_expired="Această pagină a fost deschisă prea mult timp. Încercați din nou.",
            too_many="Prea multe încercări. Încercați din nou mai târziu.",
            not_found="Pagina nu a fost găsită",
            start_again="Începe din nou",
            went_wrong="A apărut o eroare la noi. Dacă ne scrieți, menționați {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Am anulat acest cod",
            reported=(
                "Persoana care a răspuns la telefon ne-a spus că nu a cerut acest cod. Pentru siguranța "
                "dumneavoastră, nu vom contacta acest număr timp de {minutes} min."
            ),
            suppressed_heading="Nu contactăm acest număr",
        ),
    ),
)
