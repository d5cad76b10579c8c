"""An application may not take a name that looks like another one's."""

import pytest

from tests.support.api_client import Client, client, operator
from tests.support.app import RunningApp


@pytest.mark.parametrize("name", ["Coco", "COCO", "Acme Sh0p", "Асме"])
async def test_a_name_that_looks_like_another_one_is_refused(running: RunningApp, name: str) -> None:
    """Of another service, or the operator's, which is Acme here."""
    assert running.context.brand == "Acme"
    await client(running, "Acme Shop")
    await client(running, "Сосо", seed=8)
    thief = await client(running, "Thief", seed=9)
    for reply in (await thief.post(FriendlyName=name), await thief.start(CustomFriendlyName=name)):
        assert (reply.status, reply.code) == (400, 60200)
        assert "it looks like another name" in reply.body["message"]
    assert running.provider.asked == 0
    made = await (await operator(running)).post("/v2/Services", FriendlyName=name)
    assert (made.status, made.code) == (400, 60200)


async def test_a_service_keeps_its_own_name_and_may_have_the_same_as_another(shop: Client) -> None:
    assert (await shop.post(FriendlyName="Acme Shop")).status == 200
    assert (await shop.start(CustomFriendlyName="Acme Shop")).status == 201
