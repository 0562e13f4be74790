"""What stands beside the list of parcels: one parcel with all that is chosen and known of it, in words."""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.shipping.state import NoticeTone, Tone

Phase = Literal[
    "", "open", "asking", "priced", "waits", "buying", "uncertain", "refused", "bought", "given_back"
]


class AddressLine(msgspec.Struct, frozen=True):
    """One field of the address as the customer wrote it, and as the carrier would.

    `fault` must be put right, `caution` is only said. `differs` marks what somebody should look at.
    """

    label: str
    written: str
    suggested: str = ""
    differs: bool = False
    small: bool = False
    fault: str = ""
    caution: str = ""


class AddressView(msgspec.Struct, frozen=True):
    """The address: `said` is what carriers answered, `suggests` that they spell it in another way.

    `chosen` says in words which spelling goes onto the label. `line` is the whole address in one line,
    `state` how it stands. It is `open` by a key, or because it `must` be: something is wrong or undecided.
    """

    lines: tuple[AddressLine, ...] = ()
    said: str = ""
    tone: NoticeTone = "info"
    suggests: bool = False
    decided: Literal["", "written", "suggested"] = ""
    chosen: str = ""
    typed: bool = False
    checking: bool = False
    can_check: bool = False
    line: str = ""
    state: str = ""
    open: bool = False
    must: bool = False


class RateLine(msgspec.Struct, frozen=True):
    """One price; `marks` says in words whether it is the cheapest or the fastest."""

    id: str
    carrier: str
    service: str
    days: str
    arrives: str
    price: str
    saving: str
    marks: str = ""


class RatesView(msgspec.Struct, frozen=True):
    """The prices, the chosen one, and the carriers that gave none. `stale` says why they may have changed."""

    lines: tuple[RateLine, ...] = ()
    chosen: str = ""
    carrier: str = ""
    failures: tuple[str, ...] = ()
    media: str = ""
    stale: str = ""
    empty: str = ""


class MoreAct(msgspec.Struct, frozen=True):
    """Something else that can be done with the parcel, or why it cannot be now; with the id of its key."""

    id: str
    words: str
    why_not: str = ""
    key: str = ""


class ParcelCard(msgspec.Struct, frozen=True):
    """The chosen parcel. `inputs` are empty once nothing can be changed any more; `facts` stand instead.

    `buy` stands on the button that buys, `why_not` says why it cannot be pressed. `wrong` counts the
    refusals beside a field: the panel goes there. `line` is what is chosen in one line; its fields are shown
    where `open`, by a key or because they `must` be: something in them is wrong or asked for.
    """

    key: str = ""
    title: str = "No parcel chosen"
    about: str = ""
    phase: Phase = ""
    label: str = ""
    icon: str = ""
    label_tone: Tone = "soft"
    said: str = ""
    said_tone: NoticeTone = "info"
    facts: tuple[tuple[str, str], ...] = ()
    inputs: tuple[Input, ...] = ()
    line: str = ""
    open: bool = False
    must: bool = False
    predicted: str = ""
    how: str = ""
    difference: str = ""
    address: AddressView = AddressView()
    customs: tuple[str, ...] = ()
    customs_faults: tuple[str, ...] = ()
    rates: RatesView = RatesView()
    can_weigh: bool = False
    weighing: bool = False
    price_words: str = "Get the prices"
    can_price: bool = False
    buy: str = ""
    can_buy: bool = False
    can_reprint: bool = False
    can_by_hand: bool = False
    can_next: bool = False
    connected: bool = False
    why_not: str = ""
    more: tuple[MoreAct, ...] = ()
    notice: str = ""
    tone: NoticeTone = "warn"
    wrong: int = 0
