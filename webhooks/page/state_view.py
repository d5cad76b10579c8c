"""The page for the state of a verification."""

from twiml.words import Words, fill
from verification.models import State, Verification
from verification.types import VerificationStatus

from .code_view import code_view
from .ended_view import ended_view
from .view import PageState, View, ViewContext, form


def for_state(
    state: State, words: Words, context: ViewContext, *, error: str = "", alert: str = "", shown_code: str = ""
) -> View:
    """The form without a verification; else its code entry, its end or its welcome."""
    verification = state.verification
    if verification is None:
        return form(words, brand=context.brand)
    if verification.status is VerificationStatus.PENDING:
        return code_view(state, verification, words, context, error=error, alert=alert, shown_code=shown_code)
    if is_approved(state):
        return welcome_view(verification, words, context)
    return ended_view(state, verification, words, context, alert=alert)


def is_approved(state: State) -> bool:
    """Whether this browser has proven the phone."""
    approved = state.verification is not None and state.verification.status is VerificationStatus.APPROVED
    return approved and state.session is not None and state.session.approved


def welcome_view(verification: Verification, words: Words, context: ViewContext) -> View:
    """The page after the right code."""
    return View(
        state=PageState.WELCOME,
        words=words,
        brand=context.brand,
        heading=fill(words.page.code.welcome, username=verification.username),
        note=words.page.code.welcome_next,
        welcome_url=context.welcome_url,
    )
