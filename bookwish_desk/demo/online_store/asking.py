"""What a request says: its body and its query, read field by field. What is wrong is said all at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from bookwish_desk.demo.online_store.refusal import Refusal, invalid, unprocessable

MOST_NUMBER = 1_000_000_000
"""Beyond this a number is refused by rule, where the contract names no limit."""
MOST_ROWS = 100
"""Rows of one page, whatever is asked for."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,30}(\.0+)?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,30}(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_MISSING = object()


class Fields:
    """An object of a request. Each reading notes what is wrong; `check` refuses with all of it."""

    def __init__(
        self, raw: Mapping[str, Any], path: str = "", faults: list[tuple[int, str, str]] | None = None
    ):
        self._raw = raw
        self._path = path
        self._faults: list[tuple[int, str, str]] = [] if faults is None else faults

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def __len__(self) -> int:
        return len(self._raw)

    def check(self) -> None:
        """Refuse where anything was wrong: 400 for what is malformed, 422 for what no rule allows."""
        if not self._faults:
            return
        details = [{"path": path, "message": message} for _, path, message in self._faults]
        if any(status == 400 for status, _, _ in self._faults):
            raise Refusal(400, "ValidationError", "Some fields are wrong", details)
        raise Refusal(422, "Unprocessable", "Some fields are refused", details)

    def wrong(self, name: str, message: str, status: int = 400) -> None:
        """Note a fault of a field."""
        self._faults.append((status, f"{self._path}{name}", message))

    def text(
        self,
        name: str,
        *,
        required: bool = False,
        null: bool = False,
        least: int = 0,
        most: int = 0,
        choices: Iterable[str] = (),
    ) -> str | None:
        """Return a text; None where it is not there."""
        value = self._get(name, required, null)
        if value is _MISSING or value is None:
            return None
        if not isinstance(value, str):
            self.wrong(name, "must be a text")
            return None
        if len(value) < least or (most and len(value) > most):
            self.wrong(name, f"must have {least} to {most or 'any number of'} characters")
            return None
        if choices and value not in choices:
            self.wrong(name, f"must be one of {', '.join(choices)}")
            return None
        if "\0" in value:
            self.wrong(name, "holds a character that cannot be stored", 422)
            return None
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of texts, empty where it is not there."""
        value = self._get(name, False, False)
        if value is _MISSING:
            return []
        if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
            self.wrong(name, "must be a list of texts")
            return []
        return value

    def whole(
        self,
        name: str,
        *,
        required: bool = False,
        null: bool = False,
        least: int | None = None,
        most: int | None = None,
    ) -> int | None:
        """Return a whole number; None where it is not there."""
        value = self._get(name, required, null)
        if value is _MISSING or value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(name, "must be a whole number")
            return None
        if (least is not None and value < least) or (most is not None and value > most):
            self.wrong(name, f"must be {_range(least, most)}")
            return None
        if abs(value) > MOST_NUMBER:
            self.wrong(name, "is too large", 422)
            return None
        return value

    def flag(self, name: str, *, required: bool = False, default: bool = False) -> bool:
        """Return a yes or no."""
        value = self._get(name, required, False)
        if value is _MISSING:
            return default
        if not isinstance(value, bool):
            self.wrong(name, "must be true or false")
            return default
        return value

    def moment(self, name: str, *, required: bool = False, null: bool = False) -> int | None:
        """Return a time as ms UTC."""
        value = self.text(name, required=required, null=null)
        if value is None:
            return None
        try:
            return parse_moment(value)
        except ValueError:
            self.wrong(name, "must be a time such as 2025-03-04T15:02:11Z")
            return None

    def part(self, name: str) -> Fields | None:
        """Return an object within this one; None where it is not there."""
        value = self._get(name, False, False)
        if value is _MISSING:
            return None
        if not isinstance(value, dict):
            self.wrong(name, "must be an object")
            return None
        return Fields(value, f"{self._path}{name}.", self._faults)

    def many(self, name: str, *, least: int = 0) -> list[Fields]:
        """Return a list of objects within this one; with `least` it must be there."""
        value = self._get(name, least > 0, False)
        if value is _MISSING:
            return []
        if not isinstance(value, list) or not all(isinstance(x, dict) for x in value) or len(value) < least:
            self.wrong(name, f"must be a list of at least {least} objects")
            return []
        return [Fields(x, f"{self._path}{name}.{no}.", self._faults) for no, x in enumerate(value)]

    def _get(self, name: str, required: bool, null: bool) -> Any:
        value = self._raw.get(name, _MISSING)
        if value is _MISSING:
            if required:
                self.wrong(name, "is required")
        elif value is None and not null:
            self.wrong(name, "must not be null")
            return _MISSING
        return value


def body_fields(body: bytes) -> Fields:
    """Return the fields of a JSON body. Raises Refusal where it is no JSON object."""
    try:
        raw = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Refusal(400, "BadRequest", "The body is not JSON") from fault
    if not isinstance(raw, dict):
        raise Refusal(400, "ValidationError", "The body must be a JSON object")
    return Fields(raw)


class Query:
    """The query of a request. Unknown names are left alone, as servers do."""

    def __init__(self, text: bytes) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in parse_qsl(text.decode("latin-1"), keep_blank_values=True, errors="replace"):
            self._values.setdefault(name, []).append(value)

    def text(self, name: str, *, required: bool = False, least: int = 0, most: int = 0) -> str | None:
        """Return a text; None where it is not there."""
        values = self._values.get(name)
        if values is None:
            if required:
                raise invalid(name, "is required")
            return None
        if len(values) > 1:
            raise invalid(name, "is there more than once")
        if len(values[0]) < least or (most and len(values[0]) > most):
            raise invalid(name, "has a wrong length")
        if "\0" in values[0]:
            raise unprocessable(f"{name} holds a character that cannot be stored")
        return values[0]

    def whole(self, name: str, default: int, *, least: int, most: int | None = None) -> int:
        """Return a whole number."""
        text = self.text(name)
        if text is None:
            return default
        if not _WHOLE.fullmatch(text):
            raise invalid(name, "must be a whole number")
        number = int(text.partition(".")[0])
        if number < least or (most is not None and number > most):
            raise invalid(name, f"must be {_range(least, most)}")
        return min(number, MOST_NUMBER)

    def number(self, name: str) -> None:
        """Refuse what is no number."""
        text = self.text(name)
        if text is not None and not _NUMBER.fullmatch(text):
            raise invalid(name, "must be a number")

    def flag(self, name: str) -> bool:
        """Return a yes or no; no where it is not there."""
        text = self.text(name)
        if text not in (None, "true", "false"):
            raise invalid(name, "must be true or false")
        return text == "true"

    def moment(self, name: str) -> int | None:
        """Return a time as ms UTC."""
        return self._read(name, parse_moment, "must be a time such as 2025-03-04T15:02:11Z")

    def day(self, name: str) -> int | None:
        """Return the beginning of a day (UTC) as ms."""
        return self._read(name, _parse_day, "must be a day such as 2025-03-04")

    def _read(self, name: str, reading: Callable[[str], int], message: str) -> int | None:
        text = self.text(name)
        try:
            return None if text is None else reading(text)
        except ValueError as fault:
            raise invalid(name, message) from fault


class Window(msgspec.Struct, frozen=True):
    """Which rows of a list are asked for."""

    limit: int
    offset: int


def window(query: Query, paging: str, default: int, most: int | None = None) -> Window:
    """Return the window that a query asks for in the server's way of paging; other ways are left alone."""
    limit = query.whole("limit", default, least=1, most=most)
    limit = min(limit, MOST_ROWS)
    if paging == "page-limit":
        return Window(limit, (query.whole("page", 1, least=1) - 1) * limit)
    if paging == "cursor-limit":
        cursor = query.text("cursor") or "o0"
        if not re.fullmatch(r"o\d{1,12}", cursor):
            raise invalid("cursor", "is none of ours")
        return Window(limit, int(cursor[1:]))
    return Window(limit, query.whole("offset", 0, least=0))


def parse_moment(text: str) -> int:
    """Return a time of RFC 3339 as ms UTC; a leap second is the second before it."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(text)
    text = re.sub(r":60(?=[.zZ+-])", ":59", text, count=1)
    moment = datetime.fromisoformat(text.upper().replace(" ", "T").replace("Z", "+00:00"))
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def _parse_day(text: str) -> int:
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return (date.fromisoformat(text) - date(1970, 1, 1)).days * 86_400_000


def _range(least: int | None, most: int | None) -> str:
    if most is None:
        return f"at least {least}"
    return f"at most {most}" if least is None else f"from {least} to {most}"
