"""What is known of the systems that post their own codes to a hook: how they sign, and where number and code are.

A path names the fields on the way to a value: `sms.otp` is the `otp` in the `sms` of a JSON object.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from verification.types import Channel, Record


class Sender(StrEnum):
    """The systems whose messages are known. Of any other the operator says where number and code are."""

    SUPABASE = "supabase"
    KRATOS = "kratos"
    LOGTO = "logto"
    OTHER = "other"


class Fields(Record, frozen=True, kw_only=True):
    """Where a message has what counts: paths, of which the first with a value counts.

    `language`: a BCP 47 tag. `address`: the IP address of the user, for limits.
    """

    number: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    address: tuple[str, ...] = ()


#: Supabase Auth's `SendSMSInput`: a change of number has the new one in `sms.phone`, older versions have only the user.
#: Ory Kratos' `httpDataModel`: the data of the message's template, which names the code after what it is for. Logto's
#: `SendMessageData`, as its HTTP SMS connector posts it.
KNOWN_FIELDS: Mapping[Sender, Fields] = {
    Sender.SUPABASE: Fields(number=("sms.phone", "user.phone"), code=("sms.otp",)),
    Sender.KRATOS: Fields(
        number=("recipient",),
        code=tuple(f"template_data.{name}_code" for name in ("login", "registration", "verification", "recovery")),
    ),
    Sender.LOGTO: Fields(number=("to",), code=("payload.code",), language=("payload.locale",), address=("ip",)),
    Sender.OTHER: Fields(),
}
#: These keep numbers in E.164 without its plus sign.
WITHOUT_PLUS = frozenset({Sender.SUPABASE, Sender.LOGTO})


class Hook(Record, frozen=True, kw_only=True):
    """One hook: `/hooks/` and its name.

    `secrets` are the keys of signatures after the Standard Webhooks convention, any of which counts; without one,
    requests come with an API key of the service.
    """

    hidden: ClassVar = frozenset({"secrets"})

    name: str
    sender: Sender
    service: str
    fields: Fields
    channel: Channel
    action: str
    secrets: tuple[bytes, ...] = ()
