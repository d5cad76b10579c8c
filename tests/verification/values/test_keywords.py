"""Keywords: a clear wish to stop is heard, and nothing else is taken for one."""

from collections.abc import Iterable
from itertools import product

import hypothesis
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verification.values.keyword_examples import NOT_WISHES, OTHERS, TWILIO, WISHES
from twiml import text
from twiml.words import LANGUAGES, words
from verification.values import keywords
from verification.values.keywords import VOCABULARY, Keyword, parse_keyword

# Of the clear wishes in the table. Nine of ten is the least that is right.
EXPECTED_HEARD = 0.97

# Tapbacks as phones send them to phones that have none: around the text, with the marks of the language.
TAPBACKS = (
    *("Liked “{}”", "Loved “{}”", "Laughed at “{}”", "Emphasized “{}”", "Questioned “{}”", 'Disliked "{}"'),
    *("Removed a like from “{}”", "Reacted 👍 to “{}”", "\u200a👍\u200a to “\u200a{}\u200a”", "❤️ to “{}”"),
    *("Gefällt „{}“", "Hat „{}“ mit „Gefällt mir“ markiert", "A aimé « {} »", "Le gustó “{}”", "Ha apprezzato «{}»"),
    *("Curtiu “{}”", "Vond ‘{}’ leuk", "Gillade ”{}”", "Likte «{}»", "Syntes godt om »{}«", "Tykkäsi: ”{}”"),
    *("Polubiono „{}”", "To se mi líbí: „{}“", "“{}” ifadesini beğendi", "“{}”に「いいね」しました", "喜欢“{}”"),
    *("أعجب بـ «{}»", "“{}”", "> {}"),
)
BRANDS = ("Acme", "STOP", "Stop & Shop", "The End", "Stop. Cancel. Quit.", 'The "End"', "Unsubscribe!", "قف", "停止")


def replies(tag: str, brand: str) -> Iterable[str]:
    spoken = words(tag)
    yield text.help_reply(spoken, brand=brand, contact="stop.example.com")
    for reply in (text.stopped_reply, text.started_reply, text.number_changed, text.other_reply):
        yield reply(spoken, brand=brand)
    for reply in (text.call_back_reply, text.reported_reply):
        yield reply(spoken, brand=brand)
    for host in ("stop.example.com", "sms.example.com", "text.example.com", "call.example.com", None):
        yield text.message(spoken, brand=brand, code="123456", minutes=5, host=host, max_segments=4)


def test_no_false_stop_and_nearly_every_clear_wish_is_heard() -> None:
    wishes = [example for examples in WISHES.values() for example in examples]
    others = [example for examples in NOT_WISHES.values() for example in examples]
    missed = [example for example in wishes if parse_keyword(example)[0] is not Keyword.STOP]
    false = [(example, keyword) for example in others if (keyword := parse_keyword(example)[0]) is not Keyword.OTHER]
    print(f"missed: {len(missed)} of {len(wishes)}", *map(repr, missed), sep="\n")
    print(f"no wish, but not OTHER: {len(false)} of {len(others)}", *map(repr, false), sep="\n")
    assert not false
    assert len(missed) <= (1 - EXPECTED_HEARD) * len(wishes)


def test_every_language_is_heard() -> None:
    assert set(WISHES) == set(LANGUAGES)
    for tag, examples in WISHES.items():
        heard = [example for example in examples if parse_keyword(example)[0] is Keyword.STOP]
        assert len(examples) >= 3, tag
        assert len(heard) >= 0.9 * len(examples), tag


def test_no_example_is_in_the_table_twice() -> None:
    table = [example for part in (WISHES, NOT_WISHES, OTHERS) for examples in part.values() for example in examples]
    assert sorted(table) == sorted(set(table))


def test_a_phrase_has_one_role() -> None:
    """Of two roles the later one would count, and the language of the other would no longer be heard."""
    roles = {
        (keywords._normalize(p), role) for role, phrases in keywords._vocabulary().entries for p in phrases.split(";")
    }
    for kind in ([role for role in roles if len(role[1]) == 1], [role for role in roles if len(role[1]) > 1]):
        assert sorted(phrase for phrase, _ in kind) == sorted({phrase for phrase, _ in kind})
    assert set(VOCABULARY) <= set(LANGUAGES)


def test_the_other_keywords_are_heard() -> None:
    wrong = [
        (example, keyword)
        for keyword, examples in OTHERS.items()
        for example in examples
        if parse_keyword(example)[0] is not keyword
    ]
    assert not wrong


def test_twilio_answers_its_own_keywords_and_only_alone() -> None:
    for keyword, exact in TWILIO.items():
        for word in exact:
            for spelling, form in product((word, word.upper(), word.title()), ("{}", "  {} ", "\n{}\r\n")):
                assert parse_keyword(form.format(spelling)) == (keyword, True)
            for form in ("{}!", "{}.", "“{}”", "{} please", "{} 🙏", "#{}", "{0} {0}"):
                assert parse_keyword(form.format(word))[1] is False, (form, word)
    alone = {word for exact in TWILIO.values() for word in exact}
    for part in (WISHES, NOT_WISHES, OTHERS):
        for example in (example for examples in part.values() for example in examples):
            assert parse_keyword(example)[1] is (example.strip().lower() in alone), example


def test_a_wish_in_a_quote_or_in_a_question_is_none() -> None:
    for example in (example for examples in WISHES.values() for example in examples):
        assert parse_keyword(f"Liked “{example}”")[0] is Keyword.OTHER, example
        assert parse_keyword(f"Loved “Acme: 123456 is your code.\n{example}\nThank you”")[0] is Keyword.OTHER, example
        if not any(mark in example for mark in ".!?\n。！？"):
            assert parse_keyword(f"can you {example}?")[0] is Keyword.OTHER, example


def test_a_wish_with_another_request_is_none() -> None:
    for example in (example for examples in WISHES.values() for example in examples):
        for addition in (
            ", text me instead",
            ". Text me instead.",
            "\nSend it to 555-0100",
            ", I need the code by call",
        ):
            assert parse_keyword(example + addition)[0] is Keyword.OTHER, example + addition


def test_our_own_replies_come_back_as_they_are_without_effect() -> None:
    for tag in LANGUAGES:
        for reply in replies(tag, "Acme"):
            assert parse_keyword(reply) == (Keyword.OTHER, False), reply


@hypothesis.example("en-US", "STOP", "“{}”", 12)
@hypothesis.example("en-US", "Stop. Cancel. Quit.", "“{}”", 20)
@given(st.sampled_from(LANGUAGES), st.sampled_from(BRANDS), st.sampled_from(TAPBACKS), st.none() | st.integers(1, 160))
def test_our_own_replies_in_a_tapback_are_never_a_stop(tag: str, brand: str, tapback: str, cut: int | None) -> None:
    for reply in replies(tag, brand):
        # Some phones quote the beginning only.
        quoted = reply if cut is None else f"{reply[:cut]}…"
        if tapback == "> {}":
            quoted = quoted.replace("\n", "\n> ")
        if len(quoted) > 12:  # "“STOP:…”" may be a person's
            assert parse_keyword(tapback.format(quoted))[0] is not Keyword.STOP, tapback.format(quoted)


@given(st.text(max_size=2000))
def test_no_text_is_too_strange_to_be_read(body: str) -> None:
    keyword, twilio_answers = parse_keyword(body)
    assert keyword in Keyword
    assert not (twilio_answers and keyword in (Keyword.CALL, Keyword.REPORT, Keyword.OTHER))


RISKY = (
    *("stop ", "never ", "do not ", "text ", "stop texting ", "i want ", "me ", "a ", "no more ", "texts ", "or "),
    *("send ", "stop, ", "stop. ", "please ", "“", '"', "'", "‘", "> ", "1 ", "(1", "-", " - ", "s", "so", "\u0301"),
    *("请", "不要", "送らないで", "لا ", "\n", " \n", "?", "@"),
)


@settings(max_examples=25)
@given(st.lists(st.sampled_from(RISKY), min_size=1, max_size=6), st.sampled_from(("", "x ", "stop ")))
def test_repeats_of_risky_words_come_to_an_end(parts: list[str], before: str) -> None:
    repeated = "".join(parts)
    for risky in (repeated * (2000 // len(repeated)), "".join(part * (2000 // len(repeated)) for part in parts)):
        for after in ("", "x", "\x00", " stop"):
            parse_keyword(before + risky + after)
