"""Numbers in names: a name must not say a code, with digits or with letters.

123456    digits             一二三四五六    numerals that are letters (Unicode 4.6)
one two three four five six  the words of the languages that calls and texts are in
12 and 34 and 56             more numbers than a name needs, apart from one another
"""

# ruff: noqa: RUF001  # words of many languages

import re
import unicodedata
from functools import cache
from itertools import groupby

from ..types import Record

#: More numbers than this in a row sound like a code.
MOST_IN_A_ROW = 2
#: More in the whole name could be a code: the shortest has six digits.
MOST_IN_A_NAME = 5

# One set for each language, because words of several are other words in others.
_WORDS = (
    "zero o oh nought double triple one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred"
    " thousand",
    "null ein eins einen zwei zwo drei vier fünf fuenf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn"
    " fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
    " hundert tausend einund zweiund dreiund vierund fünfund sechsund siebenund achtund neunund",
    "zéro un une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente"
    " quarante cinquante soixante septante huitante nonante cent mille",
    "cero un uno una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis"
    " diecisiete dieciocho diecinueve veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento"
    " mil",
    "zero uno una due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici"
    " diciassette diciotto diciannove venti trenta quaranta cinquanta sessanta settanta ottanta novanta cento mille",
    "zero um uma dois duas três quatro cinco seis meia sete oito nove dez onze doze treze catorze quatorze quinze"
    " dezesseis dezasseis dezessete dezassete dezoito dezenove dezanove vinte trinta quarenta cinquenta sessenta"
    " setenta oitenta noventa cem cento mil",
    "nul een één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien"
    " achttien negentien twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd duizend",
    "noll en ett två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton arton nitton"
    " tjugo trettio fyrtio femtio sextio sjuttio åttio nittio hundra tusen",
    "nul en et to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten tyve"
    " tredive fyrre halvtreds tres halvfjerds firs halvfems hundrede tusind",
    "null en ei ett to tre fire fem seks sju syv åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten"
    " nitten tjue tretti førti femti seksti sytti åtti nitti hundre tusen",
    "nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen kymmentä toista sata tuhat",
    "nula jeden jedna jedno dva dvě tři čtyři pět šest sedm osm devět deset jedenáct dvanáct třináct čtrnáct patnáct"
    " šestnáct sedmnáct osmnáct devatenáct dvacet třicet čtyřicet padesát šedesát sedmdesát osmdesát devadesát sto",
    "zero jeden jedna jedno dwa dwie trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście"
    " trzynaście czternaście piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście dwadzieścia trzydzieści"
    " czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt sto",
    "sıfır sifir bir iki üç dört beş altı alti yedi sekiz dokuz on yirmi otuz kırk kirk elli altmış altmis yetmiş"
    " seksen doksan yüz bin",
    "صفر واحد واحدة اثنان اثنين ثلاثة ثلاث أربعة أربع خمسة خمس ستة ست سبعة سبع ثمانية ثمان ثماني تسعة تسع عشرة عشر"
    " عشرون ثلاثون أربعون خمسون ستون سبعون ثمانون تسعون مئة مائة",
    "ноль нуль один одна два две дві три четыре чотири пять шесть шість семь сім восемь вісім девять десять",
    "μηδέν ένα ένας δύο δυο τρία τρεις τέσσερα πέντε έξι επτά εφτά οκτώ οχτώ εννέα εννιά δέκα",
    "אפס אחת אחד שתיים שתים שניים שלוש שלושה ארבע ארבעה חמש חמישה שש שישה שבע שבעה שמונה תשע תשעה עשר עשרה",
    "nulla egy kettő két három négy öt hat hét nyolc kilenc tíz",
    "zero unu una doi două trei patru cinci șase șapte opt nouă zece",
    "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh",
    "нула един една едно два две три четири пет шест седем осем девет десет",
    "zero u un una dos dues tres quatre cinc sis set vuit nou deu onze dotze tretze catorze quinze setze disset divuit",
    "nula jeden jedna jedno dva dve tri štyri päť šesť sedem osem deväť desať",
    "शून्य एक दो तीन चार पांच पाँच छह छः सात आठ नौ दस",
    "i ii iii iv v vi vii viii ix x xi xii",
)
# Without their accents, these are given names and streets.
_WORDS_WITH_MARKS = "không một hai ba bốn năm sáu bảy tám chín mười"
# Written without spaces. A single kana is also a syllable of many names, so two of three must be longer.
_LONG_KANA = """
    ぜろ れい いち さん よん ろく なな しち はち きゅう じゅう ひとつ ふたつ みっつ よっつ いつつ むっつ
    わん つー すりー ふぉー ふぁいぶ しっくす せぶん えいと ないん
"""
_SHORT_KANA = "にしごく"
_KANA = re.compile(f"(?:{'|'.join(_LONG_KANA.split())}|[{_SHORT_KANA}0-9〇一二三四五六七八九]){{3,}}")
_LONG = re.compile(f"{'|'.join(_LONG_KANA.split())}|[0-9〇一二三四五六七八九]")
_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
# A syllable of the Chinese numerals is one of many names, too; the Korean ones are words.
_HANGUL = re.compile("[공영령일이삼사오육륙칠팔구십0-9]{4}|(?:하나|둘|셋|넷|다섯|여섯|일곱|여덟|아홉|열){3}")
_THAI = re.compile("(?:ศูนย์|หนึ่ง|สอง|สาม|สี่|ห้า|หก|เจ็ด|แปด|เก้า|สิบ|[0-9]){3}")
# Numerals whose value Unicode does not have.
_MORE_NUMERALS = dict.fromkeys("两兩俩倆", 2.0) | {"仨": 3.0}
#: Marks of words, which Python's \\w leaves out: of Hebrew and Arabic, of India, and of Thai.
MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u0670\u0900-\u0963\u0980-\u0dff\u0e31-\u0e4e"
_TOKENS = re.compile(rf"[0-9]+|(?:[^\W\d_]|[{MARKS}])+")
_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc")


def _plain(text: str) -> str:
    """Without marks and case: words are typed without their accents, too."""
    decomposed = unicodedata.normalize("NFD", text.casefold().translate(_APOSTROPHES))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


class _Language(Record, frozen=True):
    words: frozenset[str]
    # Those that are more than syllables: they are noticed without spaces between.
    long: "re.Pattern[str]"
    joined: "re.Pattern[str]"
    row: "re.Pattern[str]"

    @classmethod
    def of(cls, text: str) -> "_Language":
        words = frozenset(text.split())
        long = "|".join(sorted((word for word in words if len(word) > 2), key=len, reverse=True))
        patterns = (long, f"(?:{long})+", f"(?:{long}){{{MOST_IN_A_ROW + 1},}}")
        return cls(words, *map(re.compile, patterns))

    def numbers(self, token: str) -> int:
        """How many numbers the token is."""
        if token.isdecimal() or token in self.words:
            return 1
        return len(self.long.findall(token)) if self.joined.fullmatch(token) else 0


@cache
def _languages() -> tuple[_Language, ...]:
    return tuple(_Language.of(_plain(words)) for words in _WORDS)


@cache
def _with_marks() -> _Language:
    return _Language.of(_WORDS_WITH_MARKS)


def says_a_number(text: str) -> bool:
    """Whether more than two digits, or numbers in letters, stand in a row, whatever marks are between them; or more
    than five in the whole text.
    """
    if _numerals(text) or _kana_or_hangul(text) or _THAI.search("".join(text.split())):
        return True
    tokens, marked = _TOKENS.findall(_plain(text)), _TOKENS.findall(unicodedata.normalize("NFC", text.casefold()))
    return _number_words(_with_marks(), marked) or any(_number_words(language, tokens) for language in _languages())


def _number_words(language: _Language, tokens: list[str]) -> bool:
    if any(map(language.row.search, tokens)):
        return True
    counts = [(language.numbers(token), token) for token in tokens]
    for is_number, group in groupby(counts, key=lambda one: one[0] > 0):
        row = list(group)
        words = not all(token.isdecimal() for _, token in row)
        if is_number and words and sum(count for count, _ in row) > MOST_IN_A_ROW:
            return True
    # Digits are as many numbers as there are.
    return sum(len(token) if token.isdecimal() else count for count, token in counts) > MOST_IN_A_NAME


def _numerals(text: str) -> bool:
    """Of 一 to 九 at most two in a row, as of digits; with 十 or 百 three: 七十七 and 百十四 are names of banks."""
    values = [_MORE_NUMERALS.get(c, unicodedata.numeric(c, -1.0)) for c in text if c.isalnum()]
    if sum(value >= 0 for value in values) > MOST_IN_A_NAME:
        return True
    return _in_a_row([value >= 0 for value in values], MOST_IN_A_ROW + 1) or _in_a_row(
        [0 <= value <= 9 for value in values], MOST_IN_A_ROW
    )


def _in_a_row(are: list[bool], most: int) -> bool:
    return any(one and len(list(group)) > most for one, group in groupby(are))


def _kana_or_hangul(text: str) -> bool:
    letters = "".join(c for c in text.translate(_TO_HIRAGANA) if c.isalnum())
    rows = [match.group() for match in _KANA.finditer(letters)]
    return any(len(_LONG.findall(row)) >= MOST_IN_A_ROW for row in rows) or bool(_HANGUL.search(letters))
