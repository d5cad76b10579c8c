"""Turkish, in the formal "siz".

Suffixes follow the sound of a word, so the brand, the numbers and the keys stand where they take none: before a noun
("{key} tuşuna"), before "tarafından", or after a colon.
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
    tag="tr-TR",
    native_name="Türkçe",
    html_language="tr-TR",
    voice="Polly.Burcu-Neural",
    language="tr-TR",
    decimal=",",
    purposes=purposes(
        sign_in="giriş",
        change_billing="fatura bilgilerini değiştirme",
        change_shipping_address="teslimat adresini değiştirme",
        change_password="parola değiştirme",
        change_number="telefon numarasını değiştirme",
        new_number="yeni telefon numarasını doğrulama",
        payment="ödeme",
        neutral="istediğiniz doğrulama",
    ),
    call=CallWords(
        announcement="Merhaba, {brand} tarafından, {purpose} kodunuz için otomatik olarak aranıyorsunuz.",
        announcement_again="Yeniden {brand}, {purpose} kodunuz için arıyor.",
        press_keys="Dinlemek için şu üç tuşa basın: {keys}",
        press_again="Dinlemek için şu tuşlara basın: {keys}",
        press_any_key="Kodu duymak için lütfen herhangi bir tuşa basın.",
        wrong_keys="Bastığınız tuşlar doğru değildi.",
        did_not_ask="Bu aramayı siz istemediyseniz lütfen şunu tuşlayın: {keys}",
        tell_no_one="Bu kodu kimseye söylemeyin, bize bile.",
        payment="{payee} adlı alıcıya {amount} ödeme.",
        code="Kodunuz: {code}",
        once_more="Bir kez daha: {code}",
        slowly="Yavaşça:",
        character="Rakam {position}, toplam {total}:",
        next_character="Sonraki için herhangi bir tuşa basın.",
        last_character="Son rakam buydu.",
        enter_on_screen="Kodu ekranda girin.",
        menu=MenuWords(
            again="Kodu tekrar dinlemek için {key} tuşuna basın.",
            slower="Daha yavaş dinlemek için {key} tuşuna basın.",
            one_at_a_time="Rakamları tek tek dinlemek için {key} tuşuna basın.",
            text="Kodu kısa mesajla almak için {key} tuşuna basın.",
            report="Bunu siz istemediyseniz {key} tuşuna basın.",
            never="Tüm aramalarımızı ve mesajlarımızı durdurmak için {key} tuşuna basın.",
        ),
        text_refused="Şu anda kısa mesaj gönderemiyoruz.",
        confirm_report="Bu aramayı istemediğinizi onaylamak için yıldız tuşuna basın.",
        confirm_never="Bu numaraya yaptığımız tüm aramaları ve mesajları durdurmak için yıldız tuşuna basın.",
        confirm_allow="Bu numarayı aramıyor, mesaj da göndermiyoruz. Yeniden izin vermek için yıldız tuşuna basın.",
        typed_announcement="Merhaba, {brand} tarafından, {purpose} kodunuzla ilgili olarak otomatik aranıyorsunuz.",
        press_keys_first="Önce şu tuşlara basın: {keys}",
        type_code="Lütfen ekranda gördüğünüz kodu tuşlayın.",
        type_incomplete="Kodun tamamı girilmedi. Lütfen ekranda gördüğünüz kodu tuşlayın.",
        type_wrong="Girdiğiniz kod doğru değildi. Lütfen ekranda gördüğünüz kodu tuşlayın.",
        did_not_ask_star="Bu aramayı siz istemediyseniz lütfen yıldız tuşuna basın.",
        greeting="Merhaba, burası {brand} otomatik telefon hattı. Kodları yalnızca isteyen kişilere veriyoruz.",
        greeting_call_back="Bir kod için geri aranmak istiyorsanız {key} tuşuna basın.",
        greeting_permission="Aramalarımızı durdurmak veya yeniden izin vermek için {key} tuşuna basın.",
        permission_announcement=(
            "Merhaba, {brand} tarafından otomatik olarak aranıyorsunuz. Aramalarımız hakkında geri aranmak istediniz."
        ),
        endings=EndingWords(
            goodbye="Teşekkür ederiz. İyi günler.",
            nothing_pressed="Hiçbir tuşa basmadınız. İyi günler.",
            wrong_keys="Bastığınız tuşlar doğru olmadığı için aramayı sonlandırıyoruz. İyi günler.",
            no_longer_needed=(
                "Merhaba, {brand} tarafından otomatik olarak arandınız. Koda artık gerek kalmadı. İyi günler."
            ),
            reported="Teşekkür ederiz. Kodu iptal ettik ve sizin istemediğinizi kaydettik. İyi günler.",
            suppressed=(
                "Bu numarayı artık aramayacağız, mesaj da göndermeyeceğiz. Fikrinizi değiştirirseniz sizi arayan "
                "numaraya START yazıp gönderin veya o numarayı arayın. İyi günler."
            ),
            lifted="Teşekkür ederiz. Bu numarayı yeniden arayabilir ve mesaj gönderebiliriz. İyi günler.",
            text_sent="Kodu kısa mesajla gönderiyoruz. İyi günler.",
            machine="{brand} tarafından otomatik olarak arandınız. Bir şey yapmanız gerekmiyor. İyi günler.",
            sorry=(
                "Burası {brand}. Özür dileriz, bizden kaynaklanan bir sorun oluştu. Lütfen daha sonra tekrar "
                "deneyin. İyi günler."
            ),
            typed_approved="Teşekkür ederiz, kod doğru. Lütfen ekrandan devam edin. İyi günler.",
            typed_wrong=(
                "Girdiğiniz kod doğru değildi. Ekrandaki kod artık geçerli değil. Ekrandan yeniden "
                "başlayabilirsiniz. İyi günler."
            ),
            call_back="Bu numara için bekleyen bir kod varsa sizi hemen arıyoruz. İyi günler.",
            call_back_permission="Lütfen telefonu kapatın. Birazdan sizi geri arayacağız. İyi günler.",
        ),
    ),
    text=TextWords(
        code="{brand}: kodunuz {code}. {minutes} dk geçerli. Kimseyle paylaşmayın.",
        code_under_a_minute="{brand}: kodunuz {code}. Bir dakikadan az geçerli. Kimseyle paylaşmayın.",
        code_for="{brand}: {purpose} kodunuz {code}. {minutes} dk geçerli. Kimseyle paylaşmayın.",
        code_for_under_a_minute="{brand}: {purpose} kodunuz {code}. Bir dakikadan az geçerli. Kimseyle paylaşmayın.",
        payment="{payee} adlı alıcıya {amount} ödeme",
        help=(
            "{brand} isteyenlere kod gönderir. Sorular: {contact}. Durdurmak için STOP, izin için START, "
            "aranmak için CALL yazın."
        ),
        stopped="{brand}: bu numarayı artık aramayacağız, mesaj da göndermeyeceğiz. İzin vermek için START yazın.",
        started="{brand}: bu numarayı yeniden arayabilir, mesaj gönderebiliriz. Durdurmak için STOP yazın.",
        call_back="Bu numara için bekleyen bir kod varsa sizi hemen arıyoruz.",
        reported="Teşekkürler. Bu numara için bekleyen bir kod varsa artık geçerli değil.",
        number_changed="{brand}: hesabınızın telefon numarası değiştirildi. Bunu siz yapmadıysanız hemen bize ulaşın.",
        other="{brand}: bu numaraya gelen mesajlar okunmaz. Yardım için HELP, durdurmak için STOP yazın.",
    ),
    page=PageWords(
        form=FormWords(
            title="{brand}: telefonunuzu doğrulayın",
            skip="Ana içeriğe geç",
            username_label="Kullanıcı adı",
            phone_label="Telefon numarası",
            phone_hint="Ülke koduyla birlikte, örneğin {example}",
            channel_label="Kodu nasıl almak istersiniz?",
            channel_call="Arama ile",
            channel_sms="Kısa mesaj ile",
            typed_choice="Kodu burada göster, telefonumdan tuşlayacağım",
            language_label="Dil",
            submit="Kod gönder",
        ),
        code=CodeWords(
            label="Kod",
            hint="Yalnızca rakam girin. Kodu kimseyle paylaşmayın.",
            submit="Kodu doğrula",
            typed_label="Telefonda tuşlayacağınız kod",
            typed_hint="Aramamızı yanıtlayın ve bu kodu telefonunuzun tuşlarıyla girin.",
            minutes_left="{minutes} dakika kaldı",
            one_minute_left="Bir dakika kaldı",
            under_a_minute_left="Bir dakikadan az kaldı",
            warning="Bu kodun süresi yakında dolacak. Dilediğiniz zaman yenisini isteyebilirsiniz.",
            wrong="Kod doğru değil ve artık kullanılamaz. Yeni bir kod isteyin.",
            checks_left="Kod doğru değil. Kalan deneme sayısı: {checks}",
            latest_counts="Yalnızca en son kod geçerlidir.",
            expired="Kodun süresi doldu.",
            canceled="Bu kod artık geçerli değil.",
            begin_again="Yeni kod gönder",
            change="Bilgilerimi değiştir",
            call_again="Tekrar ara",
            text_again="Kısa mesajı tekrar gönder",
            text_instead="Bunun yerine kısa mesaj gönder",
            call_instead="Bunun yerine ara",
            wait_seconds="Tekrar denemeden önce lütfen {seconds} saniye bekleyin.",
            wait_minutes="Tekrar denemeden önce lütfen {minutes} dakika bekleyin.",
            refresh="Bu sayfayı yenile",
            welcome="Hoş geldiniz, {username}",
            welcome_next="Telefonunuz doğrulandı.",
            welcome_onward="Devam et",
            welcome_close="Bu sayfayı kapatabilirsiniz.",
        ),
        progress=ProgressWords(
            calling="{number} numarasını arıyoruz.",
            texting="{number} numarasına kısa mesaj gönderiyoruz.",
            calling_if_known="Bu kullanıcı adı bizde kayıtlıysa şu anda telefon numarasını arıyoruz.",
            texting_if_known="Bu kullanıcı adı bizde kayıtlıysa şu anda telefon numarasına kısa mesaj gönderiyoruz.",
            call_queued="Arama birazdan başlayacak.",
            call_ringing="Telefonunuz çalıyor.",
            call_answered="Aramayı yanıtladınız. Lütfen duyduğunuz tuşlara basın.",
            call_reading="Kodu okuyoruz.",
            call_heard="Kodu dinlediniz. Lütfen buraya girin.",
            call_completed="Arama sona erdi.",
            call_busy="Hat meşguldü.",
            call_no_answer="Aramayı kimse yanıtlamadı.",
            call_failed="Arama gerçekleştirilemedi.",
            call_machine="Aramayı telesekreter ya da otomatik bir sistem yanıtladı, bu yüzden kodu okumadık.",
            text_queued="Kısa mesaj birazdan gönderilecek.",
            text_sent="Kısa mesaj gönderildi.",
            text_delivered="Kısa mesaj ulaştı.",
            text_undelivered="Kısa mesaj iletilemedi.",
            text_landline="Bu telefon kısa mesaj alamıyor.",
            maybe_ringing="Telefonunuz çalıyor olabilir. Lütfen biraz bekleyin.",
            not_reached="Bu telefona ulaşamadık.",
            try_text="Bunun yerine kısa mesajı deneyebilirsiniz.",
            try_call="Bunun yerine aramayı deneyebilirsiniz.",
            opted_out=(
                "Bu numara aramalarımıza ve kısa mesajlarımıza kapatıldı. Yeniden izin vermek için bu "
                "numaradan {sender} numarasına START yazıp gönderin."
            ),
        ),
        errors=ErrorWords(
            heading="Lütfen bilgileri kontrol edin",
            username_missing="Lütfen kullanıcı adınızı girin.",
            username_too_long="Kullanıcı adı en fazla {limit} karakter olabilir.",
            username_characters="Kullanıcı adında izin verilmeyen karakterler var.",
            phone_missing="Lütfen telefon numaranızı girin.",
            phone_invalid="Bu telefon numarası geçerli değil.",
            phone_country="Bu ülkedeki numaralara kod göndermiyoruz.",
            phone_kind="Bu tür numaraları aramıyoruz.",
            channel_missing="Lütfen kodu nasıl almak istediğinizi seçin.",
            code_missing="Lütfen kodu girin.",
            code_characters="Kod yalnızca rakamlardan oluşur.",
            code_length="Kod {length} rakamdan oluşur.",
            form_expired="Bu sayfa çok uzun süre açık kaldı. Lütfen tekrar deneyin.",
            too_many="Çok fazla deneme yapıldı. Lütfen daha sonra tekrar deneyin.",
            not_found="Sayfa bulunamadı.",
            went_wrong="Bizden kaynaklanan bir sorun oluştu. Bize yazarsanız lütfen şunu belirtin: {error_id}",
        ),
        outcome=OutcomeWords(
            reported=(
                "Telefonu açan kişi bu kodu istemediğini söyledi, bu yüzden kodu iptal ettik. Güvenlik için bu "
                "numarayla {minutes} dakika boyunca iletişim kurmayacağız."
            ),
        ),
    ),
)
