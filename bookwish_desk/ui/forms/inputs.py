"""What a form asks, as frozen values, and what was typed into it. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from bookwish_desk.shop.secret import Secret

Kind = Literal["text", "lines", "choice", "toggle", "count", "amount", "pin", "password"]

YES = "yes"


class Input(msgspec.Struct, frozen=True):
    """One question of a form.

    `value` is what stands in the field (a toggle: "yes" or nothing; a PIN or a password: in
    `secret`). `half` puts it
    beside the next half. `least` and `most` bound a count, `lines` is the height of several lines.
    """

    key: str
    label: str
    kind: Kind = "text"
    value: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    error: str = ""
    half: bool = False
    limit: int = 200
    lines: int = 3
    least: int = 0
    most: int = 9_999
    secret: Secret = Secret("")

    @property
    def shape(self) -> tuple[object, ...]:
        """Return what the widget depends on: another shape needs another widget."""
        words = (self.key, self.label, self.kind, self.hint, self.options)
        return (*words, self.half, self.limit, self.lines, self.least, self.most)


class Values(msgspec.Struct, frozen=True):
    """What stands in a form: texts by key, and PINs and passwords apart, which no print of it shows."""

    texts: Mapping[str, str] = {}
    pins: Mapping[str, Secret] = {}

    def text(self, key: str) -> str:
        """Return what was typed, or an empty text."""
        return self.texts.get(key, "")

    def on(self, key: str) -> bool:
        """Say whether a toggle is on."""
        return self.texts.get(key, "") == YES

    def pin(self, key: str) -> Secret:
        """Return a PIN or a password as typed."""
        return self.pins.get(key, Secret(""))

    def whole(self, key: str) -> int:
        """Return a whole number; -1 where there is none, which no setting allows."""
        text = self.texts.get(key, "").strip()
        return int(text) if text.isascii() and text.isdigit() else -1


def filled(inputs: tuple[Input, ...], values: Values, errors: Mapping[str, str]) -> tuple[Input, ...]:
    """Return the inputs with what was typed in them and what is wrong with it."""
    return tuple(
        msgspec.structs.replace(
            i,
            value=values.texts.get(i.key, i.value),
            secret=values.pins.get(i.key, i.secret),
            error=errors.get(i.key, ""),
        )
        for i in inputs
    )
