"""Indonesian. Anda, as banks and authorities write. Its texts are in plain letters, so they stay in GSM-7."""

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
    tag="id-ID",
    native_name="Bahasa Indonesia",
    html_language="id",
    voice="Google.id-ID-Wavenet-A",
    language="id-ID",
    decimal=",",
    purposes=purposes(
        sign_in="untuk masuk",
        change_billing="untuk mengubah data penagihan Anda",
        change_shipping_address="untuk mengubah alamat pengiriman Anda",
        change_password="untuk mengubah kata sandi Anda",
        change_number="untuk mengubah nomor telepon Anda",
        new_number="untuk mengonfirmasi nomor telepon baru Anda",
        payment="untuk pembayaran",
        neutral="yang Anda minta",
    ),
    call=CallWords(
        announcement="Halo, ini panggilan otomatis dari {brand}, berisi kode {purpose}.",
        announcement_again="Ini {brand} lagi, dengan kode {purpose}.",
        press_keys="Untuk mendengarnya, tekan tiga tombol ini: {keys}",
        press_again="Untuk mendengarnya, tekan {keys}",
        press_any_key="Untuk mendengar kodenya, tekan tombol apa saja.",
        wrong_keys="Tombol yang Anda tekan salah.",
        did_not_ask="Jika Anda tidak meminta panggilan ini, tekan {keys}",
        tell_no_one="Jangan berikan kode ini kepada siapa pun, termasuk kepada kami.",
        payment="Pembayaran {amount} kepada {payee}",
        code="Kode Anda: {code}",
        once_more="Sekali lagi: {code}",
        reference="Nomor referensi Anda: {reference}",
        slowly="Kami bacakan perlahan:",
        character="Digit {position} dari {total}:",
        next_character="Untuk digit berikutnya, tekan tombol apa saja.",
        last_character="Itu digit terakhir.",
        enter_on_screen="Masukkan kodenya di layar Anda.",
        menu=MenuWords(
            again="Untuk mendengar kodenya lagi, tekan {key}",
            slower="Untuk mendengarnya perlahan, tekan {key}",
            one_at_a_time="Untuk mendengarnya satu digit demi satu digit, tekan {key}",
            text="Untuk menerimanya lewat SMS, tekan {key}",
            report="Jika Anda tidak meminta kode ini, tekan {key}",
            never="Untuk menghentikan semua panggilan dan SMS kami, tekan {key}",
        ),
        text_refused="Maaf, saat ini kami tidak dapat mengirim SMS.",
        confirm_report="Untuk menegaskan bahwa Anda tidak meminta panggilan ini, tekan tombol bintang.",
        confirm_never="Untuk menghentikan semua panggilan dan SMS kami ke nomor ini, tekan tombol bintang.",
        confirm_allow=(
            "Kami tidak menelepon dan tidak mengirim SMS ke nomor ini. Untuk mengizinkannya lagi, tekan tombol bintang."
        ),
        typed_announcement="Halo, ini panggilan otomatis dari {brand}, tentang kode {purpose}.",
        press_keys_first="Pertama, tekan tombol-tombol ini: {keys}",
        type_code="Silakan masukkan kode yang tampil di layar dengan tombol telepon Anda.",
        type_incomplete="Kodenya belum lengkap. Silakan masukkan kode yang tampil di layar Anda.",
        type_wrong="Kodenya salah. Silakan masukkan kode yang tampil di layar Anda.",
        did_not_ask_star="Jika Anda tidak meminta panggilan ini, tekan tombol bintang.",
        greeting="Halo, ini layanan telepon otomatis {brand}. Kami hanya menelepon orang yang meminta kode.",
        greeting_call_back="Jika Anda menunggu kode dan ingin kami telepon balik, tekan {key}",
        greeting_permission="Untuk menghentikan panggilan kami, atau mengizinkannya lagi, tekan {key}",
        permission_announcement=(
            "Halo, ini panggilan otomatis dari {brand}. Anda meminta kami menelepon balik mengenai panggilan kami."
        ),
        endings=EndingWords(
            goodbye="Terima kasih. Sampai jumpa.",
            nothing_pressed="Anda tidak menekan tombol apa pun. Sampai jumpa.",
            wrong_keys="Tombol yang Anda tekan salah, jadi kami akhiri panggilan ini. Sampai jumpa.",
            no_longer_needed="Halo, ini panggilan otomatis dari {brand}. Kodenya sudah tidak diperlukan. Sampai jumpa.",
            reported="Terima kasih. Kodenya kami batalkan, dan kami catat bahwa Anda tidak memintanya. Sampai jumpa.",
            suppressed=(
                "Kami tidak akan menelepon atau mengirim SMS ke nomor ini lagi. Jika Anda berubah pikiran, kirim SMS "
                "dengan kata START ke nomor yang menelepon Anda, atau telepon nomor itu. Sampai jumpa."
            ),
            lifted="Terima kasih. Kami dapat menelepon dan mengirim SMS ke nomor ini lagi. Sampai jumpa.",
            text_sent="Kami mengirim kodenya lewat SMS. Sampai jumpa.",
            machine="Ini tadi panggilan otomatis dari {brand}. Anda tidak perlu melakukan apa-apa. Sampai jumpa.",
            sorry="Ini {brand}. Maaf, ada gangguan di pihak kami. Silakan coba lagi nanti.",
            typed_approved="Terima kasih, kodenya benar. Silakan lanjutkan di layar Anda. Sampai jumpa.",
            typed_wrong=(
                "Kodenya salah. Kode di layar Anda sudah tidak berlaku. Anda dapat mulai lagi di sana. Sampai jumpa."
            ),
            call_back="Jika ada kode untuk nomor ini, kami telepon Anda sekarang. Sampai jumpa.",
            call_back_permission="Silakan tutup telepon. Sebentar lagi kami menelepon balik. Sampai jumpa.",
        ),
    ),
    text=TextWords(
        code="{brand}: kode Anda {code}. Berlaku {minutes} menit. Jangan berikan kepada siapa pun.",
        code_under_a_minute="{brand}: kode Anda {code}. Berlaku kurang dari satu menit. Jangan dibagikan.",
        code_for="{brand}: kode {purpose} adalah {code}. Berlaku {minutes} menit. Jangan dibagikan.",
        code_for_under_a_minute=(
            "{brand}: kode {purpose} adalah {code}. Berlaku kurang dari satu menit. Jangan dibagikan."
        ),
        payment="untuk pembayaran {amount} kepada {payee}",
        help=(
            "{brand} mengirim kode jika diminta. Bantuan: {contact}. Balas STOP untuk berhenti, START untuk mulai "
            "lagi, CALL untuk ditelepon."
        ),
        stopped="{brand}: kami tidak akan menelepon atau mengirim SMS ke nomor ini lagi. Balas START untuk mulai lagi.",
        started="{brand}: kami dapat menelepon dan mengirim SMS ke nomor ini lagi. Balas STOP untuk berhenti.",
        call_back="Jika ada kode untuk nomor ini, kami telepon Anda sekarang.",
        reported="Terima kasih. Jika ada kode untuk nomor ini, kode itu sudah tidak berlaku.",
        number_changed=(
            "{brand}: nomor telepon akun Anda telah diubah. Jika bukan Anda yang mengubahnya, segera hubungi kami."
        ),
        other="{brand}: SMS ke nomor ini tidak dibaca. Balas HELP untuk bantuan atau STOP untuk berhenti.",
    ),
    page=PageWords(
        form=FormWords(
            title="Konfirmasi nomor telepon Anda",
            skip="Langsung ke konten utama",
            username_label="Nama pengguna",
            phone_label="Nomor telepon",
            phone_hint="Dengan kode negara, misalnya {example}",
            number_ending="Nomor yang berakhir dengan {digits}",
            channel_label="Bagaimana Anda ingin menerima kode?",
            channel_call="Lewat panggilan telepon",
            channel_sms="Lewat SMS",
            channel_whatsapp="Lewat WhatsApp",
            typed_choice="Lewat panggilan telepon, lalu saya masukkan kode di telepon",
            language_label="Bahasa",
            submit="Kirim kode",
            cancel="Batal",
        ),
        code=CodeWords(
            heading_call="Jawab telepon Anda",
            heading_text="Periksa telepon Anda",
            heading_code="Masukkan kode {length} angka",
            heading_failed="Mari kita coba lagi",
            label="Kode {length} angka",
            hint="Jangan berikan kepada siapa pun.",
            submit="Lanjutkan",
            typed_label="Masukkan kode ini di telepon Anda",
            typed_hint="Jawab panggilan kami, lalu masukkan kode ini dengan tombol telepon Anda.",
            works_until="Kode ini berlaku sampai {time}",
            minutes_left="Kode ini berlaku {minutes} menit lagi",
            one_minute_left="Kode ini berlaku satu menit lagi",
            under_a_minute_left="Kode ini berlaku kurang dari satu menit lagi",
            warning="Kode ini segera kedaluwarsa. Anda dapat meminta kode baru kapan saja.",
            wrong="Kode itu salah",
            wrong_next="Kode itu tidak dapat dipakai lagi. Kami dapat mengirim yang baru.",
            checks_left="Kode itu salah. Sisa percobaan: {checks}",
            tries_left="Sisa percobaan: {checks}",
            latest_counts="Hanya kode terbaru yang berlaku.",
            expired="Kode sudah kedaluwarsa",
            canceled="Kode ini sudah tidak berlaku",
            begin_again="Kirim kode baru",
            change="Gunakan nomor lain",
            change_number="Ubah",
            change_username="Gunakan nama pengguna lain",
            no_code="Tidak menerima kode?",
            have_code="Saya punya kode",
            call_again="Telepon saya lagi",
            text_again="Kirim ulang SMS",
            text_instead="Kirim lewat SMS saja",
            call_instead="Telepon saya saja",
            whatsapp_again="Kirim ulang pesan WhatsApp",
            whatsapp_instead="Kirim lewat WhatsApp saja",
            resend_seconds="Anda dapat memintanya lagi dalam {seconds} detik.",
            resend_minutes="Anda dapat memintanya lagi dalam {minutes} menit.",
            wait_seconds="Tunggu {seconds} detik sebelum mencoba lagi.",
            wait_minutes="Tunggu {minutes} menit sebelum mencoba lagi.",
            refresh="Muat ulang halaman ini",
            reference="Nomor referensi: {reference}",
            welcome="Selamat datang, {username}",
            welcome_next="Telepon Anda sudah dikonfirmasi.",
            welcome_onward="Lanjutkan",
            welcome_close="Anda dapat menutup halaman ini.",
            another="Konfirmasi nomor lain",
        ),
        progress=ProgressWords(
            calling_if_known=(
                "Jika nama pengguna ini terdaftar, kami sedang menelepon nomor yang berakhir dengan {digits}."
            ),
            texting_if_known=(
                "Jika nama pengguna ini terdaftar, kami sedang mengirim SMS ke nomor yang berakhir dengan {digits}."
            ),
            whatsapp_if_known=(
                "Jika nama pengguna ini terdaftar, kami sedang mengirim pesan WhatsApp ke nomor yang berakhir "
                "dengan {digits}."
            ),
            call_queued="Panggilan akan segera dimulai.",
            call_ringing="Telepon Anda berdering.",
            call_answered="Panggilan sudah dijawab. Tekan tombol yang disebutkan.",
            call_answered_typed=(
                "Panggilan sudah dijawab. Tekan tombol yang disebutkan, lalu masukkan kode di bawah ini."
            ),
            call_reading="Kami sedang membacakan kode.",
            call_heard="Kode sudah dibacakan. Masukkan kode itu di sini.",
            call_completed="Panggilan telah berakhir.",
            call_busy="Nomor itu sedang sibuk.",
            call_no_answer="Panggilan tidak dijawab.",
            call_failed="Panggilan tidak tersambung.",
            call_machine="Kotak suara atau mesin yang menjawab, jadi kami tidak membacakan kode.",
            call_no_keys=(
                "Panggilan berakhir sebelum kami membacakan kode: tidak ada tombol yang ditekan. Apakah itu kotak "
                "suara?"
            ),
            call_wrong_keys="Panggilan berakhir sebelum kami membacakan kode: tombolnya tidak benar.",
            call_not_typed="Panggilan berakhir sebelum kode dimasukkan. Apakah itu kotak suara?",
            text_queued="SMS akan segera dikirim.",
            text_sent="SMS sudah dikirim.",
            text_delivered="SMS sudah sampai.",
            text_undelivered="SMS tidak dapat disampaikan.",
            text_landline="Telepon ini tidak dapat menerima SMS.",
            whatsapp_queued="Pesan WhatsApp akan segera dikirim.",
            whatsapp_sent="Pesan WhatsApp sudah dikirim.",
            whatsapp_delivered="Pesan WhatsApp sudah sampai.",
            whatsapp_undelivered="Pesan WhatsApp tidak dapat disampaikan.",
            maybe_ringing="Telepon Anda mungkin sedang berdering. Mohon tunggu sebentar.",
            not_reached="Kami tidak dapat menghubungi telepon ini",
            try_text="Anda dapat mencoba lewat SMS.",
            try_call="Anda dapat mencoba lewat panggilan telepon.",
            try_whatsapp="Anda dapat mencoba lewat WhatsApp.",
            opted_out=(
                "Panggilan dan SMS kami ke nomor ini dihentikan atas permintaan. Untuk mengizinkannya lagi, kirim SMS "
                "dengan kata START dari nomor itu ke {sender}, atau telepon kami di nomor tersebut."
            ),
        ),
        errors=ErrorWords(
            title="Kesalahan: {title}",
            heading="Ada masalah",
            username_missing="Masukkan nama pengguna Anda.",
            username_too_long="Nama pengguna paling banyak {limit} karakter.",
            username_characters="Gunakan huruf dan angka dari satu aksara saja.",
            phone_missing="Masukkan nomor telepon Anda.",
            phone_invalid="Masukkan nomor telepon dengan kode negara, seperti {example}",
            phone_country="Kami tidak mengirim kode ke nomor di negara ini.",
            phone_countries="Kami hanya dapat menghubungi nomor di: {countries}",
            phone_kind="Kami tidak mengirim kode ke nomor jenis ini.",
            channel_missing="Pilih cara menerima kode.",
            code_missing="Masukkan kode.",
            code_characters="Kode hanya terdiri dari angka.",
            code_length="Kode terdiri dari {length} angka. Periksa, lalu coba lagi.",
            form_expired="Halaman ini terbuka terlalu lama. Silakan coba lagi.",
            too_many="Terlalu banyak permintaan. Silakan coba lagi nanti.",
            not_found="Halaman tidak ditemukan",
            start_again="Mulai lagi",
            went_wrong="Ada gangguan di pihak kami. Jika menghubungi kami, sebutkan {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Kami membatalkan kode ini",
            reported=(
                "Orang yang menjawab telepon mengatakan kepada kami bahwa ia tidak meminta kode ini. Demi keamanan "
                "Anda, kami tidak akan menghubungi nomor ini selama {minutes} menit."
            ),
            suppressed_heading="Kami tidak menghubungi nomor ini",
        ),
    ),
)
