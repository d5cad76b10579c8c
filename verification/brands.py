"""The name that is spoken and texted: who is calling."""

from .errors import BrandInvalid
from .spoken import Unspeakable, speakable

LONGEST = 30


def parse(text: str) -> str:
    """The brand, composed (NFC). Raises BrandInvalid unless it is 1-30 letters, digits and spaces of one script."""
    try:
        return speakable(text, longest=LONGEST)
    except Unspeakable as problem:
        raise BrandInvalid(str(problem)) from problem
