"""Hungarian. Formal (Ön). The article before a name depends on its first sound, so the brand stands without one.

A purpose is what the code is needed for ("a belépéshez szükséges kód"). A key stands behind a colon, where it needs no
ending. In texts ő and ű become ö and ü, which GSM-7 has; á, í, ó and ú lose their accents. The voice is Google's:
Twilio lists no Polly voice for Hungarian.
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
    tag="hu-HU",
    native_name="Magyar",
    html_language="hu",
    voice="Google.hu-HU-Wavenet-B",
    language="hu-HU",
    decimal=",",
    purposes=purposes(
        sign_in="a belépéshez",
        change_billing="a számlázási adatok módosításához",
        change_shipping_address="a szállítási cím módosításához",
        change_password="a jelszó módosításához",
        change_number="a telefonszám módosításához",
        new_number="az új telefonszám megerősítéséhez",
        payment="a fizetéshez",
        neutral="az azonosításhoz",
    ),
    call=CallWords(
        announcement="Jó napot kívánunk, itt {brand}: automata hívás {purpose} szükséges kóddal.",
        announcement_again="Itt ismét {brand}, {purpose} szükséges kóddal.",
        press_keys="A kódhoz nyomja meg ezt a három gombot: {keys}",
        press_again="A kódhoz nyomja meg: {keys}",
        press_any_key="Ha hallani szeretné a kódot, nyomjon meg egy tetszőleges gombot.",
        wrong_keys="Nem ezeket a gombokat kértük.",
        did_not_ask="Ha nem Ön kérte ezt a hívást, nyomja meg: {keys}",
        tell_no_one="Ezt a kódot senkinek se mondja el, még nekünk se.",
        payment="Fizetés, összeg: {amount}, kedvezményezett: {payee}",
        code="Az Ön kódja: {code}",
        once_more="Még egyszer: {code}",
        slowly="Most lassabban:",
        character="Számjegy: {position}, összesen: {total}:",
        next_character="A következőhöz nyomjon meg egy tetszőleges gombot.",
        last_character="Ez volt az utolsó számjegy.",
        enter_on_screen="Írja be a kódot a képernyőn.",
        menu=MenuWords(
            again="Ha újra hallani szeretné a kódot, nyomja meg: {key}",
            slower="Ha lassabban szeretné hallani, nyomja meg: {key}",
            one_at_a_time="Ha számjegyenként szeretné hallani, nyomja meg: {key}",
            text="Ha SMS-ben szeretné megkapni, nyomja meg: {key}",
            report="Ha nem Ön kérte a kódot, nyomja meg: {key}",
            never="Ha nem kér tőlünk több hívást és SMS-t, nyomja meg: {key}",
        ),
        text_refused="Sajnos most nem tudunk SMS-t küldeni.",
        confirm_report="Ha megerősíti, hogy nem Ön kérte ezt a hívást, nyomja meg a csillag gombot.",
        confirm_never="Ha erre a számra nem kér tőlünk több hívást és SMS-t, nyomja meg a csillag gombot.",
        confirm_allow=(
            "Erre a számra nem telefonálunk, és nem küldünk SMS-t. Ha újra engedélyezi, nyomja meg a csillag gombot."
        ),
        typed_announcement="Jó napot kívánunk, itt {brand}: automata hívás {purpose} szükséges kóddal kapcsolatban.",
        press_keys_first="Először nyomja meg ezeket a gombokat: {keys}",
        type_code="Kérjük, üsse be a képernyőn látható kódot.",
        type_incomplete="A kód nem volt teljes. Kérjük, üsse be a képernyőn látható kódot.",
        type_wrong="A kód nem volt helyes. Kérjük, üsse be a képernyőn látható kódot.",
        did_not_ask_star="Ha nem Ön kérte ezt a hívást, nyomja meg a csillag gombot.",
        greeting="Jó napot kívánunk, itt {brand}, automata telefonvonal. Csak azt hívjuk, aki kódot kér tőlünk.",
        greeting_call_back="Ha kódra vár, és visszahívást kér, nyomja meg: {key}",
        greeting_permission="Hívásaink leállításához vagy újbóli engedélyezéséhez nyomja meg: {key}",
        permission_announcement=(
            "Jó napot kívánunk, itt {brand}: automata hívás. Ön kérte, hogy hívjuk vissza a hívásainkkal kapcsolatban."
        ),
        endings=EndingWords(
            goodbye="Köszönjük. Viszonthallásra.",
            nothing_pressed="Nem nyomott meg egyetlen gombot sem. Viszonthallásra.",
            wrong_keys="Nem ezeket a gombokat kértük, ezért befejezzük a hívást. Viszonthallásra.",
            no_longer_needed=(
                "Jó napot kívánunk, itt {brand}: automata hívás. A kódra már nincs szükség. Viszonthallásra."
            ),
            reported="Köszönjük. A kódot töröltük, és feljegyeztük, hogy nem Ön kérte. Viszonthallásra.",
            suppressed=(
                "Erre a számra többé nem telefonálunk, és nem küldünk SMS-t. Ha meggondolja magát, küldjön SMS-t "
                "START szöveggel arra a számra, amelyről hívtuk, vagy hívja fel. Viszonthallásra."
            ),
            lifted="Köszönjük. Erre a számra újra telefonálhatunk, és küldhetünk SMS-t. Viszonthallásra.",
            text_sent="A kódot SMS-ben küldjük. Viszonthallásra.",
            machine="Itt {brand}, ez egy automata hívás volt. Nincs semmi teendője. Viszonthallásra.",
            sorry="Itt {brand}. Elnézést kérünk, hiba történt nálunk. Kérjük, próbálja meg később. Viszonthallásra.",
            typed_approved="Köszönjük, a kód helyes. Kérjük, folytassa a képernyőn. Viszonthallásra.",
            typed_wrong=(
                "A kód nem volt helyes. A képernyőn látható kód már nem érvényes. Ott újra kezdheti. Viszonthallásra."
            ),
            call_back="Ha tartozik kód ehhez a számhoz, azonnal hívjuk. Viszonthallásra.",
            call_back_permission="Kérjük, tegye le a telefont. Mindjárt visszahívjuk. Viszonthallásra.",
        ),
    ),
    text=TextWords(
        code="{brand}: az Ön kódja: {code}, {minutes} percig érvényes. Ne adja meg senkinek.",
        code_under_a_minute="{brand}: az Ön kódja: {code}, egy percen belül lejár. Ne adja meg senkinek.",
        code_for="{brand}: {purpose} szükséges kód: {code}, {minutes} percig érvényes. Ne adja meg senkinek.",
        code_for_under_a_minute=(
            "{brand}: {purpose} szükséges kód: {code}, egy percen belül lejár. Ne adja meg senkinek."
        ),
        payment="{amount} fizetéséhez ({payee} részére)",
        help=(
            "{brand}: kérésre küldünk kódot. Kérdések: {contact}. Válasz: STOP - leállítás, START - újraindítás, "
            "CALL - felhívjuk."
        ),
        stopped="{brand}: többé nem hívjuk, és nem küldünk SMS-t. Ha újra engedélyezi, küldje ezt: START.",
        started="{brand}: újra hívhatjuk, és küldhetünk SMS-t, ha kódot kér. Leállításhoz küldje ezt: STOP.",
        call_back="Ha tartozik kód ehhez a számhoz, azonnal hívjuk.",
        reported="Köszönjük. Ha tartozott kód ehhez a számhoz, az már nem érvényes.",
        number_changed="{brand}: fiókja telefonszámát módosították. Ha nem Ön tette, azonnal keressen minket.",
        other="{brand}: az erre a számra küldött SMS-eket senki sem olvassa. Segítség: HELP, leállítás: STOP.",
    ),
    page=PageWords(
        form=FormWords(
            title="{brand}: telefon megerősítése",
            skip="Ugrás a fő tartalomra",
            username_label="Felhasználónév",
            phone_label="Telefonszám",
            phone_hint="Az országhívószámmal együtt, például {example}",
            channel_label="Hogyan szeretné megkapni a kódot?",
            channel_call="Telefonhívásban",
            channel_sms="SMS-ben",
            typed_choice="Jelenjen meg itt a kód, és beütöm a telefonomon",
            language_label="Nyelv",
            submit="Kód kérése",
        ),
        code=CodeWords(
            label="Kód",
            hint="Csak számjegyek. Senkinek se mondja el.",
            submit="Folytatás",
            typed_label="A telefonon beütendő kód",
            typed_hint="Fogadja a hívásunkat, és üsse be ezt a kódot a telefon billentyűzetén.",
            minutes_left="Még {minutes} perc",
            one_minute_left="Még egy perc",
            under_a_minute_left="Kevesebb mint egy perc",
            warning="A kód hamarosan lejár. Bármikor kérhet újat.",
            wrong="A kód nem helyes, és már nem használható. Kérjen újat.",
            checks_left="A kód nem helyes. Hátralévő próbálkozások: {checks}",
            latest_counts="Csak a legutóbbi kód érvényes.",
            expired="A kód lejárt.",
            canceled="Ez a kód már nem érvényes.",
            begin_again="Új kód kérése",
            change="Adatok módosítása",
            call_again="Újabb hívás kérése",
            text_again="SMS újraküldése",
            text_instead="Inkább SMS-t kérek",
            call_instead="Inkább hívást kérek",
            wait_seconds="Kérjük, várjon {seconds} másodpercet, mielőtt újra próbálja.",
            wait_minutes="Kérjük, várjon {minutes} percet, mielőtt újra próbálja.",
            refresh="Oldal frissítése",
            welcome="Üdvözöljük, {username}!",
            welcome_next="Telefonszámát megerősítettük.",
            welcome_onward="Tovább",
            welcome_close="Ezt az oldalt bezárhatja.",
        ),
        progress=ProgressWords(
            calling="Hívjuk ezt a számot: {number}.",
            texting="SMS-t küldünk erre a számra: {number}.",
            calling_if_known="Ha ez a felhasználónév regisztrálva van, most hívjuk a hozzá tartozó telefonszámot.",
            texting_if_known=(
                "Ha ez a felhasználónév regisztrálva van, most SMS-t küldünk a hozzá tartozó telefonszámra."
            ),
            call_queued="A hívás mindjárt elindul.",
            call_ringing="Csörög a telefonja.",
            call_answered="A hívást fogadták. Kérjük, nyomja meg a bemondott gombokat.",
            call_reading="Diktáljuk a kódot.",
            call_heard="A kód elhangzott. Kérjük, írja be itt.",
            call_completed="A hívás véget ért.",
            call_busy="A vonal foglalt volt.",
            call_no_answer="A hívást senki sem fogadta.",
            call_failed="A hívás nem jött létre.",
            call_machine="Hangposta vagy automata válaszolt, ezért nem mondtuk be a kódot.",
            text_queued="Az SMS-t mindjárt elküldjük.",
            text_sent="Az SMS-t elküldtük.",
            text_delivered="Az SMS megérkezett.",
            text_undelivered="Az SMS-t nem sikerült kézbesíteni.",
            text_landline="Ez a telefon nem tud SMS-t fogadni.",
            maybe_ringing="Lehet, hogy csörög a telefonja. Kérjük, várjon egy kicsit.",
            not_reached="Nem sikerült elérnünk ezt a telefont.",
            try_text="Megpróbálhatja inkább SMS-ben.",
            try_call="Megpróbálhatja inkább hívással.",
            opted_out=(
                "Erre a számra kérésre leállítottuk a hívásokat és az SMS-eket. Ha újra engedélyezi, küldjön SMS-t "
                "START szöveggel erről a telefonról erre a számra: {sender}."
            ),
        ),
        errors=ErrorWords(
            heading="Kérjük, ellenőrizze az adatokat",
            username_missing="Adja meg a felhasználónevét.",
            username_too_long="A felhasználónév legfeljebb {limit} karakterből állhat.",
            username_characters="Csak egyféle ábécé betűit és számjegyeket használjon.",
            phone_missing="Adja meg a telefonszámát.",
            phone_invalid="Valódi telefonszámot adjon meg, országhívószámmal.",
            phone_country="Ennek az országnak a számaira nem küldünk kódot.",
            phone_kind="Ilyen típusú számokra nem küldünk kódot.",
            channel_missing="Válassza ki, hogyan szeretné megkapni a kódot.",
            code_missing="Adja meg a kódot.",
            code_characters="A kód csak számjegyekből áll.",
            code_length="A kód {length} számjegyből áll. Ellenőrizze, és próbálja újra.",
            form_expired="Ez az oldal túl sokáig volt nyitva. Kérjük, próbálja újra.",
            too_many="Túl sok próbálkozás. Kérjük, próbálja meg később.",
            not_found="Az oldal nem található",
            went_wrong="Hiba történt nálunk. Ha ír nekünk, hivatkozzon erre: {error_id}.",
        ),
        outcome=OutcomeWords(
            reported=(
                "Aki felvette a telefont, azt jelezte, hogy nem kérte ezt a kódot, ezért töröltük. A biztonság "
                "érdekében {minutes} percig nem keressük ezt a számot."
            ),
        ),
    ),
)
