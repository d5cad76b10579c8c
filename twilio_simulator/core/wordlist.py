"""Sets of names, written as text."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def word_list(text: str) -> tuple[str, ...]:
    return tuple(text.split())
