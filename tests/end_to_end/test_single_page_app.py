"""An application that is one page in a browser logs in with the provider, which has two workers, over real HTTP."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from tests.support.browsers import browser as open_browser
from tests.support.processes import Deployment, deploy
from tests.support.simulator import served

APPLICATION = Path(__file__).with_name("single_page_app.html")
NUMBERS = iter(f"+1415555{n}" for n in range(7000, 8000))


async def application(_: Request) -> FileResponse:
    return FileResponse(APPLICATION, media_type="text/html")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy(tmp_path_factory.mktemp("deployment"), workers=2) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with closing(chromium.new_context(viewport={"width": 390, "height": 780}, locale="en-US")) as context:
        yield context.new_page()


@pytest.mark.parametrize("demands", [{}, {"max_age": "0"}, {"acr_values": "change-billing"}])
def test_a_page_of_another_origin_gets_the_proof(deployment: Deployment, page: Page, demands: dict[str, str]) -> None:
    number = next(NUMBERS)
    with served(Starlette(routes=[Route("/", application)])) as server:
        origin = server.url.replace("127.0.0.1", "localhost")
        added = deployment.command("clients", "add", "Leaf", "--redirect", f"{origin}/", "--public", "--json")
        asked = {"issuer": deployment.address, "client": json.loads(added)["client_id"], **demands}
        page.goto(f"{origin}/#{urlencode(asked)}")
        page.locator("#log-in").click()
        page.locator("#username").fill("ada")
        page.locator("#phone").fill(number)
        page.locator("[name=channel][value=sms]").check()
        page.locator("form[action^='/start'] button").click()
        phone = deployment.phone(number)
        phone.wait_for("text")
        page.locator("#code").fill(next(word for word in phone.texts[-1].replace(".", " ").split() if word.isdigit()))
        page.locator("#code").press("Enter")
        expect(page.locator("#result")).to_have_text(f"{number} with 3 keys")
