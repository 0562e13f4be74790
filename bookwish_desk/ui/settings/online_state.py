"""What the section Online store shows, as frozen values: signing in, choosing a store, what is connected."""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.ui.sync.state import FirstImport, Headline

Stage = Literal["sign_in", "choose", "connected"]


class StoreChoice(msgspec.Struct, frozen=True):
    """A store that can be connected; `about` says where it is or who one is there."""

    id: str
    name: str
    about: str = ""


class CanDo(msgspec.Struct, frozen=True):
    """Something a store may be able to do, and what follows from it, in plain words."""

    name: str
    can: bool
    words: str


class OnlineSetup(msgspec.Struct, frozen=True):
    """The section. `errors` stand beside the fields of their name, `busy` says what is under way.

    `stores` are those to choose from, `found` says where they come from. `facts` name what is connected.
    `out` says that somebody must sign in; `why_not` why nothing can be asked of a store now,
    `hint` how one signs in at the store of a demonstration.
    """

    stage: Stage = "sign_in"
    address: str = ""
    email: str = ""
    account: str = ""
    errors: dict[str, str] = {}
    busy: str = ""
    notice: str = ""
    tone: Literal["ok", "info", "warn", "error"] = "info"
    stores: tuple[StoreChoice, ...] = ()
    chosen: str = ""
    found: str = ""
    abilities: tuple[CanDo, ...] = ()
    headline: Headline = Headline()
    facts: tuple[tuple[str, str], ...] = ()
    first: FirstImport | None = None
    stock_elsewhere: bool = False
    paused: bool = False
    out: bool = False
    keyring: str = ""
    hint: str = ""
    why_not: str = ""
