"""Names that look like another name: the skeletons of UTS 39, section 4, for the letters that names are made of.

A name of one alphabet can still look like a name of another one: there is a Cyrillic letter that looks
like each letter of "Coco". Two names are look-alikes when they differ and their skeletons are the same.

The table has the single letters of Unicode's confusables.txt (17.0) that look like Latin letters, digits or katakana,
in alphabets that are in use; and small capitals, which it has not. The libraries for it either have no skeletons or are
no longer kept up.
"""

import unicodedata
from functools import lru_cache

# ruff: noqa: RUF001  # letters that look like others are what this is about
_LETTERS = {
    "2": "ƧϨꙄᒿ",
    "3": "ƷȜꝪЗӠⳌ",
    "5": "Ƽ",
    "6": "бϬⳒ",
    "8": "Ȣȣ",
    "9": "Ꝯ",
    "A": "ΑАᎪꓮᗅᴀ",
    "AA": "Ꜳ",
    "AE": "ӔÆ",
    "AO": "Ꜵ",
    "AU": "Ꜷ",
    "AV": "ꜸꜺ",
    "AY": "Ꜽ",
    "B": "ΒВᏴꓐꞴⲂᗷʙ",
    "C": "СᏟⲤꓚ",
    "D": "Ꭰꓓᗞᗪᴅ",
    "E": "ΕЕᎬꓰⴹᴇ",
    "F": "ϜꓝꞘᖴ",
    "G": "ԌᏀᏳꓖɢ",
    "H": "ΗНᎻⲎꓧᕼʜ",
    "J": "ͿЈᎫꓙꞲᒍᴊ",
    "K": "ΚКᏦⲔꓗᴋ",
    "L": "ᏞⳐꓡᒪʟ",
    "M": "ΜϺМᎷⲘꓟᗰᴍ",
    "N": "ΝⲚꓠɴ",
    "O": "ΟОՕⲞꓳⵔዐଠ",
    "OE": "Œ",
    "OO": "ꚘꝎ",
    "P": "ΡРᏢⲢꓑⳎᑭᴘ",
    "Q": "ⵕ",
    "R": "ᎡᏒꓣƦᖇʀ",
    "S": "ЅՏᏕᏚꓢ",
    "T": "ΤТᎢⲦꓔᴛ",
    "U": "Սꓴሀᑌ",
    "V": "ѴᏙꓦⴸᐯ",
    "W": "ԜᎳᏔꓪ",
    "X": "ΧХⲬꓫꞳⵝ",
    "Y": "ΥУҮᎩᎽⲨꓬ",
    "Z": "ΖᏃꓜ",
    "a": "αаɑ",
    "aa": "ꜳ",
    "ae": "ӕæ",
    "ao": "ꜵ",
    "au": "ꜷ",
    "av": "ꜹꜻ",
    "ay": "ꜽ",
    "b": "ЬᏏƄᑲᖯ",
    "bl": "Ы",
    "c": "сⲥꮯᴄငၚ",
    "d": "ԁᏧꓒᑯ",
    "dz": "ʣ",
    "e": "еҽꬲ",
    "f": "քꬵꞙƒẝ",
    "g": "ցɡᶃƍ",
    "h": "һհᏂ",
    "i": "ιіᎥꙇꭵıɪɩⲓւ",
    "j": "ϳј",
    "l": "ΙІӀⲒꓲƖǀӏוןاⵏ",
    "lO": "Ю",
    "ll": "ǁװ",
    "ls": "ʪ",
    "lz": "ʫ",
    "n": "ոռ",
    "o": "οσоօⲟᴏᴑꬽϭჿסهھہەഠဝ",
    "oe": "œ",
    "oo": "ꚙꝏ",
    "p": "ρрⲣþƿϸⳏ",
    "q": "ԛգզ",
    "r": "гᴦⲅꮁꭇꭈ",
    "s": "ѕꮪꜱƽട",
    "tf": "ꝷ",
    "ts": "ʦ",
    "u": "υսꞟᴜꭎꭒʋ",
    "ue": "ᵫ",
    "uo": "ꭣ",
    "v": "νѵꮩᴠט",
    "w": "ѡԝաꮃɯᴡⲽш",
    "x": "хᕁᕽ",
    "y": "γуүɣᶌʏỿꭚⲩყ",
    "z": "ꮓᴢ",
    "へ": "ヘ",
    "エ": "工",
    "オ": "才",
    "カ": "力",
    "タ": "夕",
    "チ": "千",
    "ト": "卜",
    "ニ": "二",
    "ヌ": "又",
    "ハ": "八",
    "ミ": "三",
    "ム": "厶",
    "メ": "乄",
    "ロ": "口囗",
    "ー": "一",
}
_SKELETON = {letter: latin for latin, letters in _LETTERS.items() for letter in letters}
# Latin letters and digits that look like one another.
_SKELETON |= {"0": "O", "1": "l", "I": "l"}
_TABLE = str.maketrans(_SKELETON)
#: Names whose looks are kept: those of services are compared at each start with a name of its own.
_KEPT = 10_000


def skeleton(text: str) -> str:
    """The prototype of the text: what it looks like."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFD", decomposed.translate(_TABLE)).replace("m", "rn")


@lru_cache(_KEPT)
def _looks(name: str) -> tuple[str, str, str]:
    """As it is, in small letters, and in capitals. A capital I is like a small l beside small letters only."""
    as_it_is = name if any(map(str.islower, name)) else name.lower()
    return _small(as_it_is), _small(name.lower()), skeleton(name.upper())


def _small(name: str) -> str:
    return skeleton(skeleton(name).casefold())


def look_alike(one: str, other: str) -> bool:
    """Whether two names differ, and look the same as they are, in small letters or in capitals."""
    if unicodedata.normalize("NFC", one).casefold() == unicodedata.normalize("NFC", other).casefold():
        return False
    return any(first == second for first, second in zip(_looks(one), _looks(other), strict=True))
