"""The parameters of a start: Verify's, and what it does not have."""

from verification.types import Channel
from verification.values import spoken_names

from .parameters import (
    ACTION,
    AMOUNT,
    BOOLEAN,
    NUMBER,
    PAYEE,
    SEND_DIGITS,
    TEXT_MAP,
    USERNAME,
    Parameter,
    Parameters,
    one_of,
    string,
)

CREATE = Parameters(
    Parameter(
        name="To",
        description="The phone number in E.164. With `Username`: one of the account's numbers, or the new one for "
        "`new-number`.",
        schema=NUMBER,
    ),
    Parameter(
        name="Channel",
        description="`call`, `sms`, or `whatsapp` where the operator has set it up; the account's preferred channel by "
        "default.",
        schema=one_of(*Channel),
        unavailable=frozenset({"auto", "email", "rcs", "sna"}),
    ),
    Parameter(
        name="Locale",
        description="The language of the call or text (BCP 47); the operator's where Saycode does not have it.",
        schema=string(2, 35, pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$"),
    ),
    SEND_DIGITS,
    Parameter(
        name="CustomFriendlyName",
        description="The brand for this verification only.",
        schema=string(1, spoken_names.MAX_BRAND_LENGTH),
    ),
    Parameter(name="DeviceIp", description="The user's IP address, for rate limits.", schema=string(2, 45)),
    Parameter(
        name="AppHash",
        description="The hash of an Android app, which reads the code from the text (SMS Retriever).",
        schema=string(11, 11, pattern=r"^[A-Za-z0-9+/]{11}$"),
    ),
    Parameter(
        name="Tags",
        description="At most 10 texts, as a JSON object. They come back in attempts and events.",
        schema=TEXT_MAP,
    ),
    Parameter(
        name="CustomCode",
        description="Your own code, which you check yourself; for services with `CustomCodeEnabled`.",
        schema={**string(4, 10, pattern=r"^[0-9]{4,10}$"), "description": "4 to 10 digits"},
    ),
    AMOUNT,
    PAYEE,
    USERNAME,
    ACTION,
    Parameter(
        name="CallStyle",
        description="`say`: the call says the code. `key`: your page shows the `code` of the response and the user "
        "types it on the phone.",
        schema=one_of("say", "key"),
        is_extension=True,
    ),
    *(
        Parameter(name=name, description=description, refused=True)
        for name, description in (
            ("RateLimits", "Rate limits are configured by the operator and always apply."),
            ("CustomMessage", "The texts are Saycode's own."),
            ("TemplateSid", "Templates are not supported."),
            ("TemplateCustomSubstitutions", "Templates are not supported."),
            ("Templates", "Templates are not supported."),
            ("ChannelConfiguration", "Email is not supported."),
        )
    ),
    Parameter(
        name="EnableSnaClientToken",
        description="Silent network authentication is not supported.",
        schema=BOOLEAN,
        refused=True,
        only=False,
    ),
    Parameter(
        name="RiskCheck",
        description="Limits and budgets always apply.",
        schema=one_of("enable", "disable"),
        refused=True,
        only="enable",
    ),
)
