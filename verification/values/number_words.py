"""Numbers in names: a name must not say a code, with digits or with letters.

123456    digits             一二三四五六    numerals that are letters (Unicode 4.6)
one two three four five six  the words of the languages that calls are in
"""

# ruff: noqa: RUF001  # words of many languages

import re
import unicodedata
from itertools import groupby

#: Zero to ten, as a code is read out; one set for each language, because words of several are other words in others.
_WORDS = (
    "zero oh nought one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand",
    "null ein eins zwei zwo drei vier fünf fuenf sechs sieben acht neun zehn elf zwölf",
    "zéro un une deux trois quatre cinq six sept huit neuf dix onze douze",
    "cero un uno una dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "zero uno una due tre quattro cinque sei sette otto nove dieci undici dodici",
    "zero um uma dois duas três quatro cinco seis meia sete oito nove dez onze doze",
    "nul een één twee drie vier vijf zes zeven acht negen tien elf twaalf",
    "noll en ett två tre fyra fem sex sju åtta nio tio elva tolv",
    "nul en et to tre fire fem seks syv otte ni ti elleve tolv",
    "null en ei ett to tre fire fem seks sju syv åtte ni ti elleve tolv",
    "nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen",
    "nula jeden jedna jedno dva dvě tři čtyři pět šest sedm osm devět deset",
    "zero jeden jedna jedno dwa dwie trzy cztery pięć sześć siedem osiem dziewięć dziesięć",
    "sıfır bir iki üç dört beş altı yedi sekiz dokuz on sifir alti",
    "صفر واحد واحدة اثنان اثنين ثلاثة ثلاث أربعة أربع خمسة خمس ستة ست سبعة سبع ثمانية ثمان ثماني تسعة تسع عشرة عشر",
)
# Written without spaces. A single kana is also a syllable of many names, so two of three must be longer.
_LONG_KANA, _SHORT_KANA = "ぜろ れい いち さん よん ろく なな しち はち きゅう じゅう", "に し ご く"
_KANA = re.compile(f"(?:{'|'.join((*_LONG_KANA.split(), *_SHORT_KANA.split()))}){{3,}}")
_LONG = re.compile("|".join(_LONG_KANA.split()))
_HANGUL = re.compile("[공영일이삼사오육칠팔구]{4}")
#: More numbers than this in a row sound like a code.
MOST_IN_A_ROW = 2
_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_TOKENS = re.compile(r"[0-9]+|[^\W\d_]+")


def _plain(text: str) -> str:
    """Without marks and case: words are typed without their accents, too."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


_LANGUAGES = tuple(frozenset(map(_plain, words.split())) for words in _WORDS)
# Words without spaces between; short ones are syllables.
_RUNS = tuple(
    re.compile(f"(?:{'|'.join(sorted((w for w in words if len(w) > 2), key=len, reverse=True))}){{3,}}")
    for words in _LANGUAGES
)


def says_a_number(text: str) -> bool:
    """Whether more than two digits, or numbers in letters, stand in a row, whatever marks are between them."""
    if _numerals_in_a_row(text) or _kana_or_hangul(text):
        return True
    tokens = _TOKENS.findall(_plain(text))
    return any(_words_in_a_row(words, run, tokens) for words, run in zip(_LANGUAGES, _RUNS, strict=True))


def _words_in_a_row(words: frozenset[str], run: "re.Pattern[str]", tokens: list[str]) -> bool:
    if any(run.fullmatch(token) for token in tokens):
        return True
    numbers = ((token.isdecimal() or token in words, token) for token in tokens)
    for is_number, group in groupby(numbers, key=lambda one: one[0]):
        row = [token for _, token in group]
        if is_number and len(row) > MOST_IN_A_ROW and not all(token.isdecimal() for token in row):
            return True
    return False


def _numerals_in_a_row(text: str) -> bool:
    """Of 一 to 九 at most two in a row, as of digits; with 十 or 百 three: 七十七 and 百十四 are names of banks."""
    values = [unicodedata.numeric(c, -1.0) for c in text if c.isalnum()]
    for is_numeral, group in groupby(values, key=lambda value: value >= 0):
        row = list(group)
        if is_numeral and len(row) > MOST_IN_A_ROW + 1:
            return True
    return any(
        is_digit and len(list(group)) > MOST_IN_A_ROW for is_digit, group in groupby(values, key=lambda v: 0 <= v <= 9)
    )


def _kana_or_hangul(text: str) -> bool:
    kana = "".join(text.translate(_TO_HIRAGANA).split())
    rows = [match.group() for match in _KANA.finditer(kana)]
    return any(len(_LONG.findall(row)) >= MOST_IN_A_ROW for row in rows) or bool(_HANGUL.search("".join(text.split())))
