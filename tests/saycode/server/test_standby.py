"""The application of settings with a standby account: whose webhooks it takes, and what it loads for it."""

import subprocess
import sys
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator

from saycode.server.app import build_app, open_store
from tests.saycode.config.test_standby_settings import AT_TWILIO, KEY, PROJECT, STANDBY, TOKEN
from tests.saycode.server.test_app import lifespan, settings_for
from tests.support.app import path_of
from tests.support.asgi_client import Twilio

FIRST, FIRST_TOKEN = "AC" + "0" * 32, "the-new-token"
TWILIOS, SIGNALWIRES = "x-twilio-signature", "x-signalwire-signature"
AT_SIGNALWIRE = [
    (FIRST, FIRST_TOKEN, TWILIOS, 200),
    (PROJECT, KEY, SIGNALWIRES, 200),
    (PROJECT, FIRST_TOKEN, SIGNALWIRES, 403),
    (PROJECT, TOKEN, SIGNALWIRES, 403),
    (PROJECT, KEY, TWILIOS, 403),
    (FIRST, KEY, TWILIOS, 403),
]
OF_ONE_COMPANY = [
    (FIRST, FIRST_TOKEN, TWILIOS, 200),
    ("AC" + "9" * 32, TOKEN, TWILIOS, 200),
    ("AC" + "9" * 32, FIRST_TOKEN, TWILIOS, 403),
    (FIRST, TOKEN, TWILIOS, 403),
]


@pytest.mark.parametrize(("standby", "cases"), [(STANDBY, AT_SIGNALWIRE), (AT_TWILIO, OF_ONE_COMPANY)])
async def test_webhooks_of_each_account_are_signed_with_its_own_keys(
    tmp_path: Path, standby: dict[str, str], cases: list[tuple[str, str, str, int]]
) -> None:
    settings, path = settings_for(tmp_path / "store.db", **standby), path_of("inbound_call")
    async with lifespan(build_app(settings, open_store(settings))) as app:
        twilio = Twilio(app, settings.public_url, FIRST, FIRST_TOKEN)
        for account, key, header, status in cases:
            fields = {"AccountSid": account, "CallSid": "CA1", "From": "anonymous"}
            signature = RequestValidator(key).compute_signature(settings.public_url + path, fields)
            answer = await twilio.send(path, fields, headers=[(header, str(signature))])
            assert answer.status == status, (account, key, header)


@pytest.mark.parametrize("standby", [{}, STANDBY])
def test_the_module_is_loaded_only_for_a_standby(standby: dict[str, str]) -> None:
    program = (
        "import sys; from tests.saycode.server.test_app import ENVIRONMENT; from saycode.config.loader import load;"
        "from saycode.twilio.accounts import build_provider;"
        f"build_provider(load(ENVIRONMENT | {standby!r})); print('saycode.twilio.standby' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str(bool(standby))
