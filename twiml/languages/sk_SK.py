"""Slovak, in the formal "vy". The brand stands beside "tu", where it needs no case ending.

Counted nouns change with the number, so minutes and seconds are written with their units (min, s), which do not, and
the digits of a code are counted behind a colon. The voice is Google's: Twilio lists no Polly voice for Slovak.
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
    tag="sk-SK",
    native_name="Slovenčina",
    html_language="sk",
    voice="Google.sk-SK-Wavenet-B",
    language="sk-SK",
    decimal=",",
    purposes=purposes(
        sign_in="na prihlásenie",
        change_billing="na zmenu fakturačných údajov",
        change_shipping_address="na zmenu dodacej adresy",
        change_password="na zmenu hesla",
        change_number="na zmenu telefónneho čísla",
        new_number="na potvrdenie nového telefónneho čísla",
        payment="na platbu",
        neutral="na overenie",
    ),
    call=CallWords(
        announcement="Dobrý deň, tu {brand}, automatický hovor s kódom {purpose}.",
        announcement_again="Tu znova {brand}, s kódom {purpose}.",
        press_keys="Ak ho chcete počuť, stlačte tieto tri tlačidlá: {keys}",
        press_again="Ak ho chcete počuť, stlačte {keys}",
        press_any_key="Ak chcete počuť kód, stlačte ľubovoľné tlačidlo.",
        wrong_keys="To neboli správne tlačidlá.",
        did_not_ask="Ak ste o tento hovor nepožiadali, stlačte {keys}",
        tell_no_one="Tento kód nikomu nehovorte, ani nám.",
        payment="Platba {amount}, príjemca: {payee}",
        code="Váš kód je: {code}",
        once_more="Ešte raz: {code}",
        slowly="Teraz pomaly:",
        character="Číslica {position}, spolu {total}:",
        next_character="Ak chcete počuť ďalšiu, stlačte ľubovoľné tlačidlo.",
        last_character="To bola posledná číslica.",
        enter_on_screen="Zadajte kód na obrazovke.",
        menu=MenuWords(
            again="Ak chcete kód počuť znova, stlačte {key}",
            slower="Ak ho chcete počuť pomalšie, stlačte {key}",
            one_at_a_time="Ak ho chcete počuť po jednej číslici, stlačte {key}",
            text="Ak ho chcete dostať v SMS, stlačte {key}",
            report="Ak ste o kód nepožiadali, stlačte {key}",
            never="Ak chcete ukončiť všetky naše hovory a SMS, stlačte {key}",
        ),
        text_refused="SMS teraz, žiaľ, nemôžeme poslať.",
        confirm_report="Ak chcete potvrdiť, že ste o tento hovor nepožiadali, stlačte hviezdičku.",
        confirm_never="Ak chcete ukončiť všetky naše hovory a SMS na toto číslo, stlačte hviezdičku.",
        confirm_allow="Na toto číslo nevoláme ani nepíšeme. Ak to chcete znova povoliť, stlačte hviezdičku.",
        typed_announcement="Dobrý deň, tu {brand}, automatický hovor týkajúci sa kódu {purpose}.",
        press_keys_first="Najprv stlačte tieto tlačidlá: {keys}",
        type_code="Zadajte, prosím, kód, ktorý vidíte na obrazovke.",
        type_incomplete="To nebol celý kód. Zadajte, prosím, kód, ktorý vidíte na obrazovke.",
        type_wrong="To nebol správny kód. Zadajte, prosím, kód, ktorý vidíte na obrazovke.",
        did_not_ask_star="Ak ste o tento hovor nepožiadali, stlačte hviezdičku.",
        greeting="Dobrý deň, tu {brand}, automatická linka. Voláme len ľuďom, ktorí nás požiadajú o kód.",
        greeting_call_back="Ak čakáte na kód a chcete, aby sme vám zavolali, stlačte {key}",
        greeting_permission="Ak chcete naše hovory ukončiť alebo ich znova povoliť, stlačte {key}",
        permission_announcement=(
            "Dobrý deň, tu {brand}, automatický hovor. Požiadali ste nás, aby sme vám zavolali späť vo veci našich "
            "hovorov."
        ),
        endings=EndingWords(
            goodbye="Ďakujeme. Dopočutia.",
            nothing_pressed="Nestlačili ste žiadne tlačidlo. Dopočutia.",
            wrong_keys="To neboli správne tlačidlá, preto hovor ukončíme. Dopočutia.",
            no_longer_needed="Dobrý deň, tu {brand}, automatický hovor. Kód už nie je potrebný. Dopočutia.",
            reported="Ďakujeme. Kód sme zrušili a zaznamenali sme, že ste oň nepožiadali. Dopočutia.",
            suppressed=(
                "Na toto číslo už nebudeme volať ani písať. Ak si to rozmyslíte, pošlite SMS s textom START na "
                "číslo, z ktorého voláme, alebo naň zavolajte. Dopočutia."
            ),
            lifted="Ďakujeme. Na toto číslo môžeme znova volať a písať. Dopočutia.",
            text_sent="Kód vám posielame v SMS. Dopočutia.",
            machine="Tu {brand}, bol to automatický hovor. Nemusíte nič robiť. Dopočutia.",
            sorry="Tu {brand}. Prepáčte, na našej strane nastala chyba. Skúste to, prosím, neskôr. Dopočutia.",
            typed_approved="Ďakujeme, kód je správny. Pokračujte, prosím, na obrazovke. Dopočutia.",
            typed_wrong="To nebol správny kód. Kód na obrazovke už neplatí. Môžete tam začať odznova. Dopočutia.",
            call_back="Ak pre toto číslo čaká kód, hneď vám zavoláme. Dopočutia.",
            call_back_permission="Zaveste, prosím. O chvíľu vám zavoláme späť. Dopočutia.",
        ),
    ),
    text=TextWords(
        code="{brand}: váš kód je {code}. Platí {minutes} min. Nikomu ho nehovorte.",
        code_under_a_minute="{brand}: váš kód je {code}. Platí menej ako minútu. Nikomu ho nehovorte.",
        code_for="{brand}: kód {purpose} je {code}. Platí {minutes} min. Nikomu ho nehovorte.",
        code_for_under_a_minute="{brand}: kód {purpose} je {code}. Platí menej ako minútu. Nikomu ho nehovorte.",
        payment="na platbu {amount}, príjemca {payee},",
        help=(
            "{brand} posiela kódy na požiadanie. Otázky: {contact}. Odpovedzte STOP na ukončenie, START na "
            "obnovenie, CALL a zavoláme."
        ),
        stopped="{brand}: na toto číslo už nebudeme volať ani písať. Znova to povolíte správou START.",
        started="{brand}: na toto číslo môžeme znova volať a písať. Ukončíte to správou STOP.",
        call_back="Ak pre toto číslo čaká kód, hneď vám zavoláme.",
        reported="Ďakujeme. Ak pre toto číslo čakal kód, už neplatí.",
        number_changed=(
            "{brand}: telefónne číslo vášho účtu bolo zmenené. Ak ste ho nezmenili vy, ihneď nás kontaktujte."
        ),
        other="{brand}: správy na toto číslo nikto nečíta. Pošlite HELP, ak chcete pomoc, alebo STOP na ukončenie.",
    ),
    page=PageWords(
        form=FormWords(
            title="{brand}: overenie telefónu",
            skip="Prejsť na hlavný obsah",
            username_label="Používateľské meno",
            phone_label="Telefónne číslo",
            phone_hint="Vrátane predvoľby krajiny, napríklad {example}",
            channel_label="Ako chcete dostať kód?",
            channel_call="Hovorom",
            channel_sms="V SMS",
            typed_choice="Zobraziť kód tu a zadať ho na telefóne",
            language_label="Jazyk",
            submit="Poslať kód",
        ),
        code=CodeWords(
            label="Kód",
            hint="Iba číslice. Nikomu ho nehovorte.",
            submit="Pokračovať",
            typed_label="Kód, ktorý zadáte na telefóne",
            typed_hint="Prijmite náš hovor a zadajte tento kód na klávesnici telefónu.",
            minutes_left="Zostáva {minutes} min",
            one_minute_left="Zostáva jedna minúta",
            under_a_minute_left="Zostáva menej ako minúta",
            warning="Platnosť kódu sa čoskoro skončí. O nový môžete kedykoľvek požiadať.",
            wrong="Kód nie je správny a už neplatí. Požiadajte o nový.",
            checks_left="Kód nie je správny. Zostávajúce pokusy: {checks}",
            latest_counts="Platí len najnovší kód.",
            expired="Platnosť kódu uplynula.",
            canceled="Tento kód už neplatí.",
            begin_again="Poslať nový kód",
            change="Zmeniť údaje",
            call_again="Zavolať znova",
            text_again="Poslať SMS znova",
            text_instead="Poslať radšej SMS",
            call_instead="Radšej zavolať",
            wait_seconds="Pred ďalším pokusom počkajte, prosím, {seconds} s.",
            wait_minutes="Pred ďalším pokusom počkajte, prosím, {minutes} min.",
            refresh="Obnoviť túto stránku",
            welcome="Vitajte, {username}",
            welcome_next="Váš telefón je overený.",
            welcome_onward="Pokračovať",
            welcome_close="Túto stránku môžete zavrieť.",
        ),
        progress=ProgressWords(
            calling="Voláme na číslo {number}.",
            texting="Posielame SMS na číslo {number}.",
            calling_if_known=(
                "Ak je toto používateľské meno zaregistrované, práve voláme na telefónne číslo, ktoré k nemu patrí."
            ),
            texting_if_known=(
                "Ak je toto používateľské meno zaregistrované, práve posielame SMS na telefónne číslo, ktoré k nemu "
                "patrí."
            ),
            call_queued="Hovor sa o chvíľu začne.",
            call_ringing="Váš telefón zvoní.",
            call_answered="Hovor bol prijatý. Stlačte, prosím, tlačidlá, ktoré počujete.",
            call_reading="Práve vám diktujeme kód.",
            call_heard="Kód ste už počuli. Zadajte ho, prosím, sem.",
            call_completed="Hovor sa skončil.",
            call_busy="Linka bola obsadená.",
            call_no_answer="Hovor nikto neprijal.",
            call_failed="Hovor sa nepodarilo spojiť.",
            call_machine="Ozvala sa odkazová schránka alebo automat, preto sme kód nepovedali.",
            text_queued="SMS o chvíľu odošleme.",
            text_sent="SMS sme odoslali.",
            text_delivered="SMS bola doručená.",
            text_undelivered="SMS sa nepodarilo doručiť.",
            text_landline="Tento telefón nemôže prijímať SMS.",
            maybe_ringing="Váš telefón možno práve zvoní. Počkajte, prosím, chvíľu.",
            not_reached="S týmto telefónom sa nám nepodarilo spojiť.",
            try_text="Môžete skúsiť radšej SMS.",
            try_call="Môžete skúsiť radšej hovor.",
            opted_out=(
                "Hovory a SMS na toto číslo boli na žiadosť zastavené. Ak ich chcete znova povoliť, pošlite z tohto "
                "telefónu SMS s textom START na číslo {sender}."
            ),
        ),
        errors=ErrorWords(
            heading="Skontrolujte údaje",
            username_missing="Zadajte používateľské meno.",
            username_too_long="Používateľské meno môže mať najviac {limit} znakov.",
            username_characters="Použite písmená jednej abecedy a číslice.",
            phone_missing="Zadajte telefónne číslo.",
            phone_invalid="Zadajte platné telefónne číslo s predvoľbou krajiny.",
            phone_country="Na čísla v tejto krajine kódy neposielame.",
            phone_kind="Na čísla tohto druhu kódy neposielame.",
            channel_missing="Vyberte, ako chcete dostať kód.",
            code_missing="Zadajte kód.",
            code_characters="Kód obsahuje iba číslice.",
            code_length="Počet číslic v kóde: {length}. Skontrolujte ho a skúste to znova.",
            form_expired="Stránka bola otvorená príliš dlho. Skúste to znova.",
            too_many="Príliš veľa pokusov. Skúste to neskôr.",
            not_found="Stránka sa nenašla",
            went_wrong="Na našej strane nastala chyba. Ak nám napíšete, uveďte {error_id}.",
        ),
        outcome=OutcomeWords(
            reported=(
                "Osoba, ktorá zdvihla telefón, uviedla, že o tento kód nepožiadala, preto sme ho zrušili. Z "
                "bezpečnostných dôvodov nebudeme toto číslo {minutes} min kontaktovať."
            ),
        ),
    ),
)
