"""Writes the table of docs/security.md: `python -m tests.abuse`."""

from tests.abuse.page import DOCUMENT, with_table

DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
