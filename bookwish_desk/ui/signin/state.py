"""What the sign-in screen shows, as one frozen value, and what its recovery sheet may ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from bookwish_desk.shop.secret import Secret


class Face(msgspec.Struct, frozen=True):
    """One person to choose. `hint` is the PIN, shown in the demonstration shop only."""

    id: str
    name: str
    role: str
    hint: str = ""


class SignInState(msgspec.Struct, frozen=True):
    """`wait` are the seconds before the chosen person may try again; `fresh` asks for an empty PIN."""

    shop: str = ""
    heading: str = "Who is at the register?"
    faces: tuple[Face, ...] = ()
    chosen: str = ""
    notice: str = ""
    tone: Literal["info", "warn", "error"] = "error"
    wait: int = 0
    checking: bool = False
    can_recover: bool = False
    demo: bool = False

    @property
    def face(self) -> Face | None:
        """Return who is chosen."""
        return next((f for f in self.faces if f.id == self.chosen), None)


Refusal = Callable[[str, str], None]
"""What went wrong: which field ("code", "pin", "again" or "") and the sentence."""


class RecoveryForms(Protocol):
    """What the recovery sheet asks of the presenter."""

    def owners(self) -> tuple[Face, ...]:
        """Return the owners."""

    def recover(
        self,
        owner: str,
        code: str,
        pin: Secret,
        again: Secret,
        done: Callable[[Secret], None],
        refused: Refusal,
    ) -> None:
        """Give an owner a new PIN; `done` gets the next recovery code."""
