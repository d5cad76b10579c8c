"""What a verification can be for, and what the operator allows for it.

An action that nobody declared is refused: its code could be said with a wrong reason, or with none.
"""

import re
from dataclasses import dataclass

from .states import CallStyle, Channel

SIGN_IN = "sign-in"
#: Where an amount and a payee are given, and no action.
PAYMENT = "payment"
#: The two proofs that change an account's number: the old one, and the new one.
CHANGE_NUMBER, NEW_NUMBER = "change-number", "new-number"

#: As it stands in addresses, logs and receipts.
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
#: A spoken phrase stands inside a sentence that has to be heard before the code.
LONGEST_PHRASE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One purpose. `spoken` has its phrase by language; a language that is not there has words of its own for it.

    `fresh`: seconds that its approval counts, None for the operator's usual time. `risky`: not to be approved with a
    number that is new to its account.
    """

    name: str
    spoken: tuple[tuple[str, str], ...] = ()
    fresh: int | None = None
    channels: frozenset[Channel] = frozenset(Channel)
    styles: frozenset[CallStyle] = frozenset(CallStyle)
    risky: bool = True

    def allows(self, channel: Channel, style: CallStyle) -> bool:
        """Whether its code may travel this way. A text has no style."""
        return channel in self.channels and (channel is Channel.SMS or style in self.styles)

    def phrase(self, language: str) -> str | None:
        """Its phrase in a language, or in another country's form of it."""
        spoken = dict(self.spoken)
        base = language.split("-")[0]
        near = (phrase for tag, phrase in self.spoken if tag.split("-")[0] == base)
        return spoken.get(language) or next(near, None)


#: Those that the languages have words for.
BUILT_IN = (
    Action(name=SIGN_IN, risky=False),
    Action(name=PAYMENT),
    Action(name="change-billing"),
    Action(name="change-shipping-address"),
    Action(name="change-password"),
    Action(name=CHANGE_NUMBER),
    Action(name=NEW_NUMBER, risky=False),
)
