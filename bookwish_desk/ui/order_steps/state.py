"""What a guided step shows, as one frozen value. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from bookwish_desk.actions.telling import Telling
from bookwish_desk.shop.notice_kinds import Kind
from bookwish_desk.shop.notices import NoticeFacts
from bookwish_desk.shop.order import Order
from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.found import FoundRow

Tone = Literal["ok", "info", "warn", "error"]


class Mail(msgspec.Struct, frozen=True):
    """A message as the customer would get it, or why there is none (`why`)."""

    to: str = ""
    subject: str = ""
    text: str = ""
    why: str = ""


class Saying(msgspec.Struct, frozen=True):
    """The notice that a step would bring. `facts` are found on a lane; `subject` may be staff's own.

    `about` is what tells its facts from others of the same order.
    """

    kind: Kind
    facts: Callable[[], NoticeFacts]
    order: Order
    telling: Telling
    subject: str = ""
    about: str = ""


class Asked(msgspec.Struct, frozen=True):
    """What a step asks and what it would do.

    `about` says how things stand, `outcome` what will be done, `verb` stands on the button (nothing: there is
    nothing to do, and `about` says why). A `danger` is hard to undo.
    """

    about: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    outcome: tuple[str, ...] = ()
    tone: Tone = "info"
    verb: str = ""
    danger: bool = False


class Finding(msgspec.Struct, frozen=True):
    """The search for a title inside a step: `words` were typed, `picked` says what was taken."""

    words: str = ""
    rows: tuple[FoundRow, ...] = ()
    searching: bool = False
    picked: str = ""


class StepState(msgspec.Struct, frozen=True):
    """Everything on the sheet of a step. `done` says that it was taken and the sheet can go.

    `photos` says that a photo can be added, `photo` is the one that was, small, as a JPEG.
    `wrong` counts the refusals: the sheet goes to the field each time there is a new one. `typed` says that
    words were written that would be lost.
    """

    title: str = ""
    asked: Asked = Asked()
    mail: Mail | None = None
    finding: Finding | None = None
    photo: bytes = b""
    photos: bool = False
    notice: str = ""
    tone: Tone = "error"
    wrong: int = 0
    typed: bool = False
    busy: bool = False
    done: bool = False
