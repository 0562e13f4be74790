"""What the section Shipping shows of the account that labels are bought from, as frozen values."""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.shipping import EASYPOST

Stage = Literal["key", "connected"]


class CarrierSetup(msgspec.Struct, frozen=True):
    """The account. `errors` stand beside the fields of their name (base, key), `busy` is what is under way.

    `mode` is said beside the heading: "Test", "Simulated", "Production", or nothing. `facts` name what is
    known of a connected account, `trouble` why it cannot be used now. `changing`: another key is asked for
    while one is kept. `why_not`: nothing can be asked of carriers now; `hint` how one connects in a
    demonstration.
    """

    stage: Stage = "key"
    base: str = EASYPOST
    errors: dict[str, str] = {}
    busy: str = ""
    notice: str = ""
    tone: Literal["ok", "info", "warn", "error"] = "info"
    mode: str = ""
    heading: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    trouble: str = ""
    changing: bool = False
    why_not: str = ""
    hint: str = ""
