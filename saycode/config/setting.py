"""One setting: its names in the environment, how its text is read, and the error of all that are wrong."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from .parsers import InvalidValue
from .text_files import read_text, why_unreadable

T = TypeVar("T")


class SettingsError(Exception):
    """Settings that the service cannot start with. `problems`: a line for each, with the setting and how to fix it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting. `default` is text, as in the environment; None means that an absent setting is None."""

    name: str
    parse: Callable[[str], object]
    meaning: str
    default: str | None = None
    required: bool = False
    secret: bool = False

    @property
    def file_name(self) -> str:
        """The setting that names a file with the secret."""
        return f"{self.name}_FILE"

    @property
    def names(self) -> tuple[str, ...]:
        """The names that this setting is read from."""
        return (self.name, self.file_name) if self.secret else (self.name,)

    def read(self, environ: Mapping[str, str]) -> object:
        """The value; None when it is not set and not required. An empty text counts as not set. Raises InvalidValue."""
        text = environ.get(self.name, "").strip()
        if self.secret and (path := environ.get(self.file_name, "").strip()):
            if text:
                raise InvalidValue(f"must not be set together with {self.file_name}: keep one of them")
            text = _read_secret_file(path, self.file_name)
        text = text or self.default or ""
        if text:
            return self.parse(text)
        if self.required:
            raise InvalidValue(f"is missing: {self.meaning}")
        return None


def _read_secret_file(path: str, name: str) -> str:
    try:
        text = read_text(Path(path)).strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidValue(f"cannot be read from the file that {name} names: {why_unreadable(problem)}") from problem
    if not text:
        raise InvalidValue(f"is empty in the file that {name} names")
    return text


def setting(name: str, parse: Callable[[str], T], meaning: str, **rest: Any) -> T:
    """A field of Settings. Its type is the parser's, so that mypy compares the two."""
    return cast(T, field(metadata={"setting": Setting(name=name, parse=parse, meaning=meaning, **rest)}))
