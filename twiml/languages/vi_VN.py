"""Vietnamese. Quý khách, as banks address their customers.

Texts go out without any accents, as those of Vietnamese banks do: GSM-7 has some of the letters only, and a sentence in
which half of the accents are missing is harder to read than one without. `plain_texts` removes them; the call says the
same sentences with theirs.
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
    tag="vi-VN",
    native_name="Tiếng Việt",
    html_language="vi",
    voice="Google.vi-VN-Wavenet-A",
    language="vi-VN",
    decimal=",",
    plain_texts=True,
    purposes=purposes(
        sign_in="đăng nhập",
        change_billing="thay đổi thông tin thanh toán",
        change_shipping_address="thay đổi địa chỉ giao hàng",
        change_password="thay đổi mật khẩu",
        change_number="thay đổi số điện thoại",
        new_number="xác nhận số điện thoại mới",
        payment="thanh toán",
        neutral="theo yêu cầu của quý khách",
    ),
    call=CallWords(
        announcement="Xin chào, đây là cuộc gọi tự động của {brand} để đọc mã {purpose}.",
        announcement_again="Đây là {brand}, gọi để đọc mã {purpose}.",
        press_keys="Để nghe mã, xin bấm lần lượt ba phím sau: {keys}",
        press_again="Để nghe mã, xin bấm {keys}",
        press_any_key="Để nghe mã, xin bấm phím bất kỳ.",
        wrong_keys="Các phím vừa bấm không đúng.",
        did_not_ask="Nếu quý khách không yêu cầu cuộc gọi này, xin bấm {keys}",
        tell_no_one="Không cung cấp mã này cho bất kỳ ai, kể cả chúng tôi.",
        payment="Thanh toán {amount} cho {payee}",
        code="Mã của quý khách là: {code}",
        once_more="Xin nhắc lại: {code}",
        slowly="Chúng tôi xin đọc chậm:",
        character="Chữ số {position} trên {total}:",
        next_character="Để nghe chữ số tiếp theo, xin bấm phím bất kỳ.",
        last_character="Đó là chữ số cuối cùng.",
        enter_on_screen="Xin nhập mã vừa nghe vào ô trên màn hình.",
        menu=MenuWords(
            again="Để nghe lại mã, xin bấm phím {key}",
            slower="Để nghe chậm hơn, xin bấm phím {key}",
            one_at_a_time="Để nghe từng chữ số, xin bấm phím {key}",
            text="Để nhận mã qua tin nhắn, xin bấm phím {key}",
            report="Nếu quý khách không yêu cầu mã này, xin bấm phím {key}",
            never="Để ngừng mọi cuộc gọi và tin nhắn của chúng tôi, xin bấm phím {key}",
        ),
        text_refused="Rất tiếc, hiện chúng tôi không gửi được tin nhắn.",
        confirm_report="Để xác nhận quý khách không yêu cầu cuộc gọi này, xin bấm phím sao.",
        confirm_never="Để ngừng mọi cuộc gọi và tin nhắn của chúng tôi đến số này, xin bấm phím sao.",
        confirm_allow="Chúng tôi không gọi và không nhắn tin đến số này. Để cho phép trở lại, xin bấm phím sao.",
        typed_announcement="Xin chào, đây là cuộc gọi tự động của {brand} về mã {purpose}.",
        press_keys_first="Trước tiên, xin bấm lần lượt các phím sau: {keys}",
        type_code="Xin bấm mã đang hiển thị trên màn hình.",
        type_incomplete="Mã chưa đủ chữ số. Xin bấm mã đang hiển thị trên màn hình.",
        type_wrong="Mã không đúng. Xin bấm mã đang hiển thị trên màn hình.",
        did_not_ask_star="Nếu quý khách không yêu cầu cuộc gọi này, xin bấm phím sao.",
        greeting="Xin chào, đây là tổng đài tự động của {brand}. Chúng tôi chỉ gọi cho người yêu cầu mã.",
        greeting_call_back="Nếu quý khách đang chờ mã và muốn được gọi lại, xin bấm phím {key}",
        greeting_permission="Để ngừng cuộc gọi của chúng tôi, hoặc cho phép trở lại, xin bấm phím {key}",
        permission_announcement=(
            "Xin chào, đây là cuộc gọi tự động của {brand}. Quý khách đã yêu cầu chúng tôi gọi lại về việc ngừng hoặc "
            "cho phép cuộc gọi."
        ),
        endings=EndingWords(
            goodbye="Cảm ơn quý khách. Xin tạm biệt.",
            nothing_pressed="Quý khách chưa bấm phím nào. Xin tạm biệt.",
            wrong_keys="Các phím vừa bấm không đúng, nên chúng tôi xin kết thúc cuộc gọi. Xin tạm biệt.",
            no_longer_needed="Xin chào, đây là cuộc gọi tự động của {brand}. Mã không còn cần thiết nữa. Xin tạm biệt.",
            reported=(
                "Cảm ơn quý khách. Chúng tôi đã hủy mã và ghi nhận rằng quý khách không yêu cầu mã này. Xin tạm biệt."
            ),
            suppressed=(
                "Chúng tôi sẽ không gọi hay nhắn tin đến số này nữa. Nếu đổi ý, quý khách hãy nhắn tin với nội dung "
                "START đến số đã gọi cho quý khách, hoặc gọi đến số đó. Xin tạm biệt."
            ),
            lifted="Cảm ơn quý khách. Chúng tôi có thể gọi và nhắn tin đến số này trở lại. Xin tạm biệt.",
            text_sent="Chúng tôi đang gửi mã qua tin nhắn. Xin tạm biệt.",
            machine="Đây là cuộc gọi tự động của {brand}. Quý khách không cần làm gì cả. Xin tạm biệt.",
            sorry=(
                "Đây là {brand}. Rất xin lỗi, hệ thống của chúng tôi đang gặp sự cố. Xin quý khách thử lại sau. Xin "
                "tạm biệt."
            ),
            typed_approved="Cảm ơn quý khách, mã đúng. Xin tiếp tục trên màn hình. Xin tạm biệt.",
            typed_wrong=(
                "Mã không đúng. Mã trên màn hình không còn hiệu lực. Quý khách có thể bắt đầu lại tại đó. Xin tạm biệt."
            ),
            call_back="Nếu có mã dành cho số này, chúng tôi sẽ gọi ngay. Xin tạm biệt.",
            call_back_permission="Xin quý khách gác máy. Chúng tôi sẽ gọi lại ngay. Xin tạm biệt.",
        ),
    ),
    text=TextWords(
        code="{brand}: mã xác thực là {code}, hiệu lực {minutes} phút. Không chia sẻ cho bất kỳ ai.",
        code_under_a_minute="{brand}: mã xác thực là {code}, hiệu lực dưới một phút. Không chia sẻ cho ai.",
        code_for="{brand}: mã {purpose} là {code}, hiệu lực {minutes} phút. Không chia sẻ cho bất kỳ ai.",
        code_for_under_a_minute="{brand}: mã {purpose} là {code}, hiệu lực dưới một phút. Không chia sẻ cho bất kỳ ai.",
        payment="thanh toán {amount} cho {payee}",
        help=(
            "{brand} chỉ gửi mã khi có yêu cầu. Hỗ trợ: {contact}. Trả lời STOP để ngừng, START để nhận lại, CALL để "
            "được gọi."
        ),
        stopped="{brand}: chúng tôi sẽ không gọi hay nhắn tin đến số này nữa. Trả lời START để nhận lại.",
        started="{brand}: chúng tôi có thể gọi và nhắn tin đến số này trở lại. Trả lời STOP để ngừng.",
        call_back="Nếu có mã dành cho số này, chúng tôi sẽ gọi ngay.",
        reported="Cảm ơn quý khách. Nếu có mã dành cho số này, mã đó không còn hiệu lực.",
        number_changed=(
            "{brand}: số điện thoại của tài khoản đã được thay đổi. Nếu không phải do quý khách, xin liên hệ với chúng "
            "tôi ngay."
        ),
        other="{brand}: tin nhắn đến số này không được đọc. Trả lời HELP để được trợ giúp hoặc STOP để ngừng.",
    ),
    page=PageWords(
        form=FormWords(
            title="Xác nhận số điện thoại",
            skip="Chuyển đến nội dung chính",
            username_label="Tên đăng nhập",
            phone_label="Số điện thoại",
            phone_hint="Kèm mã quốc gia, ví dụ {example}",
            number_ending="Số có đuôi {digits}",
            channel_label="Quý khách muốn nhận mã bằng cách nào?",
            channel_call="Qua cuộc gọi",
            channel_sms="Qua tin nhắn",
            typed_choice="Qua cuộc gọi, và tôi bấm mã trên điện thoại",
            language_label="Ngôn ngữ",
            submit="Gửi mã cho tôi",
        ),
        code=CodeWords(
            heading_call="Hãy nghe điện thoại",
            heading_text="Hãy xem điện thoại",
            heading_code="Nhập mã gồm {length} chữ số",
            heading_failed="Hãy thử lại",
            label="Mã gồm {length} chữ số",
            hint="Không chia sẻ cho bất kỳ ai.",
            submit="Tiếp tục",
            typed_label="Hãy bấm mã này trên điện thoại",
            typed_hint="Quý khách hãy nghe cuộc gọi của chúng tôi và bấm mã này trên bàn phím điện thoại.",
            works_until="Mã này có hiệu lực đến {time}",
            minutes_left="Mã này còn hiệu lực {minutes} phút",
            one_minute_left="Mã này còn hiệu lực một phút",
            under_a_minute_left="Mã này còn hiệu lực chưa đến một phút",
            warning="Mã này sắp hết hạn. Quý khách có thể yêu cầu mã mới bất cứ lúc nào.",
            wrong="Mã không đúng",
            wrong_next="Mã này không dùng được nữa. Chúng tôi có thể gửi mã mới.",
            checks_left="Mã không đúng. Số lần thử còn lại: {checks}",
            tries_left="Số lần thử còn lại: {checks}",
            latest_counts="Chỉ mã mới nhất có hiệu lực.",
            expired="Mã đã hết hạn",
            canceled="Mã này không còn hiệu lực",
            begin_again="Gửi mã mới cho tôi",
            change="Dùng số khác",
            change_number="Thay đổi",
            change_username="Dùng tên đăng nhập khác",
            no_code="Chưa nhận được mã?",
            have_code="Tôi có mã",
            call_again="Gọi lại cho tôi",
            text_again="Gửi lại tin nhắn",
            text_instead="Nhận mã qua tin nhắn",
            call_instead="Nhận mã qua cuộc gọi",
            resend_seconds="Có thể yêu cầu lại sau {seconds} giây.",
            resend_minutes="Có thể yêu cầu lại sau {minutes} phút.",
            wait_seconds="Vui lòng chờ {seconds} giây trước khi thử lại.",
            wait_minutes="Vui lòng chờ {minutes} phút trước khi thử lại.",
            refresh="Tải lại trang này",
            welcome="Xin chào, {username}",
            welcome_next="Số điện thoại của quý khách đã được xác nhận.",
            welcome_onward="Tiếp tục",
            welcome_close="Quý khách có thể đóng trang này.",
            another="Xác nhận số khác",
        ),
        progress=ProgressWords(
            calling_if_known="Nếu tên đăng nhập này đã đăng ký, chúng tôi đang gọi đến số có đuôi {digits}.",
            texting_if_known="Nếu tên đăng nhập này đã đăng ký, chúng tôi đang nhắn tin đến số có đuôi {digits}.",
            call_queued="Cuộc gọi sắp bắt đầu.",
            call_ringing="Điện thoại của quý khách đang đổ chuông.",
            call_answered="Quý khách đã nghe máy. Hãy bấm các phím được đọc trong cuộc gọi.",
            call_answered_typed="Quý khách đã nghe máy. Hãy bấm các phím được đọc, rồi bấm mã bên dưới.",
            call_reading="Chúng tôi đang đọc mã.",
            call_heard="Quý khách đã nghe mã. Hãy nhập mã vào đây.",
            call_completed="Cuộc gọi đã kết thúc.",
            call_busy="Máy đang bận.",
            call_no_answer="Không có ai nghe máy.",
            call_failed="Không thể kết nối cuộc gọi.",
            call_machine="Hộp thư thoại hoặc máy tự động đã trả lời, nên chúng tôi không đọc mã.",
            call_no_keys=(
                "Cuộc gọi kết thúc trước khi chúng tôi đọc mã: không có phím nào được bấm. Có phải là hộp thư thoại "
                "không?"
            ),
            call_wrong_keys="Cuộc gọi kết thúc trước khi chúng tôi đọc mã: các phím đã bấm không đúng.",
            call_not_typed="Cuộc gọi kết thúc trước khi mã được bấm. Có phải là hộp thư thoại không?",
            text_queued="Tin nhắn sắp được gửi.",
            text_sent="Tin nhắn đã được gửi.",
            text_delivered="Tin nhắn đã đến.",
            text_undelivered="Tin nhắn không đến được.",
            text_landline="Điện thoại này không nhận được tin nhắn.",
            maybe_ringing="Điện thoại của quý khách có thể đang đổ chuông. Vui lòng chờ một chút.",
            not_reached="Chúng tôi không liên lạc được với số điện thoại này",
            try_text="Quý khách có thể thử nhận mã qua tin nhắn.",
            try_call="Quý khách có thể thử nhận mã qua cuộc gọi.",
            opted_out=(
                "Số này đã từ chối cuộc gọi và tin nhắn của chúng tôi. Để cho phép trở lại, hãy dùng số đó nhắn tin "
                "START đến {sender}, hoặc gọi cho chúng tôi theo số ấy."
            ),
        ),
        errors=ErrorWords(
            title="Lỗi: {title}",
            heading="Có vấn đề",
            username_missing="Hãy nhập tên đăng nhập.",
            username_too_long="Tên đăng nhập có tối đa {limit} ký tự.",
            username_characters="Chỉ dùng chữ cái và chữ số của một hệ chữ viết.",
            phone_missing="Hãy nhập số điện thoại.",
            phone_invalid="Hãy nhập số điện thoại kèm mã quốc gia, ví dụ {example}",
            phone_country="Chúng tôi không gửi mã đến số điện thoại ở quốc gia này.",
            phone_countries="Chúng tôi chỉ liên lạc được với các số ở: {countries}",
            phone_kind="Chúng tôi không gửi mã đến loại số điện thoại này.",
            channel_missing="Hãy chọn cách nhận mã.",
            code_missing="Hãy nhập mã.",
            code_characters="Mã chỉ gồm chữ số.",
            code_length="Mã có {length} chữ số. Hãy kiểm tra và thử lại.",
            form_expired="Trang này đã mở quá lâu. Vui lòng thử lại.",
            too_many="Có quá nhiều yêu cầu. Vui lòng thử lại sau.",
            not_found="Không tìm thấy trang",
            start_again="Bắt đầu lại",
            went_wrong="Hệ thống của chúng tôi gặp sự cố. Khi liên hệ, hãy cho biết mã lỗi {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Chúng tôi đã hủy mã này",
            reported=(
                "Người nghe máy cho chúng tôi biết họ không yêu cầu mã này. Để bảo đảm an toàn cho quý khách, chúng "
                "tôi sẽ không liên lạc với số này trong {minutes} phút."
            ),
            suppressed_heading="Chúng tôi không liên lạc với số này",
        ),
    ),
)
