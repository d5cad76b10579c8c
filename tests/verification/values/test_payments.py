"""Amount and payee: one spelling for one payment, and nothing in it that could pass for a code."""

import hashlib

import pytest

from verification.errors import PaymentInvalid, PaymentProblem
from verification.values.payments import MAX_PAYEE_LENGTH, Payment, parse


def payment(amount: str, payee: str = "Anna Berg") -> Payment:
    payment = parse(amount, payee)
    assert payment is not None
    return payment


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("12.30 EUR", "12.30", "EUR"),
        ("12.3 EUR", "12.30", "EUR"),
        ("EUR 0012.30", "12.30", "EUR"),
        ("€12.30", "12.30", "EUR"),
        ("£5", "5", "GBP"),
        ("1000.00 USD", "1000", "USD"),
        ("100 JPY", "100", "JPY"),
        ("100.00 JPY", "100", "JPY"),
        ("1.000 KWD", "1", "KWD"),
        ("0.305 KWD", "0.305", "KWD"),
        ("0.5 EUR", "0.50", "EUR"),
        ("999999999.99 EUR", "999999999.99", "EUR"),
        (" 12.30EUR ", "12.30", "EUR"),
    ],
)
def test_an_amount_has_one_spelling(text: str, amount: str, currency: str) -> None:
    assert payment(text).facts == (amount, currency, "Anna Berg")


@pytest.mark.parametrize(
    "text",
    [
        *("12.30", "EUR", "$12.30", "¥100", "12,30 EUR", "1.234,50 EUR", "1 000 EUR", "-5 EUR", "0 EUR", "0.00 EUR"),
        *(
            "EUR 5 EUR",
            "EUR 5 USD",
            "1e3 EUR",
            "5 eur",
            "1234567890 EUR",
            "5.1234 EUR",
            "٥ EUR",
            "5 EUR\nUSD",
            "x" * 9000,
        ),
        *("12.30 EURO", "NaN EUR", "Infinity EUR", "12.30 EUR your code is 111111"),
        *("1.000 EUR", "12.300 EUR", "10.000 JPY", "€1.000"),
        *("12.30 ABC", "5 XXX", "1 XAU", "100.50 JPY", "1.5 KRW", "0.305 EUR", "12.345 USD", "0.3055 KWD", "5 DEM"),
    ],
)
def test_an_amount_that_is_not_clear_is_refused(text: str) -> None:
    with pytest.raises(PaymentInvalid) as refused:
        parse(text, "Anna Berg")
    assert refused.value.problem is PaymentProblem.AMOUNT


@pytest.mark.parametrize(
    "payee",
    ["Anna Berg", "O'Reilly & Sons Ltd.", "J.R. Smith", "Müller-Lüdenscheid GmbH", "三井住友", "Łódź (Zakład 54)"],
)
def test_a_payee_is_a_name(payee: str) -> None:
    assert payment("5 EUR", payee).payee == payee


@pytest.mark.parametrize(
    "payee",
    [
        *(
            "your code is 111111",
            "1-1-1 Ltd",
            "call 1 8 0 0",
            "acme.example",
            "a@b",
            "https://x",
            "<Play>",
            "Anna\nBerg",
        ),
        *("Anna\u200bBerg", "Anna ", "Аnna", "54", "Anna  Berg", "x" * (MAX_PAYEE_LENGTH + 1), "{code}", "Anna\0Berg"),
    ],
)
def test_a_payee_that_could_mislead_is_refused_and_never_cut(payee: str) -> None:
    with pytest.raises(PaymentInvalid) as refused:
        parse("5 EUR", payee)
    assert refused.value.problem is PaymentProblem.PAYEE
    assert refused.value.why.startswith("must ")


@pytest.mark.parametrize(
    "payee",
    [
        *("Amazon.com", "Booking.com", "amazon.co.uk", "ASOS.COM", "1und1.de", "Привет.рф", "Ozon.ru (Ozon Bank)"),
        *("Domain.com, Inc.", "bol.com", "24/7 Fitness", "Hotel 24/7", "H&M / COS", "A/B Testing Ltd"),
        *("Otto GmbH & Co. KG/Hamburg", "AT/DE Handel", "S.p.A. Roma"),
    ],
)
def test_shops_whose_names_have_dots_and_slashes_are_payees(payee: str) -> None:
    assert payment("5 EUR", payee).payee == payee


@pytest.mark.parametrize(
    "payee",
    [
        *("evil.com/login", "evil.com/", "evil.com/x y", "bit.ly/3xyz", "(evil.com/x)", "//evil.com", "evil.com//"),
        *("http://evil.com", "https:evil.com", "me@evil.com", "evil.com?x", "evil.com#x", "evil.com:80", "evil.com-x"),
        *("login.bank.evil.com", "www.evil.com", "evil.com,other.com", "evil.com.", "evil\u2024com", "evil\u3002com"),
        *("evil.com\u2215x", "10.0.0.1", "Bank.Secure", "Anna.Ignore", "1/2/3 Ltd", "12/34/56 AG", "12/34 56 AG"),
        *("24/7 24/7 24/7 AG", "Anna.com is not yours", "this.is.ok"),
    ],
)
def test_a_link_or_a_code_with_dots_and_slashes_is_no_payee(payee: str) -> None:
    with pytest.raises(PaymentInvalid) as refused:
        parse("5 EUR", payee)
    assert (refused.value.problem, refused.value.why[:5]) == (PaymentProblem.PAYEE, "must ")


@pytest.mark.parametrize(
    "payee",
    [
        *(
            "Anna. This is refunded to you",
            "Bob. You get it back",
            "Anna, this is a refund to you",
            "Anna. Ignore this",
        ),
        *("Anna (you will get it back)", "Anna - a test for your safety", "Anna this is refunded to you"),
        *("your bank will send it back", "this is only a test", "one two three four"),
        *("Anna This Is Refunded To You", "ANNA, THIS IS REFUNDED", "Anna,This Is Refunded Tomorrow To Anna"),
        *(
            "Anna-this-is-refunded-to-you",
            "Anna Dies Ist Nur Ein Test",
            "Anna Esto Es Una Prueba",
            "Anna À Vous Est Rendu",
        ),
        *(
            "安娜这笔钱会退还给你",
            "张三,这是退款",
            "日本銀行,東京中央支店",
            "アンナ返金されます",
            "안나 환불됩니다",
            "อันนา คุณจะได้คืน",
            "अन्ना यह वापस नहीं",
            "Anna Ini Akan Kembali",
            "Άννα Αυτό Είναι Για Σας",
            "Анна Це Буде Повернуто",
            "أنا سيتم رد المبلغ إليك",
        ),
    ],
)
def test_a_payee_is_not_a_sentence(payee: str) -> None:
    with pytest.raises(PaymentInvalid) as refused:
        parse("5 EUR", payee)
    assert (refused.value.problem, refused.value.why[:5]) == (PaymentProblem.PAYEE, "must ")


@pytest.mark.parametrize(
    "payee",
    [
        *("J. R. Smith", "St. Mary's Hospital", "Dr. Anna Berg", "Smith, Jones & Co.", "Acme, Inc.", "anna berg"),
        *("comdirect bank", "Bank of the City of New York", "Verein der Freunde von Köln e.V.", "Berg, Anna Maria"),
        *("Stadtwerke München - Strom und Gas", "María de los Ángeles García", "van der Berg", "eBay", "日本銀行"),
        *(
            "Toys 'R' Us",
            "محمد بن سلمان",
            "Société des Eaux de l'Est",
            "UPS - United Parcel Service",
            "IT Dept. of Acme",
        ),
        *(
            "Just For You Ltd",
            "Tu Nguyen",
            "Kreis Bad-Neustadt-an-der-Saale",
            "株式会社(東京)",
            "中国红十字会",
            "भारतीय स्टेट बैंक, मुंबई शाखा",
            "ธนาคารกรุงไทย",
            "국민은행",
            "Smith,Jones",
        ),
    ],
)
def test_names_of_many_kinds_are_payees(payee: str) -> None:
    assert payment("5 EUR", payee).payee == payee


@pytest.mark.parametrize(("text", "amount"), [("100 JPY", "100"), ("0.305 KWD", "0.305"), ("5.10 XCG", "5.10")])
def test_an_amount_has_the_places_of_its_currency(text: str, amount: str) -> None:
    assert payment(text).amount == amount


def test_amount_and_payee_come_together_or_not_at_all() -> None:
    assert parse("", "") is None
    for amount, payee in (("5 EUR", ""), ("", "Anna Berg")):
        with pytest.raises(PaymentInvalid) as refused:
            parse(amount, payee)
        assert refused.value.problem is PaymentProblem.HALF


def test_the_digest_can_be_computed_by_an_application() -> None:
    by_hand = hashlib.sha256(b"12.30\nEUR\nAnna Berg").hexdigest()
    assert payment("€12.3").digest == by_hand


def test_a_payment_is_not_written_into_logs() -> None:
    assert repr(payment("12.30 EUR")) == "Payment()"
