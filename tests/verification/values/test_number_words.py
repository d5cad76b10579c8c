"""A name must not say a code with letters: numerals of Chinese, or the words for numbers."""

import pytest

from verification.errors import BrandInvalid
from verification.values.number_words import says_a_number
from verification.values.spoken_names import parse_brand


@pytest.mark.parametrize(
    "text",
    [
        *("123", "1 2 3", "12-34", "1二3", "一-二-三", "Acme 1, 2, 3"),
        *("一二三四五六", "壱弐参", "一 二 三", "十二三十四五十六", "Acme一二三", "二〇三"),
        *("one two three four five six", "Code One Two Three", "ONE 2 THREE", "onetwothree", "oh two nine"),
        *("twelve thirty four fifty six", "eins zwei drei", "einszweidrei", "Fünf Sechs Sieben", "un deux trois"),
        *(
            "uno dos tres",
            "uno due tre",
            "um dois três",
            "een twee drie",
            "ett två tre",
            "en to tre",
            "yksi kaksi kolme",
        ),
        *("jedna dva tři", "jeden dwa trzy", "bir iki üç", "bir iki uc", "واحد اثنان ثلاثة"),
        *(
            "いちにさん",
            "イチニサン",
            "いち に さん",
            "いち2さん",
            "いち二さん",
            "ワンツースリー",
            "일이삼사오육",
            "하나 둘 셋",
        ),
        *("один два три", "ένα δύο τρία", "אחת שתיים שלוש", "egy két há\u0301rom", "unu doi trei", "satu dua tiga"),
        *("нула едно две", "zero un dos", "nula jeden dva", "एक दो तीन", "một hai ba", "หนึ่งสองสาม", "สี่ ห้า หก"),
        *("double seven one", "one o two", "VI IV II", "onetwo three", "Codeonetwothree", "vingt trente quarante"),
        *("einundzwanzig vier", "两三四", "twenty one thirty two"),
    ],
)
def test_more_than_two_numbers_in_a_row_are_noticed_in_letters_too(text: str) -> None:
    assert says_a_number(text)


@pytest.mark.parametrize(
    "text", ["12 and 34 and 56", "1a2b3c4d5e6", "one two and three four and 56", "一二と三四と五六", "12a34 Five b Six"]
)
def test_six_numbers_anywhere_are_noticed(text: str) -> None:
    assert says_a_number(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Acme",
            "Studio 54",
            "3M",
            "Seven Eleven",
            "One Two Free",
            "Un et Deux",
            "Deutsche Bank",
            "Ten Thousand Villages",
        ),
        *(
            "三井住友",
            "百十四銀行",
            "七十七銀行",
            "八十二銀行",
            "五十嵐",
            "三菱",
            "くにし",
            "さんごくし",
            "ニトリ",
            "삼성",
            "오이사",
        ),
        *(
            "Route 66 Cafe 24",
            "Einundzwanzig",
            "Hai Ba Trung",
            "Nam Tam Hai",
            "भारतीय स्टेट बैंक",
            "สามสี",
            "Wu Yi Ling",
            "12 und 34",
            "I. V. Meyer",
            "八百屋さん",
        ),
        *("Nam Tam Hai", "भारतीय स्टेट बैंक", "สามสี"),
        *("Tienti", "Phone", "Often", "Anton", "Sechser", "Ton Ten", "Ona", "Bironsen", "صفر"),
    ],
)
def test_names_with_a_number_or_two_stay_names(text: str) -> None:
    assert not says_a_number(text)


@pytest.mark.parametrize("brand", ["一二三四五六", "壱弐参", "one two three", "eins zwei drei"])
def test_no_brand_says_a_code(brand: str) -> None:
    with pytest.raises(BrandInvalid, match="in letters"):
        parse_brand(brand)
