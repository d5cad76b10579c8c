"""What people type is shown as text, and a page has no script or style of its own."""

from pathlib import Path

from tests.support.app import RunningApp, open_page, page_of, path_of, running_app
from tests.support.page import press, send, wrong

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
