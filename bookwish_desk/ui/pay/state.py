"""What the payment panel shows, as one frozen value."""

from __future__ import annotations

from typing import Literal

import msgspec

Step = Literal["choose", "card", "done"]


class TakenRow(msgspec.Struct, frozen=True):
    """A payment that is part of the sale already."""

    id: str
    name: str
    amount: str


class QuickCash(msgspec.Struct, frozen=True):
    """An amount that a customer is likely to hand over."""

    cents: int
    label: str


class PayState(msgspec.Struct, frozen=True):
    """Everything on the payment panel. In `done`, the sale is completed and only looked at.

    Of a refund, `plan` are the steps back the way the money came (when there are several) and `next_step`
    the one to do now; `card_brand` and `card_last4` name the card that a refund should go to.
    """

    step: Step = "choose"
    refund: bool = False
    heading: str = "To pay"
    due: str = ""
    amount: str = ""
    cash_due: str = ""
    quick: tuple[QuickCash, ...] = ()
    taken: tuple[TakenRow, ...] = ()
    can_complete: bool = False
    card_amount: str = ""
    card_brand: str = ""
    card_last4: str = ""
    plan: tuple[str, ...] = ()
    next_step: str = ""
    receipt: bool = True
    printer: bool = True
    busy: bool = False
    notice: str = ""
    tone: Literal["ok", "warn", "error"] = "error"
    done_heading: str = ""
    done_amount: str = ""
    done_lines: tuple[str, ...] = ()
    done_printing: str = ""
    done_can_gift: bool = False
    done_can_email: bool = False
