"""A payment that a code approves: the amount and the payee (PSD2's dynamic linking: (EU) 2018/389, article 5).

An amount has one spelling (`12.30 EUR`), so that two texts for the same amount make the same code and the same digest.
"""

import re
from decimal import Decimal
from hashlib import sha256
from typing import ClassVar

from ..errors import PaymentInvalid, PaymentProblem
from ..types import Record
from .currencies import MINOR_UNITS
from .payees import require_name, without_shop_names
from .spoken_names import Unspeakable, speakable

MAX_PAYEE_LENGTH = 40
#: Punctuation in names: no colon and no @, so no scheme and no mail address. A payee that is too long is rejected,
#: never cut: cut, it could be another name.
PAYEE_MARKS = "'\u2019.,&+-()/"
#: Signs of one currency only; `$` and `¥` have several.
_CURRENCY_SIGNS = {"€": "EUR", "£": "GBP"}
#: Places that may be zeros in any currency: programs write 100.00 JPY.
_MOST_ZEROS = 2
_AMOUNT = re.compile(
    r"(?P<before>[A-Z]{3}|[€£])?\s?(?P<figure>[0-9]{1,9}(?:\.[0-9]{1,3})?)\s?(?P<after>[A-Z]{3}|[€£])?", re.ASCII
)


class Payment(Record, frozen=True, kw_only=True):
    """An amount (`12.30`), its currency (ISO 4217), and the payee."""

    hidden: ClassVar = frozenset({"amount", "currency", "payee"})

    amount: str
    currency: str
    payee: str

    @property
    def facts(self) -> tuple[str, str, str]:
        """Everything that the code is bound to."""
        return self.amount, self.currency, self.payee

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of amount, currency and payee in UTF-8, separated by line ends."""
        return sha256("\n".join(self.facts).encode()).hexdigest()


def parse(amount: str, payee: str) -> Payment | None:
    """The payment of these two texts; None when both are empty. Raises PaymentInvalid, also when one is missing.

    The currency is beside the amount: `12.30 EUR`, `EUR 12.30` or `€12.30`.
    """
    if not amount and not payee:
        return None
    if not amount or not payee:
        raise PaymentInvalid(PaymentProblem.HALF)
    figure, currency = _parse_amount(amount)
    try:
        name = speakable(payee, longest=MAX_PAYEE_LENGTH, marks=PAYEE_MARKS, without=without_shop_names)
        require_name(name)
        return Payment(amount=figure, currency=currency, payee=name)
    except Unspeakable as problem:
        raise PaymentInvalid(PaymentProblem.PAYEE, str(problem)) from problem


def _parse_amount(text: str) -> tuple[str, str]:
    match = _AMOUNT.fullmatch(text.strip()[:32])
    currencies = [sign for sign in (match["before"], match["after"]) if sign] if match else []
    if match is None or len(currencies) != 1 or Decimal(match["figure"]) == 0:
        raise PaymentInvalid(PaymentProblem.AMOUNT)
    currency = _CURRENCY_SIGNS.get(currencies[0], currencies[0])
    figure = _format_amount(Decimal(match["figure"]))
    places, written = (len(number.partition(".")[2]) for number in (figure, match["figure"]))
    units = MINOR_UNITS.get(currency, -1)
    # An amount that cannot be paid, or no currency; or 1.000 EUR, which many write for a thousand.
    if places > units or written > max(units, _MOST_ZEROS):
        raise PaymentInvalid(PaymentProblem.AMOUNT)
    return figure, currency


def _format_amount(figure: Decimal) -> str:
    """Without needless zeros, but never with one decimal place: 12, 12.30, 12.305."""
    if figure == figure.to_integral_value():
        return str(int(figure))
    tenths = figure.normalize()
    return f"{tenths:f}" if tenths.as_tuple().exponent != -1 else f"{tenths:.2f}"
