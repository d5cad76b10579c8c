"""A reader follows a request through few files, and docs/architecture.md lists them."""

import pytest

from tools.journeys import BEGIN, DOCUMENT, END, JOURNEYS, record, text


@pytest.fixture(scope="module")
def journeys() -> dict[str, list[str]]:
    return record()


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_request_enters_few_files(journeys: dict[str, list[str]], name: str) -> None:
    assert 0 < len(journeys[name]) <= JOURNEYS[name], journeys[name]


def test_the_document_lists_the_files_of_each_request(journeys: dict[str, list[str]]) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert document.partition(BEGIN)[2].partition(END)[0] == text(journeys), "run `make journeys`"
