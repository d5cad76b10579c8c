"""An application that is one page in a browser logs in with the provider, which has two workers, over real HTTP."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Route as RequestRoute
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from tests.support.axe import findings
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


@contextmanager
def applications(deployment: Deployment) -> Iterator[Callable[..., str]]:
    """Registers an application of this name; its address, with what it asks."""
    with served(Starlette(routes=[Route("/", application)])) as server:
        origin = server.url.replace("127.0.0.1", "localhost")

        def register(name: str = "Leaf", **demands: str) -> str:
            added = deployment.command("clients", "add", name, "--redirect", f"{origin}/", "--public", "--json")
            asked = {"issuer": deployment.address, "client": json.loads(added)["client_id"], **demands}
            return f"{origin}/#{urlencode(asked)}"

        yield register


def log_in(page: Page, address: str) -> None:
    """Let the application send the browser to the page."""
    page.goto(address)
    page.locator("#log-in").click()
    expect(page.locator("body")).to_have_attribute("data-state", "form")


def prove(page: Page, deployment: Deployment) -> str:
    """Prove a number; which one."""
    number = next(NUMBERS)
    page.locator("#username").fill("ada")
    page.locator("#phone").fill(number)
    page.locator("[name=channel][value=sms]").check()
    page.locator("form[action^='/start'] button").click()
    phone = deployment.phone(number)
    phone.wait_for("text")
    page.locator("#code").fill(next(word for word in phone.texts[-1].replace(".", " ").split() if word.isdigit()))
    page.locator("#code").press("Enter")
    return number


@pytest.mark.parametrize("demands", [{}, {"max_age": "0"}, {"acr_values": "change-billing"}])
def test_a_page_of_another_origin_gets_the_proof(deployment: Deployment, page: Page, demands: dict[str, str]) -> None:
    with applications(deployment) as register:
        log_in(page, register(**demands))
        number = prove(page, deployment)
        expect(page.locator("#result")).to_have_text(f"{number} with 3 keys")


def test_two_tabs_lead_back_to_their_own_applications(deployment: Deployment, page: Page) -> None:
    with applications(deployment) as register:
        log_in(page, register("Leaf"))
        second = page.context.new_page()
        log_in(second, register("Books"))
        page.reload()
        expect(page.locator(".asked")).to_have_text("Leaf")
        number = prove(page, deployment)
        expect(page.locator("#result")).to_have_text(f"{number} with 3 keys")
        expect(second.locator(".asked")).to_have_text("Books")
        second.reload()  # the same proof serves it
        expect(second.locator("#result")).to_have_text(f"{number} with 3 keys")


def test_a_browser_that_loses_the_answer_is_led_on_again(deployment: Deployment, page: Page) -> None:
    lost: list[str] = []

    def lose(route: RequestRoute) -> None:
        """The service answers, and the connection breaks."""
        if lost:
            route.continue_()
            return
        lost.append(route.fetch(max_redirects=0).headers["location"])
        route.abort("connectionreset")

    with applications(deployment) as register:
        log_in(page, register())
        tab = page.url
        page.route("**/authorize/proceed*", lose)
        with page.expect_event("requestfailed", lambda request: "/authorize/proceed" in request.url):
            number = prove(page, deployment)
        assert "code=" in lost[0]
        page.wait_for_url("chrome-error://**")  # the browser shows its own error first
        page.goto(tab)
        expect(page.locator("#result")).to_have_text(f"{number} with 3 keys")


def test_cancel_leads_back_to_the_application_without_a_proof(deployment: Deployment, page: Page) -> None:
    with applications(deployment) as register:
        log_in(page, register("Leaf"))
        assert findings(page) == []
        page.get_by_role("link", name="Cancel").click()
        page.wait_for_url("**/?error=access_denied*")
        expect(page.locator("#log-in")).to_be_visible()
