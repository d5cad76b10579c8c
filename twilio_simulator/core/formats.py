"""How the 2010 API writes its version and its dates."""

from __future__ import annotations

from email.utils import formatdate

API_VERSION = "2010-04-01"


def rfc2822(moment: float | None) -> str | None:
    """`Thu, 24 Aug 2023 05:01:45 +0000`."""
    return None if moment is None else formatdate(moment, usegmt=True).replace("GMT", "+0000")
