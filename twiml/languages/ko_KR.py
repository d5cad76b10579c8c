"""Korean, in the formal style of banks (-습니다, -십시오).

Particles change with the sound before them, so none that does follows a name or a number. A zero is 공, as in phone
numbers; voices read it 영, which is said of amounts.
"""

from types import MappingProxyType

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
    tag="ko-KR",
    native_name="한국어",
    html_language="ko",
    voice="Polly.Seoyeon-Neural",
    language="ko-KR",
    digits=MappingProxyType({"0": "공"}),
    purposes=purposes(
        sign_in="로그인",
        change_billing="청구 정보 변경",
        change_shipping_address="배송지 변경",
        change_password="비밀번호 변경",
        change_number="전화번호 변경",
        new_number="새 전화번호 확인",
        payment="결제",
        neutral="요청하신",
    ),
    call=CallWords(
        announcement="안녕하세요, {brand}에서 {purpose} 인증번호를 알려 드리는 자동 전화입니다.",
        announcement_again="{brand} {purpose} 인증번호 안내입니다.",
        press_keys="들으시려면 번호 세 개를 차례로 누르십시오: {keys}",
        press_again="차례로 누르실 번호는: {keys}",
        press_any_key="인증번호를 들으시려면 아무 버튼이나 누르십시오.",
        wrong_keys="잘못 누르셨습니다.",
        did_not_ask="요청하신 전화가 아니면 {keys}번을 누르십시오.",
        tell_no_one="인증번호는 저희를 포함해 누구에게도 알려 주지 마십시오.",
        payment="결제 금액 {amount}, 받는 곳 {payee}",
        code="인증번호입니다: {code}",
        once_more="다시 말씀드립니다: {code}",
        slowly="천천히 말씀드립니다.",
        character="전체 {total}자리 중 {position}번째 숫자입니다.",
        next_character="다음 숫자를 들으시려면 아무 버튼이나 누르십시오.",
        last_character="마지막 숫자였습니다.",
        enter_on_screen="인증번호는 화면에 입력하십시오.",
        menu=MenuWords(
            again="다시 들으시려면 {key}번을 누르십시오.",
            slower="천천히 들으시려면 {key}번을 누르십시오.",
            one_at_a_time="한 자리씩 들으시려면 {key}번을 누르십시오.",
            text="문자로 받으시려면 {key}번을 누르십시오.",
            report="요청하신 인증번호가 아니면 {key}번을 누르십시오.",
            never="저희 전화와 문자를 더 이상 받지 않으시려면 {key}번을 누르십시오.",
        ),
        text_refused="죄송합니다. 지금은 문자를 보내 드릴 수 없습니다.",
        confirm_report="요청하신 전화가 아님을 확인하시려면 별표를 누르십시오.",
        confirm_never="이 번호로 오는 저희 전화와 문자를 모두 중단하시려면 별표를 누르십시오.",
        confirm_allow="현재 이 번호로는 전화도 문자도 드리지 않고 있습니다. 다시 허용하시려면 별표를 누르십시오.",
        typed_announcement="안녕하세요, {brand}에서 {purpose} 인증번호를 확인하는 자동 전화입니다.",
        press_keys_first="먼저 다음 번호를 차례로 누르십시오: {keys}",
        type_code="화면에 표시된 인증번호를 눌러 주십시오.",
        type_incomplete="누르신 자릿수가 부족합니다. 화면에 표시된 인증번호를 눌러 주십시오.",
        type_wrong="인증번호가 맞지 않습니다. 화면에 표시된 인증번호를 눌러 주십시오.",
        did_not_ask_star="요청하신 전화가 아니면 별표를 누르십시오.",
        greeting="안녕하세요, {brand} 자동 응답 전화입니다. 인증번호를 요청하신 분께만 전화를 드립니다.",
        greeting_call_back="기다리시는 인증번호를 전화로 다시 받으시려면 {key}번을 누르십시오.",
        greeting_permission="저희 전화를 중단하거나 다시 허용하시려면 {key}번을 누르십시오.",
        permission_announcement=(
            "안녕하세요, {brand} 자동 전화입니다. 저희 전화를 중단하거나 허용하시도록, 요청하신 대로 다시 "
            "전화드렸습니다."
        ),
        endings=EndingWords(
            goodbye="감사합니다. 안녕히 계십시오.",
            nothing_pressed="누르신 버튼이 없습니다. 안녕히 계십시오.",
            wrong_keys="잘못 누르셔서 통화를 마칩니다. 안녕히 계십시오.",
            no_longer_needed=(
                "안녕하세요, {brand} 자동 전화입니다. 인증번호가 더 이상 필요하지 않습니다. 안녕히 계십시오."
            ),
            reported="감사합니다. 인증번호를 취소하고, 요청하신 것이 아님을 기록했습니다. 안녕히 계십시오.",
            suppressed=(
                "앞으로 이 번호로 전화나 문자를 드리지 않겠습니다. 마음이 바뀌시면, 저희가 전화드린 번호로 START라고 "
                "문자를 보내거나 전화해 주십시오. 안녕히 계십시오."
            ),
            lifted="감사합니다. 이제 이 번호로 다시 전화와 문자를 드릴 수 있습니다. 안녕히 계십시오.",
            text_sent="인증번호를 문자로 보내 드립니다. 안녕히 계십시오.",
            machine="{brand}에서 드린 자동 전화였습니다. 따로 하실 일은 없습니다. 안녕히 계십시오.",
            sorry=(
                "{brand}입니다. 죄송합니다. 저희 쪽에 문제가 생겼습니다. 나중에 다시 시도해 주십시오. 안녕히 계십시오."
            ),
            typed_approved="감사합니다. 인증번호가 확인되었습니다. 화면에서 계속해 주십시오. 안녕히 계십시오.",
            typed_wrong=(
                "인증번호가 맞지 않습니다. 화면의 인증번호는 더 이상 사용할 수 없습니다. 화면에서 다시 시작하실 수 "
                "있습니다. 안녕히 계십시오."
            ),
            call_back="이 번호로 보낼 인증번호가 있으면 지금 전화드리겠습니다. 안녕히 계십시오.",
            call_back_permission="전화를 끊어 주십시오. 잠시 후 다시 전화드리겠습니다. 안녕히 계십시오.",
        ),
    ),
    text=TextWords(
        code="[{brand}] 인증번호 {code}, {minutes}분간 유효. 공유하지 마십시오.",
        code_under_a_minute="[{brand}] 인증번호 {code}, 곧 만료됩니다. 공유하지 마십시오.",
        code_for="[{brand}] {purpose} 인증번호 {code}, {minutes}분간 유효. 공유하지 마십시오.",
        code_for_under_a_minute="[{brand}] {purpose} 인증번호 {code}, 곧 만료됩니다. 공유하지 마십시오.",
        payment="{payee} {amount} 결제",
        help="[{brand}] 문의: {contact}. 수신 중단은 STOP, 재개는 START, 전화 요청은 CALL이라고 답장해 주십시오.",
        stopped="[{brand}] 앞으로 이 번호로 전화나 문자를 드리지 않습니다. 다시 받으시려면 START라고 답장해 주십시오.",
        started=(
            "[{brand}] 이제 이 번호로 다시 전화와 문자를 드릴 수 있습니다. 중단하시려면 STOP이라고 답장해 주십시오."
        ),
        call_back="이 번호로 보낼 인증번호가 있으면 지금 전화드리겠습니다.",
        reported="감사합니다. 이 번호로 보낸 인증번호가 있었다면 이제 사용할 수 없습니다.",
        number_changed="[{brand}] 계정의 전화번호가 변경되었습니다. 본인이 변경하지 않으셨다면 바로 연락해 주십시오.",
        other="[{brand}] 이 번호로 온 문자는 확인하지 않습니다. 도움말은 HELP, 수신 중단은 STOP이라고 답장해 주십시오.",
    ),
    page=PageWords(
        form=FormWords(
            title="{brand}: 전화번호 확인",
            skip="본문으로 건너뛰기",
            username_label="아이디",
            phone_label="전화번호",
            phone_hint="국가 번호까지 입력하십시오. 예: {example}",
            channel_label="인증번호를 어떻게 받으시겠습니까?",
            channel_call="전화로 받기",
            channel_sms="문자로 받기",
            typed_choice="여기에 표시된 인증번호를 전화기에서 누르기",
            language_label="언어",
            submit="인증번호 받기",
        ),
        code=CodeWords(
            label="인증번호",
            hint="숫자만 입력하십시오. 누구에게도 알려 주지 마십시오.",
            submit="확인",
            typed_label="전화기에서 누를 인증번호",
            typed_hint="저희 전화를 받은 뒤 전화기 버튼으로 이 인증번호를 누르십시오.",
            minutes_left="{minutes}분 남았습니다",
            one_minute_left="일 분 남았습니다",
            under_a_minute_left="남은 시간이 일 분도 되지 않습니다",
            warning="이 인증번호는 곧 만료됩니다. 언제든지 새 인증번호를 받으실 수 있습니다.",
            wrong="인증번호가 올바르지 않으며, 더 이상 사용할 수 없습니다. 새 인증번호를 받으십시오.",
            checks_left="인증번호가 올바르지 않습니다. 남은 횟수: {checks}",
            latest_counts="가장 최근의 인증번호만 사용할 수 있습니다.",
            expired="인증번호가 만료되었습니다.",
            canceled="이 인증번호는 더 이상 사용할 수 없습니다.",
            begin_again="새 인증번호 받기",
            change="입력한 정보 바꾸기",
            call_again="전화 다시 받기",
            text_again="문자 다시 받기",
            text_instead="대신 문자로 받기",
            call_instead="대신 전화로 받기",
            wait_seconds="{seconds}초 후에 다시 시도해 주십시오.",
            wait_minutes="{minutes}분 후에 다시 시도해 주십시오.",
            refresh="이 페이지 새로 고침",
            welcome="환영합니다, {username}님",
            welcome_next="전화번호가 확인되었습니다.",
            welcome_onward="계속",
            welcome_close="이 페이지를 닫으셔도 됩니다.",
        ),
        progress=ProgressWords(
            calling="{number} 번호로 전화를 걸고 있습니다.",
            texting="{number} 번호로 문자를 보내고 있습니다.",
            calling_if_known="등록된 아이디라면, 지금 저장된 전화번호로 전화를 걸고 있습니다.",
            texting_if_known="등록된 아이디라면, 지금 저장된 전화번호로 문자를 보내고 있습니다.",
            call_queued="곧 전화를 겁니다.",
            call_ringing="전화벨이 울리고 있습니다.",
            call_answered="전화를 받으셨습니다. 안내하는 번호를 누르십시오.",
            call_reading="인증번호를 알려 드리고 있습니다.",
            call_heard="인증번호를 알려 드렸습니다. 여기에 입력하십시오.",
            call_completed="통화가 끝났습니다.",
            call_busy="통화 중이었습니다.",
            call_no_answer="전화를 받지 않았습니다.",
            call_failed="전화가 연결되지 않았습니다.",
            call_machine="음성 사서함이나 자동 응답기가 전화를 받아, 인증번호를 말하지 않았습니다.",
            text_queued="곧 문자를 보냅니다.",
            text_sent="문자를 보냈습니다.",
            text_delivered="문자가 도착했습니다.",
            text_undelivered="문자를 전달하지 못했습니다.",
            text_landline="이 전화로는 문자를 받을 수 없습니다.",
            maybe_ringing="전화벨이 울리고 있을 수 있습니다. 잠시 기다려 주십시오.",
            not_reached="이 전화로 연락하지 못했습니다.",
            try_text="대신 문자로 받아 보실 수 있습니다.",
            try_call="대신 전화로 받아 보실 수 있습니다.",
            opted_out=(
                "이 번호는 저희 전화와 문자를 받지 않도록 설정되어 있습니다. 다시 받으시려면 이 번호에서 {sender} "
                "번호로 START라고 문자를 보내 주십시오."
            ),
        ),
        errors=ErrorWords(
            heading="입력한 내용을 확인하십시오",
            username_missing="아이디를 입력하십시오.",
            username_too_long="아이디는 최대 {limit}자입니다.",
            username_characters="아이디에는 한 가지 문자의 글자와 숫자만 쓸 수 있습니다.",
            phone_missing="전화번호를 입력하십시오.",
            phone_invalid="국가 번호까지 올바른 전화번호를 입력하십시오.",
            phone_country="이 나라의 번호로는 인증번호를 보내지 않습니다.",
            phone_kind="이런 종류의 번호로는 인증번호를 보내지 않습니다.",
            channel_missing="인증번호를 받을 방법을 선택하십시오.",
            code_missing="인증번호를 입력하십시오.",
            code_characters="인증번호는 숫자로만 되어 있습니다.",
            code_length="인증번호는 {length}자리입니다. 확인한 뒤 다시 시도하십시오.",
            form_expired="이 페이지가 너무 오래 열려 있었습니다. 다시 시도해 주십시오.",
            too_many="요청이 너무 많습니다. 나중에 다시 시도해 주십시오.",
            not_found="페이지를 찾을 수 없습니다",
            went_wrong="저희 쪽에 문제가 생겼습니다. 문의하실 때 이 오류 번호를 알려 주십시오: {error_id}",
        ),
        outcome=OutcomeWords(
            reported=(
                "전화를 받은 분이 이 인증번호를 요청하지 않았다고 알려, 인증번호를 취소했습니다. 안전을 위해 "
                "{minutes}분 동안 이 번호로 연락하지 않습니다."
            ),
        ),
    ),
)
