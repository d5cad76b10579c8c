"""Polish, in the formal form. The brand stands behind "tu", where it needs no case ending.

Counted nouns change with the number, so minutes and seconds are written with their units (min, s), which do not.
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
    tag="pl-PL",
    native_name="Polski",
    html_language="pl-PL",
    voice="Polly.Ola-Neural",
    language="pl-PL",
    decimal=",",
    purposes=purposes(
        sign_in="do logowania",
        change_billing="do zmiany danych do faktury",
        change_shipping_address="do zmiany adresu dostawy",
        change_password="do zmiany hasła",
        change_number="do zmiany numeru telefonu",
        new_number="do potwierdzenia nowego numeru telefonu",
        payment="do płatności",
        neutral="na Państwa prośbę",
    ),
    call=CallWords(
        announcement="Tu {brand}, automatyczne połączenie z kodem {purpose}.",
        announcement_again="Tu ponownie {brand}, z kodem {purpose}.",
        press_keys="Aby go usłyszeć, proszę nacisnąć te trzy klawisze: {keys}",
        press_again="Aby go usłyszeć, proszę nacisnąć {keys}",
        press_any_key="Aby usłyszeć kod, proszę nacisnąć dowolny klawisz.",
        wrong_keys="To nie były właściwe klawisze.",
        did_not_ask="Jeśli to nie Państwo prosili o to połączenie, proszę nacisnąć {keys}",
        tell_no_one="Proszę nikomu nie podawać tego kodu, nawet nam.",
        payment="Płatność {amount}, odbiorca: {payee}",
        code="Oto kod: {code}",
        once_more="Jeszcze raz: {code}",
        reference="Numer referencyjny: {reference}",
        slowly="Powoli:",
        character="Cyfra numer {position}, razem {total}:",
        next_character="Aby usłyszeć następną, proszę nacisnąć dowolny klawisz.",
        last_character="To była ostatnia.",
        enter_on_screen="Proszę wpisać kod na ekranie.",
        menu=MenuWords(
            again="Aby usłyszeć kod ponownie, proszę nacisnąć {key}",
            slower="Aby usłyszeć go wolniej, proszę nacisnąć {key}",
            one_at_a_time="Aby usłyszeć go cyfra po cyfrze, proszę nacisnąć {key}",
            text="Aby otrzymać go SMS-em, proszę nacisnąć {key}",
            report="Jeśli nie proszono o ten kod, proszę nacisnąć {key}",
            never="Aby nie dostawać już od nas połączeń ani SMS-ów, proszę nacisnąć {key}",
        ),
        text_refused="Niestety nie możemy teraz wysłać SMS-a.",
        confirm_report="Aby potwierdzić, że nie proszono o to połączenie, proszę nacisnąć gwiazdkę.",
        confirm_never="Aby zatrzymać wszystkie nasze połączenia i SMS-y na ten numer, proszę nacisnąć gwiazdkę.",
        confirm_allow="Nie dzwonimy ani nie piszemy na ten numer. Aby znów na to pozwolić, proszę nacisnąć gwiazdkę.",
        typed_announcement="Tu {brand}, automatyczne połączenie w sprawie kodu {purpose}.",
        press_keys_first="Najpierw proszę nacisnąć te klawisze: {keys}",
        type_code="Proszę wpisać kod widoczny na ekranie.",
        type_incomplete="To nie był cały kod. Proszę wpisać kod widoczny na ekranie.",
        type_wrong="To nie był właściwy kod. Proszę wpisać kod widoczny na ekranie.",
        did_not_ask_star="Jeśli to nie Państwo prosili o to połączenie, proszę nacisnąć gwiazdkę.",
        greeting="Dzień dobry, tu {brand}, automatyczna linia. Kody podajemy tylko osobom, które o nie proszą.",
        greeting_call_back="Jeśli mamy oddzwonić w sprawie kodu, proszę nacisnąć {key}",
        greeting_permission="Aby zatrzymać nasze połączenia lub znów na nie pozwolić, proszę nacisnąć {key}",
        permission_announcement=(
            "Dzień dobry, to automatyczne połączenie od {brand}. Oddzwaniamy na Państwa prośbę w sprawie naszych "
            "połączeń."
        ),
        endings=EndingWords(
            goodbye="Dziękujemy. Do widzenia.",
            nothing_pressed="Nie naciśnięto żadnego klawisza. Do widzenia.",
            wrong_keys="To nie były właściwe klawisze, więc kończymy połączenie. Do widzenia.",
            no_longer_needed="Tu {brand}, automatyczne połączenie. Kod nie jest już potrzebny. Do widzenia.",
            reported=(
                "Dziękujemy. Kod został unieważniony. Odnotowaliśmy, że to nie Państwo o niego prosili. Do widzenia."
            ),
            suppressed=(
                "Nie będziemy już dzwonić ani pisać na ten numer. W razie zmiany zdania proszę wysłać SMS o "
                "treści START na numer, z którego dzwonimy, lub na niego zadzwonić. Do widzenia."
            ),
            lifted="Dziękujemy. Możemy znów dzwonić i pisać na ten numer. Do widzenia.",
            text_sent="Wysyłamy kod SMS-em. Do widzenia.",
            machine="Tu {brand}, to było automatyczne połączenie. Nic nie trzeba robić. Do widzenia.",
            sorry="Tu {brand}. Przepraszamy, po naszej stronie wystąpił błąd. Proszę spróbować później.",
            typed_approved="Dziękujemy, kod się zgadza. Proszę kontynuować na ekranie. Do widzenia.",
            typed_wrong="To nie był właściwy kod. Kod z ekranu stracił ważność. Można tam zacząć od nowa. Do widzenia.",
            call_back="Jeśli na ten numer czeka kod, zaraz zadzwonimy. Do widzenia.",
            call_back_permission="Proszę się rozłączyć. Zaraz oddzwonimy. Do widzenia.",
        ),
    ),
    text=TextWords(
        code="{brand}: kod to {code}, ważny {minutes} min. Prosimy nikomu go nie podawać.",
        code_under_a_minute="{brand}: kod to {code}, ważny niecałą minutę. Prosimy nikomu go nie podawać.",
        code_for="{brand}: kod {purpose} to {code}, ważny {minutes} min. Prosimy nikomu go nie podawać.",
        code_for_under_a_minute=(
            "{brand}: kod {purpose} to {code}, ważny niecałą minutę. Prosimy nikomu go nie podawać."
        ),
        payment="do płatności {amount}, odbiorca {payee},",
        help=(
            "{brand} wysyła kody na życzenie. Pytania: {contact}. Odpowiedzi: STOP - koniec, START - "
            "wznowienie, CALL - zadzwonimy."
        ),
        stopped="{brand}: nie będziemy już dzwonić ani pisać na ten numer. "
        "Aby znów na to pozwolić, prosimy wysłać START.",
        started="{brand}: możemy znów dzwonić i pisać na ten numer. Aby to zakończyć, prosimy wysłać STOP.",
        call_back="Jeśli na ten numer czeka kod, zaraz zadzwonimy.",
        reported="Dziękujemy. Jeśli na ten numer czekał kod, już nie działa.",
        number_changed=(
            "{brand}: zmieniono numer telefonu tego konta. Jeśli ktoś zrobił "
            "to bez Państwa wiedzy, prosimy o pilny kontakt."
        ),
        other="{brand}: nikt nie czyta SMS-ów na ten numer. HELP: pomoc, STOP: koniec wiadomości i połączeń.",
    ),
    page=PageWords(
        form=FormWords(
            title="Potwierdź numer telefonu",
            skip="Przejdź do treści głównej",
            username_label="Nazwa użytkownika",
            phone_label="Numer telefonu",
            phone_hint="Z numerem kierunkowym kraju, na przykład {example}",
            number_ending="Numer kończący się na {digits}",
            channel_label="Jak chcą Państwo otrzymać kod?",
            channel_call="Telefonicznie",
            channel_sms="SMS-em",
            channel_whatsapp="Przez WhatsApp",
            typed_choice="Telefonicznie, a ja wpiszę kod na telefonie",
            language_label="Język",
            submit="Wyślij mi kod",
            cancel="Anuluj",
        ),
        code=CodeWords(
            heading_call="Prosimy odebrać telefon",
            heading_text="Prosimy sprawdzić telefon",
            heading_code="Wpisz {length}-cyfrowy kod",
            heading_failed="Spróbujmy jeszcze raz",
            label="{length}-cyfrowy kod",
            hint="Prosimy nikomu nie podawać kodu.",
            submit="Dalej",
            typed_label="Prosimy wpisać ten kod na telefonie",
            typed_hint="Prosimy odebrać nasze połączenie i wpisać ten kod na klawiaturze telefonu.",
            works_until="Ten kod działa do {time}",
            minutes_left="Ten kod działa jeszcze {minutes} min",
            one_minute_left="Ten kod działa jeszcze minutę",
            under_a_minute_left="Ten kod działa jeszcze niecałą minutę",
            warning="Kod wkrótce straci ważność. W każdej chwili można poprosić o nowy.",
            wrong="Kod jest nieprawidłowy",
            wrong_next="Kod stracił ważność. Możemy wysłać nowy.",
            checks_left="Kod jest nieprawidłowy. Pozostałe próby: {checks}",
            tries_left="Pozostałe próby: {checks}",
            latest_counts="Ważny jest tylko najnowszy kod.",
            expired="Kod stracił ważność",
            canceled="Ten kod nie jest już ważny",
            begin_again="Wyślij mi nowy kod",
            change="Użyj innego numeru",
            change_number="Zmień",
            change_username="Użyj innej nazwy użytkownika",
            no_code="Kod nie dotarł?",
            have_code="Mam kod",
            call_again="Zadzwoń do mnie ponownie",
            text_again="Wyślij SMS ponownie",
            text_instead="Wolę SMS",
            call_instead="Wolę połączenie",
            whatsapp_again="Wyślij ponownie przez WhatsApp",
            whatsapp_instead="Wolę WhatsApp",
            resend_seconds="Ponownie będzie to możliwe za {seconds} s.",
            resend_minutes="Ponownie będzie to możliwe za {minutes} min.",
            wait_seconds="Przed kolejną próbą prosimy odczekać {seconds} s.",
            wait_minutes="Przed kolejną próbą prosimy odczekać {minutes} min.",
            refresh="Odśwież tę stronę",
            reference="Numer referencyjny: {reference}",
            welcome="Witamy, {username}",
            welcome_next="Telefon został potwierdzony.",
            welcome_onward="Dalej",
            welcome_close="Można zamknąć tę stronę.",
            another="Potwierdź inny numer",
        ),
        progress=ProgressWords(
            calling_if_known=(
                "Jeśli ta nazwa użytkownika jest zarejestrowana, właśnie dzwonimy pod numer kończący się na {digits}."
            ),
            texting_if_known=(
                "Jeśli ta nazwa użytkownika jest zarejestrowana, właśnie wysyłamy SMS na numer kończący się na "
                "{digits}."
            ),
            whatsapp_if_known=(
                "Jeśli ta nazwa użytkownika jest zarejestrowana, właśnie wysyłamy wiadomość WhatsApp na numer "
                "kończący się na {digits}."
            ),
            call_queued="Połączenie zaraz się rozpocznie.",
            call_ringing="Telefon dzwoni.",
            call_answered="Połączenie odebrane. Prosimy nacisnąć klawisze, które Państwo usłyszą.",
            call_answered_typed="Połączenie odebrane. Prosimy nacisnąć podane klawisze, a potem wpisać poniższy kod.",
            call_reading="Podajemy kod.",
            call_heard="Kod został odsłuchany. Prosimy wpisać go tutaj.",
            call_completed="Połączenie zostało zakończone.",
            call_busy="Numer był zajęty.",
            call_no_answer="Nikt nie odebrał połączenia.",
            call_failed="Nie udało się nawiązać połączenia.",
            call_machine="Odezwała się poczta głosowa lub automat, dlatego nie podaliśmy kodu.",
            call_no_keys=(
                "Połączenie zakończyło się, zanim podaliśmy kod: nie naciśnięto żadnego klawisza. Czy to była poczta "
                "głosowa?"
            ),
            call_wrong_keys="Połączenie zakończyło się, zanim podaliśmy kod: to nie były właściwe klawisze.",
            call_not_typed="Połączenie zakończyło się, zanim wpisano kod. Czy to była poczta głosowa?",
            text_queued="SMS zostanie zaraz wysłany.",
            text_sent="SMS został wysłany.",
            text_delivered="SMS dotarł na telefon.",
            text_undelivered="Nie udało się dostarczyć SMS-a.",
            text_landline="Ten telefon nie może odbierać SMS-ów.",
            whatsapp_queued="Wiadomość WhatsApp zostanie zaraz wysłana.",
            whatsapp_sent="Wiadomość WhatsApp została wysłana.",
            whatsapp_delivered="Wiadomość WhatsApp dotarła na telefon.",
            whatsapp_undelivered="Nie udało się dostarczyć wiadomości WhatsApp.",
            maybe_ringing="Telefon być może dzwoni. Prosimy chwilę poczekać.",
            not_reached="Nie udało się połączyć z tym telefonem",
            try_text="Można spróbować SMS-em.",
            try_call="Można spróbować telefonicznie.",
            try_whatsapp="Można spróbować przez WhatsApp.",
            opted_out=(
                "Dla tego numeru wyłączono nasze połączenia i SMS-y. Aby je znów włączyć, prosimy wysłać z niego SMS "
                "o treści START na numer {sender} albo zadzwonić na ten numer."
            ),
        ),
        errors=ErrorWords(
            title="Błąd: {title}",
            heading="Wystąpił problem",
            username_missing="Prosimy podać nazwę użytkownika.",
            username_too_long="Nazwa użytkownika może mieć do {limit} znaków.",
            username_characters="Prosimy użyć liter i cyfr jednego alfabetu.",
            phone_missing="Prosimy podać numer telefonu.",
            phone_invalid="Prosimy podać numer telefonu z numerem kierunkowym kraju, na przykład {example}",
            phone_country="Nie wysyłamy kodów na numery w tym kraju.",
            phone_countries="Możemy dotrzeć tylko do numerów z krajów: {countries}",
            phone_kind="Nie wysyłamy kodów na numery tego rodzaju.",
            channel_missing="Prosimy wybrać sposób przekazania kodu.",
            code_missing="Prosimy wpisać kod.",
            code_characters="Kod składa się tylko z cyfr.",
            code_length="Kod ma {length} cyfr. Prosimy go sprawdzić i spróbować ponownie.",
            form_expired="Strona była otwarta zbyt długo. Prosimy spróbować ponownie.",
            too_many="Zbyt wiele prób. Prosimy spróbować później.",
            not_found="Nie znaleziono strony",
            start_again="Zacznij od nowa",
            went_wrong="Po naszej stronie wystąpił błąd. Pisząc do nas, prosimy podać {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Anulowaliśmy ten kod",
            reported=(
                "Osoba, która odebrała telefon, zgłosiła, że nie prosiła o ten kod. Dla bezpieczeństwa nie będziemy "
                "się kontaktować z tym numerem (minuty: {minutes})."
            ),
            suppressed_heading="Nie kontaktujemy się z tym numerem",
        ),
    ),
)
