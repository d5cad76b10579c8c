"""Every TwiML document: all languages, styles and states of a call, with the longest and the oddest values.

    python -m tests.twiml.documents           make documents
    python -m tests.twiml.documents --every 97

Each is read as XML by another parser than the one that wrote it, and looked at: its verbs, where it goes on, and that
the values arrive as they were. Prints how many there were.
"""

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice, product
from xml.etree import ElementTree

from twiml import text
from twiml.call import number_changed, render
from twiml.document import SAY_LIMIT
from twiml.words import LANGUAGES, Words, words
from verification.ivr.prompts import (
    Announce,
    AskForAnyKey,
    AskForCode,
    AskForKeys,
    AskToConfirm,
    CallInput,
    Confirmation,
    End,
    Ending,
    Greet,
    KeysFor,
    OfferMenu,
    Prompt,
    ReadCharacter,
    ReadCode,
    ReadSlowly,
)
from verification.values.payments import Payment

AGAIN = (None, CallInput.KEYS, CallInput.SILENCE)
BOTH = (False, True)
CODES = ("047190", "9999999999")
#: The hear style with its three ways to begin, the key style, inbound calls, and how all of them end.
PROMPTS: tuple[Prompt, ...] = (
    Greet(),
    Announce(),
    *map(AskForAnyKey, AGAIN),
    *(AskForKeys(keys, after, to) for keys, after, to in product(("528", "999", "11"), AGAIN, KeysFor)),
    *(AskForCode(length, wrong) for length, wrong in product((6, 10), (None, *BOTH))),
    *map(AskToConfirm, Confirmation),
    *(ReadCode(code, opening) for code, opening in product(CODES, BOTH)),
    *map(ReadSlowly, CODES),
    *(ReadCharacter(code, position) for code in CODES for position in range(len(code))),
    *(OfferMenu(*offers) for offers in product(BOTH, repeat=4)),
    *map(End, Ending),
    End(Ending.SORRY, "01234567"),
)
BRANDS = (
    *("A", "W" * 30, "Äé" * 15, "三菱" * 15, "شركة الاتصالات", "नमस्ते भारत"),
    *("<Say>&amp;\"'</Say>", "]]><!-- {brand} %s \\ \u200d \U00020000"),
)
PURPOSES = ("", "to sign in", "to sign in " * 5 + "again", "& <to> \"open\" 'it' {purpose} {brand}")
PAYMENTS = (
    None,
    Payment(amount="0.01", currency="EUR", payee="A"),
    Payment(amount="999999999.999", currency="KWD", payee="O'Brien & Söhne (K.-G.) + Co., {amount} " + "W" * 3),
)
ADDRESSES = (("keys", "silence"), ("https://a.example/k?a=1&b=<2>\"'", "s" * 300))
CONTACTS = ("acme.example", 'https://acme.example/?a=1&b="<c>"')
ON_CALL = {"sub", "Say", "Gather", "Pause", "Redirect", "Hangup", "prosody"}


@dataclass(frozen=True, slots=True)
class Values:
    """What a document is filled with."""

    brand: str
    purpose: str
    payment: Payment | None
    addresses: tuple[str, str]


def values() -> Iterator[Values]:
    """All combinations."""
    return (Values(*each) for each in product(BRANDS, PURPOSES, PAYMENTS, ADDRESSES))


def check_language(tag: str, every: int = 1, first: int = 0) -> int:
    """Check each `every`-th document of a language; how many."""
    spoken, count = words(tag), 0
    for prompt, each in islice(product(PROMPTS, values()), first, None, every):
        check_call(prompt, spoken, each)
        count += 1
    for brand in BRANDS:
        check_verbs(number_changed(spoken, brand=brand))
        for body in replies(spoken, brand):
            check_reply(body)
            count += 1
        count += 1
    return count


def check_call(prompt: Prompt, spoken: Words, each: Values) -> None:
    """Raise AssertionError, or what the parser raises."""
    on_keys, on_silence = each.addresses
    document = render(
        prompt,
        spoken,
        brand=each.brand,
        purpose=each.purpose,
        payment=each.payment,
        on_keys=on_keys,
        on_silence=on_silence,
    )
    root = check_verbs(document)
    what = (spoken.tag, prompt, each)
    assert {gather.get("action") for gather in root.iter("Gather")} <= {on_keys}, what
    assert [redirect.text for redirect in root.iter("Redirect")] == ([] if isinstance(prompt, End) else [on_silence])
    said = "\n".join("".join(verb.itertext()) for verb in root.iter("Say"))
    if isinstance(prompt, Greet | Announce | AskForAnyKey | AskForKeys):
        assert each.brand in said, what
    says_payment = (isinstance(prompt, ReadCode) and prompt.opening) or prompt in (AskForCode(6), AskForCode(10))
    if each.payment is not None:
        assert (each.payment.payee in said) == says_payment or each.payment.payee == "A", what


def check_verbs(document: str) -> ElementTree.Element:
    """The document, parsed."""
    root = ElementTree.fromstring(document)
    verbs = list(root)
    assert root.tag == "Response"
    assert {verb.tag for verb in root.iter()} - {"Response"} <= ON_CALL, document
    assert verbs[-1].tag in ("Redirect", "Hangup"), document
    for verb in root.iter("Say"):
        assert 0 < len("".join(verb.itertext()).strip()) <= SAY_LIMIT, document
    return root


def replies(spoken: Words, brand: str) -> Iterator[str | None]:
    """All answers to a text message."""
    yield from (text.help_reply(spoken, brand=brand, contact=contact) for contact in CONTACTS)
    for reply in (
        *(text.stopped_reply, text.started_reply, text.call_back_reply, text.reported_reply),
        *(text.number_changed, text.other_reply),
    ):
        yield reply(spoken, brand=brand)
    yield None


def check_reply(body: str | None) -> None:
    root = ElementTree.fromstring(text.reply_document(body))
    assert root.tag == "Response"
    assert [message.text for message in root.iter()][1:] == ([] if body is None else [body])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    every = parser.parse_args().every
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        count = sum(pool.map(check_language, LANGUAGES, [every] * len(LANGUAGES)))
    print(f"{count} documents in {len(LANGUAGES)} languages are well-formed")


if __name__ == "__main__":
    main()
