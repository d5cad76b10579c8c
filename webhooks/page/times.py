"""Times in words. The script of an open page writes the same sentences from the same templates."""

from twiml.sentences import PageWords
from twiml.words import fill

#: Seconds that a full minute may lack and still be named: a page that asks for a new code shows its whole life.
_GRACE = 5
#: Longer waits are said in minutes, in seconds.
_LONGEST_IN_SECONDS = 90


def time_left(seconds: float, page: PageWords) -> str:
    """How long the code works, in words; rounded down, so that the page never promises too much."""
    minutes = int((seconds + _GRACE) // 60)
    if minutes < 1:
        return page.code.under_a_minute_left
    return page.code.one_minute_left if minutes == 1 else fill(page.code.minutes_left, minutes=minutes)


def wait_sentence(seconds: float, page: PageWords) -> str:
    """How long to wait before another try, in words, rounded up so that it works by then."""
    return _wait(seconds, page.code.wait_seconds, page.code.wait_minutes)


def resend_sentence(seconds: float, page: PageWords) -> str:
    """When the code can be sent again, in words; rounded like `wait_sentence`."""
    return _wait(seconds, page.code.resend_seconds, page.code.resend_minutes)


def _wait(seconds: float, in_seconds: str, in_minutes: str) -> str:
    whole = max(2, int(-(-seconds // 1)))  # "1 seconds" would be read out
    if whole <= _LONGEST_IN_SECONDS:
        return fill(in_seconds, seconds=whole)
    return fill(in_minutes, minutes=-(-whole // 60))
