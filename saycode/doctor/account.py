"""The account at Twilio: its credentials, its kind, and whether the clocks agree.

Twilio's codes: 20003 (401) wrong credentials, 20008 (403) test credentials, 10001 and 20005 an account that is not
active. The account's own record contains its token in clear, so only the fields named here are shown.
"""

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime

from ..config.settings import Settings
from ..config.twilio_settings import Region
from ..twilio.config import region_of
from .findings import CONSOLE, STATUS_PAGE, Check, Finding, note, ok, problem
from .http import Answer, Reply, RequestFailure

TEST_CREDENTIALS = 20008
NOT_ACTIVE = (10001, 20005)
#: Accounts created since this year most likely have the newer kind of trial.
NEW_TRIALS_SINCE = 2026
#: Seconds that the clock may differ from Twilio's: without a note, and without a problem.
CLOCK_TOLERANCE, CLOCK_LIMIT = 5, 60


def api_problem(check: Check, settings: Settings, answer: Answer) -> Finding | None:
    """The problem, when Twilio's API does not answer, or answers with an error of its own."""
    url = settings.api_base_url
    if isinstance(answer, RequestFailure):
        return problem(
            check,
            f"Twilio cannot be reached at {url}: {answer}.",
            "Allow this machine to open connections to the internet; if the address is wrong, fix TWILIO_API_BASE_URL.",
        )
    if answer.status == 429 or answer.status >= 500:
        return problem(
            check,
            f"Twilio answers HTTP {answer.status}.",
            f"Wait a minute and run the doctor again; {STATUS_PAGE} shows outages.",
        )
    if answer.record is None or answer.redirects_to:
        return problem(check, f"What answers at {url} is not Twilio's API.", "Fix TWILIO_API_BASE_URL, or remove it.")
    return None


def check_credentials(settings: Settings, answer: Answer) -> Iterator[Finding]:
    """Whether Twilio accepts the account and its token."""
    if api_finding := api_problem(Check.CREDENTIALS, settings, answer):
        yield api_finding
        return
    assert isinstance(answer, Reply)
    code = _code(answer)
    if code == TEST_CREDENTIALS:
        yield problem(
            Check.CREDENTIALS,
            "These are test credentials: Twilio checks requests with them, but no phone ever rings.",
            f"Put the live pair from {CONSOLE} into TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.",
        )
    elif code in NOT_ACTIVE:
        yield problem(Check.CREDENTIALS, "Twilio says that the account is not active.", f"See {CONSOLE}.")
    elif answer.status != 200:
        yield problem(
            Check.CREDENTIALS,
            f"Twilio does not accept this account and token (HTTP {answer.status}{_also(code)}).",
            f"Copy both from {CONSOLE} into TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN{_of_region(settings)}.",
        )
    else:
        yield ok(Check.CREDENTIALS, "Twilio accepts the account and its token.")


def check_api_key(settings: Settings, answer: Answer) -> Iterator[Finding]:
    """Whether Twilio accepts the API key."""
    if api_finding := api_problem(Check.KEY, settings, answer):
        yield api_finding
        return
    assert isinstance(answer, Reply)
    if answer.status != 200:
        yield problem(
            Check.KEY,
            f"Twilio does not accept the API key (HTTP {answer.status}{_also(_code(answer))}), and calls use it.",
            f"Create a key of this account at {CONSOLE} for TWILIO_API_KEY and TWILIO_API_SECRET, or remove both"
            f"{_of_region(settings)}.",
        )
    else:
        yield ok(Check.KEY, "Twilio accepts the API key.")


def check_account_status(answer: Reply) -> Iterator[Finding]:
    """Whether the account is active, and what a trial account cannot do."""
    record = answer.record or {}
    status = str(record.get("status"))
    if status != "active":
        yield problem(
            Check.ACCOUNT,
            f"The account is {status}: nothing is called or texted.",
            f"See {CONSOLE}: most often the balance is used up, or Twilio has a question."
            if status == "suspended"
            else "Put another account into TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.",
        )
    elif record.get("type") != "Trial":
        owner = record.get("owner_account_sid")
        kind = f"a subaccount of {owner}" if owner and owner != record.get("sid") else "not a trial"
        yield ok(Check.ACCOUNT, f"The account is active, and {kind}.")
    elif _year_created(record.get("date_created")) < NEW_TRIALS_SINCE:
        yield note(
            Check.ACCOUNT,
            "A trial account: only numbers that you verified at Twilio are called and texted, every call begins with "
            "Twilio's notice and waits for a key, and every text begins with a notice.",
            f"Verify your own number at {CONSOLE}, or upgrade the account.",
        )
    else:
        yield note(
            Check.ACCOUNT,
            "A trial account, most likely of the newer kind: at most five numbers that you verified at Twilio are "
            "called, and texts with a code are refused (572006), so only calls work.",
            f"Verify your own number at {CONSOLE} and begin with a call, or upgrade the account.",
        )


def check_region(settings: Settings) -> Iterator[Finding]:
    """What another Region needs at Twilio. A number has a configuration in each Region, and that of the Region which
    takes its calls counts (Twilio's guide "Inbound Call Processing").
    """
    region = region_of(settings.api_base_url)
    if region not in (None, Region.US1):
        yield note(
            Check.ACCOUNT,
            f"Twilio is used in its Region {region}, at {settings.api_base_url}. Calls and texts to your numbers come "
            "from there only when that is their inbound processing Region.",
            f"Compare it with that of your numbers at {CONSOLE}.",
        )


def _of_region(settings: Settings) -> str:
    """Twilio's guide "Manage Regional API Credentials"."""
    region = region_of(settings.api_base_url)
    return "" if region in (None, Region.US1) else f"; the Region {region} has a token and keys of its own"


def check_clock(answer: Reply, now: float) -> Iterator[Finding]:
    """Whether the clock agrees with Twilio's. `now`: seconds since 1970. The Date header has whole seconds."""
    twilio_time = _parse_date(answer.headers.get("date"))
    if twilio_time is None:
        yield note(Check.CLOCK, "Twilio's answer has no date, so the clock was not compared.")
        return
    ahead = now - twilio_time.timestamp()
    seconds = f"{abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} Twilio's"
    fix = "Synchronize the clock of this machine with the network (NTP)."
    if abs(ahead) > CLOCK_LIMIT:
        yield problem(Check.CLOCK, f"The clock of this machine is {seconds}.", fix)
    elif abs(ahead) > CLOCK_TOLERANCE:
        yield note(Check.CLOCK, f"The clock of this machine is {seconds}.", fix)
    else:
        yield ok(Check.CLOCK, "The clock agrees with Twilio's.")


def _code(answer: Reply) -> int | None:
    code = (answer.record or {}).get("code")
    return code if isinstance(code, int) else None


def _also(code: int | None) -> str:
    return f", code {code}" if code else ""


def _year_created(date: object) -> int:
    """The year; that of the newer trials when it cannot be parsed."""
    created = _parse_date(date)
    return created.year if created else NEW_TRIALS_SINCE


def _parse_date(text: object) -> datetime | None:
    """A date in the format of RFC 2822; None for anything else."""
    try:
        return parsedate_to_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
