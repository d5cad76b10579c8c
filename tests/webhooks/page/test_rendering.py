"""What people type is shown as text, and a page has no script or style of its own."""

from pathlib import Path

from tests.support.app import RunningApp, open_page, page_of, path_of, running_app
from tests.support.page import press, send, wrong
from verification.errors import Unavailable
from verification.models import State
from verification.ports import ByEnrolled, Query, Store

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "{{7*7}}",
    "{% raw %}",
    "${7*7}",
    "&lt;b&gt;",
    "</title><b>",
    "{username}",
    "ada\u00a0l",
]


async def test_a_hostile_user_name_is_shown_as_text(running: RunningApp) -> None:
    welcomes, refusals = [], []
    for name in ("ada", *HOSTILE):
        browser = running.browser()
        code = await running.started(browser, username=name)
        await send(browser, "check_code", code=code)
        page = await open_page(browser)
        assert page.heading == f"Welcome, {name}"
        welcomes.append([element.tag for element in page.elements])
        refused = page_of(await browser.post(path_of("start"), {"username": name, "phone": name, "channel": "sms"}))
        assert (refused.fields["username"], refused.fields["phone"]) == (name, name)
        refusals.append([element.tag for element in refused.elements])
    assert all(tags == welcomes[0] for tags in welcomes)
    assert all(tags == refusals[0] for tags in refusals)


async def test_a_brand_is_shown_as_text(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", brand="<b>{{7*7}}") as running:
        page = await open_page(running.browser())
        assert page.one("title").text == "Confirm your phone number · <b>{{7*7}}"
        assert page.all("b") == []


async def test_no_page_has_a_script_or_style_of_its_own(running: RunningApp) -> None:
    browser = running.browser()
    pages = [await open_page(browser)]
    code = await running.started(browser)
    pages.append(await open_page(browser))
    await send(browser, "check_code", code=wrong(code))
    pages.append(await open_page(browser))
    await press(browser, "begin-again")
    await send(browser, "check_code", code=running.provider.texts[-1].code)
    pages.append(await open_page(browser))
    assert [page.state for page in pages] == ["form", "code", "ended", "welcome"]
    for page in pages:
        assert not page.all("style")
        assert all("src" in script.attributes for script in page.all("script"))
        for element in page.elements:
            assert not [name for name in element.attributes if name == "style" or name.startswith("on")]


async def test_a_sentence_in_english_keeps_its_order_on_a_page_from_right_to_left(running: RunningApp) -> None:
    """Errors that are an application's are not translated; their full stop belongs at their own end."""
    page = page_of(await running.browser("ar").get(path_of("openid_authorize")))
    assert page.one("html").attributes["dir"] == "rtl"
    assert page.one("bdi").text == page.heading


class WithoutAccounts:
    """A store that fails when an account is read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self, query: Query) -> State:
        if isinstance(query, ByEnrolled):
            raise Unavailable("the disk is full")
        return await self._store.read(query)


async def test_an_error_page_has_the_reference_of_a_verification_that_was_read_before(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", accounts=True) as running:
        browser = running.browser()
        assert (await browser.post(path_of("start"), {"username": "ada", "channel": "sms"})).status == 303
        expected = (await open_page(browser)).one("p", **{"class": "reference"}).text
        whole = running.store.store
        running.store.store = WithoutAccounts(whole)  # type: ignore[assignment]  # all that the page asks of it
        failed = await browser.get("/")
        assert failed.status == 503
        assert page_of(failed).one("p", **{"class": "reference"}).text == expected
        running.store.failure = Unavailable("the disk is full")
        assert page_of(await browser.get("/")).all("p", **{"class": "reference"}) == []
        running.store.store = whole
