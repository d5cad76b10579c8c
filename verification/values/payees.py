"""Names of payees: names that have punctuation, and are no sentences.

"Anna. This is refunded to you" would be read in one breath with our own words. What a name looks like:

dots         after initials and abbreviations, and in a domain that is a shop's name (Amazon.com), without a path
slashes      between words, and in 24/7
parts        after a comma, a parenthesis or a dash at most three words
small words  at most two, beside the particles of names
sentences    not two of the words that address a person or say what is (you, this, is, will, not)

A sentence can still be written like a name. So a text has the payee in quotation marks, and a call says it in one
sentence with the amount.
"""

# ruff: noqa: RUF001  # words of many languages

import re

from .number_words import MARKS
from .spoken_names import JAPANESE, Unspeakable
from .usernames import script

# A dot inside of the text, with the word before it; and where a further part of a name begins.
_DOT = re.compile(r"(\w+)\.(?= )")
_PARTS = re.compile(r"[,(]| -|- ")
# What a shop is called: amazon.com, amazon.co.uk. The endings of new domains are longer, and seldom in names.
_DOMAIN = re.compile(r"(?<![^ (])(?P<name>[^\W_][\w-]*(?:\.[^\W\d_]{2,3})?)\.(?P<end>[^\W\d_]{2,6})(?=[ ,)]|$)")
_PAIR = re.compile(r"(?<![\w/])([0-9]{1,2})/[0-9]{1,2}(?![\w/])")
_WORD = re.compile(rf"[\w{MARKS}]+(?:['\u2019-][\w{MARKS}]+)*")
_ABBREVIATED = """
    ag assn assoc bros cía cia cie co corp ctr dept dipl dist dr drs dña edif eng est fa fam fdn fr frl ft gbr gebr gen
    ges gov hno hnos hosp hr hrn inc ind ing inh inst int intl jr llc ltd ltda mag med mevr min mlle mme mr mrs ms mt
    natl nr no ph pl plc prof pvt reg rep rev sch sen soc spółka sr sra srl srs srta st sta ste sto str sv tel univ vda
    ver vve
"""
_SMALL_WORDS = """
    a af al am an and at av bin by d da das de degli dei del della den der des di do dos du e ed el en et fra for för
    für gli i im in ja la las le les lo los of och og on par per pour sur te ten ter the to und van von vor y z zu zum
    zur à
"""
_ABBREVIATIONS, _PARTICLES = frozenset(_ABBREVIATED.split()), frozenset(_SMALL_WORDS.split())
# One set for each language: two of these in a name make a sentence.
_SENTENCE_WORDS = tuple(
    frozenset(words.casefold().split())
    for words in (
        "you your yours this that these is are was will be been gets not it we our have has",
        "ihnen ihr ihre ihrem du dir dich dein wird werden wurde ist sind nicht dies diese dieser dieses es",
        "vous votre vos tu toi est sera sont cette ceci ce pas ne",
        "usted ti te tu tus es será son fue esto esta este no se",
        "lei te ti tuo tua suo è sarà sono questo questa non si viene",
        "você te tu seu sua é será são foi isto isso este esta não",
        "u je uw jij jouw is wordt zijn dit deze niet",
        "du dig deg din dej är er blir bliver detta dette denna denne inte ikke",
        "sinä sinulle sinun ovat tämä ei olet palautetaan",
        "ti tobě vám vás váš je jsou bude budou toto není se",
        "ci tobie pan pani panu jest są będzie to nie się",
        "sana sen size siz sizin bu bunu değil edilecek edilir",
        "أنت لك إليك هذا هذه سيتم ليس",
        "вам вас ваш это этот эта будет не тебе",
        "вам вас ваш це цей ця буде не тобі",
        "ви вас вашият това този тази ще не е са",
        "σας εσένα σου αυτό αυτή είναι θα δεν",
        "לך לכם אתה זה זאת הוא היא לא יהיה",
        "ön önnek te neked ez az van lesz nem",
        "dumneavoastră dvs ție tău este va fi nu acesta aceasta",
        "vám vás váš je sú bude budú toto nie",
        "anda kamu ini itu adalah akan tidak",
        "bạn này là sẽ không đây được",
        "vostè us et aquest aquesta això és serà són no",
        "आप आपको आपका यह है हैं नहीं होगा जाएगा",
    )
)
_CHINESE_SENTENCE = re.compile("[你您我这這那是会會将將了把被给給]")
_THAI_SENTENCE = re.compile("คุณ|นี้|จะ|ไม่|เป็น|ได้|คืน")
_KOREAN_SENTENCE = re.compile("(?:니다|세요|어요|에요|해요)$")
_JAPANESE_SENTENCE = re.compile("(?:です|ます|ました|でした|ません|ください)$")
# Words of one name with hyphens; more are a sentence with hyphens for spaces.
_MOST_PIECES = 3
# Letters of a further part where words have no spaces between.
_MOST_UNSPACED = 5
_UNSPACED = {*JAPANESE, "THAI", "LAO", "KHMER", "MYANMAR"}
_MOST_WORDS, _MOST_SMALL_WORDS = 3, 2


def without_shop_names(text: str) -> str:
    """The text with what a shop is called in place of a domain or of 24/7, to look for addresses and codes in the rest.

    A phone makes a domain in a text clickable, with or without a path. Without one it leads to the payee's own page,
    which the name says; with one it would lead wherever who chose the name wants.
    """
    return _PAIR.sub(r"\1", _DOMAIN.sub(_label, text))


def _label(domain: "re.Match[str]") -> str:
    """The domain without its ending, if it is one: `com` and `COM`, not `Com`, which begins a sentence."""
    return domain["name"].replace(".", " ") if domain["end"].islower() or domain["end"].isupper() else domain[0]


def require_name(text: str) -> None:
    """Raise Unspeakable for a sentence in a name. A domain counts as its words."""
    text = without_shop_names(text)
    for before in _DOT.findall(text):
        if len(before) > 1 and before.casefold() not in _ABBREVIATIONS:
            raise Unspeakable("must be a name: a dot is for initials and abbreviations")
    words = _words(text)
    if (
        any(map(_is_long, _PARTS.split(text)[1:]))
        or sum(word.islower() for word in words if word.casefold() not in _PARTICLES) > _MOST_SMALL_WORDS
        or _is_sentence(text, {word.casefold() for word in words})
    ):
        raise Unspeakable("must be a name, not a sentence")


def _words(text: str) -> list[str]:
    words: list[str] = []
    for word in _WORD.findall(text):
        pieces = word.split("-")
        words += [word] if len(pieces) <= _MOST_PIECES else pieces
    return words


def _is_long(part: str) -> bool:
    own = [word for word in _words(part) if word.casefold() not in _PARTICLES]
    return len(own) > _MOST_WORDS or sum(script(c) in _UNSPACED for c in part if c.isalpha()) > _MOST_UNSPACED


def _is_sentence(text: str, words: set[str]) -> bool:
    return (
        any(len(words & of_one_language) > 1 for of_one_language in _SENTENCE_WORDS)
        or any(len(set(words.findall(text))) > 1 for words in (_CHINESE_SENTENCE, _THAI_SENTENCE))
        or any(ending.search(text) for ending in (_JAPANESE_SENTENCE, _KOREAN_SENTENCE))
    )
