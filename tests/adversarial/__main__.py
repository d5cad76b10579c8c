"""Writes the tables of docs/security.md and docs/failure-modes.md: `python -m tests.adversarial`."""

from tests.adversarial.docs_tables import TABLES

for table in TABLES:
    table.document.write_text(table.within(table.document.read_text(encoding="utf-8")), encoding="utf-8")
