"""What a text message to us asks for.

Law and carriers ask that a clear wish to stop is obeyed in any reasonable wording. No automatic answer, question, quote
or complaint about a missing code may suppress a number. So the vocabulary is closed: a clause is a wish
when we know all its words and their roles make one (`_MEANINGS`).

- A keyword counts alone or with words of politeness.
- A plain wish ("stop texting me") also counts beside sentences that we do not understand, unless the text asks for
  something ("just text me"), has a code or a link, as forwarded messages have, or these sentences are about the one
  code that the writer waits for ("Code not received. stop").
- A question is no wish. Letters in a long row are one or two ("pleeease").
- A faint wish ("don't call me", "no more texts", a keyword between commas) counts when we understand the whole text.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from .keyword_vocabulary import east_asian, germanic, other_alphabets, other_latin, romance


class Keyword(StrEnum):
    """What a text asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    CALL = "call"
    REPORT = "report"
    OTHER = "other"


# Twilio passes on 1600 letters. More words are conversation or a machine's; no clause of ours has more letters.
MAX_LENGTH, MAX_WORDS, MAX_LETTERS = 1600, 40, 200
# What Twilio acts on and answers by itself: https://help.twilio.com/articles/223134027
_PROVIDER_KEYWORDS = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"), Keyword.STOP),
    **dict.fromkeys(("start", "yes", "unstop"), Keyword.START),
    **dict.fromkeys(("help", "info"), Keyword.HELP),
}
# What `VOCABULARY` has for each language, with or without accents: other keywords (`help: …`), words for the one code
# that a person waits for (`code: …`), and phrases with a role. A phrase has one role in all languages together, so
# words that mean something else in another language stand with their neighbors ("nu ma mai", because "nu" is "now" in
# Dutch and Swedish); what several languages have stands with the first.
# S: stop. V: the same behind its verb. K: keywords that say something else beside other words.
# B: unsubscribe; alone in a longer text it may be a link. U: complete orders. L, H: remove, object. C: contact, as an
# order; G: after "stop"; I: both. N: not, before a verb; O: on either side of it; 0: before a noun. Z: orders not to.
# Q: I do not want. R: to get. A: again. M: more. T: what is sent. D: it. F, W: small words. J: or. Y: you. X: I want.
# P, E: polite words and reasons. 1: now (not now is not never). !: asks for something else. +: the next clause begins.
VOCABULARY: Mapping[str, str] = {
    **germanic.VOCABULARY,
    **romance.VOCABULARY,
    **other_latin.VOCABULARY,
    **other_alphabets.VOCABULARY,
    **east_asian.VOCABULARY,
}
# Patterns of roles. `_MORE` tells "don't call me again" from "don't call me", which may be about one call. `_TAIL` lets
# the next clause begin without a comma: "stop texting me you have the wrong number".
_MORE, _TAIL, _WITH = "(?=[^+]*[AM])", r"(?:J\+[^!X]*|\+[^!XC]*)?", "[SUBKLHGITFWDAMPE1JY]*"
_ORDER = rf"(?:S{_WITH}[UBGIT]|SJ(?=\+)|[UB]|L[FWHPD]*H|H[FWHPD]*L|K{_WITH}G){_WITH}"
_NOT_TO = r"(?:[PEFWHAMTDI]*Z|[PEHA]*[NO][FHAMPD]*[CI](?:[FWH]*J[CI])*|[PEA]*[CI][FWHYPDA]*O)[FWHDTAMPEY]*"
_NOT_WANTED = r"(?=.*[TR])[PEFWHAMTR]*Q[PEFWHDMARTGJ]*"
_SEND_NO = "[PEFWHA]*[CI][FWHYP]*0[FWHDMP]*T[FWHDAMPET]*"
# What a clause says: the first that fits all its roles. "bare" is plain as a sentence and faint between commas.
_MEANINGS = [
    ("bare", "S[SKPE1]*"),
    ("faint", "B[BFWDTRAM]*"),
    ("plain", rf"[PE1]+S[SKPE1]*|[PE1]*(?:X[PFWHY+]*)?{_ORDER}{_TAIL}"),
    ("plain", rf"{_MORE}(?:{_NOT_TO}|{_NOT_WANTED}|{_SEND_NO}){_TAIL}|[PEFWHDAMGIT]*[GIT][FWHPDAM]*V[P1]*"),
    ("faint", rf"[PE1]*S[SKFWDPE1]*D[SKFWDPE1A]*|[PE1A]*[KV][KSBUPE1]*|[PE1]*K[WHDT]*T[P1]*|{_NOT_TO}|{_NOT_WANTED}"),
    ("faint", "(?=.*[MI])[PEFWHA]*[0O][FWHDMP]*T[FWHDAMPETJI]*"),
    ("polite", "[PE10]+"),
    ("asks", ".*!.*|[PEFWHJ1]*[CIX].*"),
]
_SENTENCE_END = re.compile(r"(?<=[.!?\u2026\u061f])\s+|(?<=[\u3002\uff01\uff1f])|\n+")
_CLAUSE_END = re.compile(r"[,;()\u3001\uff0c\u060c\u061b]+|\s[-\u2013\u2014]+\s")
_PHONE = re.compile(r"(?<!\w)\+?\(?[0-9][0-9 ().-]{7,18}[0-9](?!\w)")
# "STOP to 12345", as the instruction has it that many senders give.
_SHORT_CODE = re.compile(r"^(\W*\w+) (?:to|al?|au|an|para|ao|naar|til|till|na|do) [0-9]{3,8}(?=\W*$)", re.IGNORECASE)
_STOP_SIGNS = re.compile("[\U0001f6d1\ufe0f\\s!.]*\U0001f6d1[\U0001f6d1\ufe0f\\s!.]*")
_LONG_ROW = re.compile(r"([^\W\d_])\1{2,}")
_MARK = re.compile("[\u201c-\u201f\u00ab\u00bb\u2039\u203a\u300c-\u300f\"]|(?<!\\w)['\u2018]|['\u2018\u2019](?!\\w)")
_ELISION = re.compile(r"\b([cdjlmnst])['\u2019](?=\w)")  # m'appelez
# Thai, Chinese and Japanese have no spaces, and Korean joins particles to a word.
_SPACELESS = "[\u0e00-\u0e7f\u3000-\ud7a3]"
_EDGE = re.compile(f"(?<=[a-z0-9])(?={_SPACELESS})|(?<={_SPACELESS})(?=[a-z0-9])")
# Marks that are letters: vowels of Hindi and Thai, and the voicing of kana. Tones and nasal signs are often left out.
_MARKS = re.compile("[\u093e-\u094d\u0e31\u0e34-\u0e3a\u3099\u309a]")
_LETTERS = str.maketrans("øłđ\u0131", "oldi", "'\u2018\u2019") | {ord("æ"): "ae"}


def parse_keyword(body: str) -> tuple[Keyword, bool]:
    """What the text asks for, and whether Twilio answers it itself, so that we must not."""
    exact = body.strip().lower()
    if exact in _PROVIDER_KEYWORDS:
        return _PROVIDER_KEYWORDS[exact], True
    said = _without_quotes(body[:MAX_LENGTH].strip())
    if _STOP_SIGNS.fullmatch(said):
        return Keyword.STOP, False
    keyword = _keyword(said)
    if keyword is Keyword.OTHER and _is_wish(_SHORT_CODE.sub(r"\1", _PHONE.sub("this number", said))):
        keyword = Keyword.STOP
    elif keyword in (Keyword.STOP, Keyword.START, Keyword.REPORT) and _is_question(said):
        keyword = Keyword.OTHER
    elif keyword is Keyword.START and _shorten(_normalize(said)) != _normalize(said):
        keyword = Keyword.OTHER  # a consent has to be clear, and Twilio does not lift its own block for "yesss"
    return keyword, False


def _without_quotes(body: str) -> str:
    """What the writer says: no quoted line, and nothing from the first quotation mark to the last or after a lone one.

    A text that is only a short quote counts as said: people type “STOP” as they read it. Several words that are cut
    (…) are the beginning of something longer, which a phone quotes.
    """
    body = "\n".join(line for line in body.splitlines() if not line.lstrip().startswith(">"))
    marks = list(_MARK.finditer(body))
    before = body[: marks[0].start()] if marks else body
    if len(marks) < 2:
        return before if before[-1:].isspace() else body
    quoted, after = body[marks[0].end() : marks[-1].start()], body[marks[-1].end() :]
    words, is_cut = len(quoted.split()), quoted.rstrip().endswith(("…", "..."))
    alone = not f"{before}{after}".strip(" .,!\n") and words <= (1 if is_cut else 3)
    return quoted if alone else f"{before}\n{after}"


def _keyword(text: str) -> Keyword:
    """The keyword that the text is. A "no" with thanks declines something; it reports nothing."""
    vocabulary = _vocabulary()
    text, role_of, by_text = _shorten(_normalize(text)), vocabulary.role_of, vocabulary.by_text
    if keyword := by_text.get(text) or _PROVIDER_KEYWORDS.get(text.replace(" ", "")):  # "s t o p"
        return keyword
    parts = vocabulary.part.findall(text) if len(text) < MAX_LETTERS else []
    keyword = by_text.get(" ".join(part for part in parts if role_of.get(part) not in ("P", "E")))
    return Keyword.OTHER if keyword in (None, Keyword.REPORT) else keyword


def _is_wish(text: str) -> bool:
    if re.search("[0-9]{4}|@|://", text):
        return False
    readings = {reading for sentence in _SENTENCE_END.split(text) for reading in _read_sentence(sentence)}
    if readings & {"asks", "unknown"}:
        if _vocabulary().one_code.search(_normalize(text)):
            return False
        return "plain" in readings and "asks" not in readings and len(_normalize(text).split()) <= MAX_WORDS
    return bool(readings & {"plain", "faint"})


def _read_sentence(sentence: str) -> list[str]:
    """The reading of each clause. A question is no wish, however it goes on."""
    if _is_question(sentence):
        return ["unknown"]
    readings = [_read(clause) for clause in _CLAUSE_END.split(sentence) if _normalize(clause)]
    if {*readings[:1]} & {"bare", "plain"} and _read(sentence) in ("bare", "plain"):  # "Hören Sie auf, mich anzurufen"
        return ["plain"]
    return ["faint" if reading == "bare" else reading for reading in readings]


def _is_question(text: str) -> bool:
    return bool({*text} & {*"?\u00bf\uff1f\u061f"})


def _read(clause: str) -> str:
    text, vocabulary = _shorten(_normalize(clause)), _vocabulary()
    parts = vocabulary.part.findall(text) if len(text) < MAX_LETTERS else ["?"]
    roles = "".join(vocabulary.role_of.get(re.sub("^s+t+o+p+$", "stop", part), "?") for part in parts)
    return next((reading for reading, pattern in _MEANINGS if re.fullmatch(pattern, roles)), "unknown")


def _normalize(text: str) -> str:
    """Letters and digits in lower case without accents, words separated by one space."""
    letters = _ELISION.sub(r"\1 ", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
    bare = (c for c in letters if _MARKS.match(c) or unicodedata.category(c) not in ("Mn", "Me"))
    kept = unicodedata.normalize("NFC", "".join(c if c.isalnum() or _MARKS.match(c) else " " for c in bare))
    return " ".join(_EDGE.sub(" ", kept).split())


def _shorten(text: str) -> str:
    """The text with each letter once or twice that stands three times or more, where that makes a word we know."""
    return " ".join(_shorter(word) if _LONG_ROW.search(word) else word for word in text.split())


def _shorter(word: str) -> str:
    forms = (_LONG_ROW.sub(row, word) for row in (r"\1", r"\1\1"))
    return next((form for form in forms if form in _vocabulary().words), word)


class _Vocabulary(NamedTuple):
    """The phrases of each key; the role of each phrase, the keyword of each text, the pattern of the phrases, their
    words, and the pattern of the words for one code.
    """

    entries: list[tuple[str, str]]
    role_of: dict[str, str]
    by_text: dict[str, Keyword]
    part: "re.Pattern[str]"
    words: frozenset[str]
    one_code: "re.Pattern[str]"


@cache
def _vocabulary() -> _Vocabulary:
    """Made at the first text: it takes as long as a tenth of a start."""
    entries = re.findall(r"^(\S+): ((?:.(?!^\S+: ))+)", "\n".join(VOCABULARY.values()), re.M | re.S)
    role_of = {_normalize(p): key for key, phrases in entries if len(key) == 1 for p in phrases.split(";")}
    codes = [_normalize(p) for key, phrases in entries if key == "code" for p in phrases.split(";")]
    by_text = {
        _normalize(p): Keyword(key)
        for key, phrases in entries
        if len(key) > 1 and key != "code"
        for p in phrases.split(";")
    }
    longest_first = sorted(role_of, key=len, reverse=True)
    phrases = (phrase if re.match(_SPACELESS, phrase) else rf"{phrase}(?!\S)" for phrase in longest_first)
    part = re.compile("|".join(phrases) + r"|\S+")
    words = frozenset(word for phrase in (*role_of, *by_text) for word in phrase.split())
    one_code = re.compile("|".join(code if re.match(_SPACELESS, code) else rf"\b{code}\b" for code in codes))
    return _Vocabulary(entries, role_of, by_text, part, words, one_code)
