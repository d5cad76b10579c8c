"""A sample of all documents, from another place in each language. `make documents` checks all of them."""

import pytest

from tests.twiml.documents import check_language
from twiml.words import LANGUAGES

#: Prime, so that each language has every prompt, with other values each time.
EVERY = 97


@pytest.mark.parametrize(("first", "tag"), list(enumerate(LANGUAGES)))
def test_documents_are_well_formed_and_hold_their_values_as_they_were(first: int, tag: str) -> None:
    assert check_language(tag, EVERY, first) > 200
