"""Uses the client that openapi-python-client wrote: python generated_client.py ADDRESS SERVICE KEY SECRET NUMBER.

Prints a line of JSON for each answer, and reads the code from standard input.
"""

import base64
import importlib
import json
import pkgutil
import sys

import generated
from generated import AuthenticatedClient
from generated.api.default import (
    create_verification,
    create_verification_check,
    list_attempts,
    redeem_receipt,
    update_verification,
)
from generated.models import (
    CreateVerificationCheckForm,
    CreateVerificationJson,
    CreateVerificationJsonChannel,
    UpdateVerificationForm,
    UpdateVerificationFormStatus,
)


def tell(answer):
    print(json.dumps(answer.to_dict()), flush=True)


for module in pkgutil.walk_packages(generated.__path__, "generated."):
    importlib.import_module(module.name)

address, service, key, secret, number = sys.argv[1:]
credentials = base64.b64encode(f"{key}:{secret}".encode()).decode()
with AuthenticatedClient(base_url=address, token=credentials, prefix="Basic") as client:
    start = CreateVerificationJson(to=number, channel=CreateVerificationJsonChannel.SMS)
    tell(create_verification.sync(service, client=client, body=start, idempotency_key="order-7"))
    check = CreateVerificationCheckForm(to=number, code=input())
    checked = create_verification_check.sync(service, client=client, body=check)
    tell(checked)
    tell(redeem_receipt.sync(service, checked.sid, client=client))
    again = create_verification.sync(service, client=client, body=start)
    cancel = UpdateVerificationForm(status=UpdateVerificationFormStatus.CANCELED)
    tell(update_verification.sync(service, again.sid, client=client, body=cancel))
    tell(list_attempts.sync(client=client))
