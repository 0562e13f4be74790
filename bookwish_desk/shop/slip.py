"""What goes on receipt paper, as values: a slip is a list of elements, never printer bytes.

The outbox keeps slips; `hardware` lays them out for a paper width and encodes them. Text in a slip
may come from customers and publishers: renderers pass every text through `shop.text.clean`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Align = Literal["left", "center", "right"]


class Words(msgspec.Struct, frozen=True, tag="words"):
    """A paragraph, wrapped at word breaks to the paper."""

    text: str
    align: Align = "left"
    bold: bool = False
    large: bool = False


class Pair(msgspec.Struct, frozen=True, tag="pair"):
    """A text on the left, wrapped, and on its last line a figure at the right edge."""

    left: str
    right: str
    bold: bool = False
    large: bool = False
    indent: int = 0


class Rule(msgspec.Struct, frozen=True, tag="rule"):
    """A line across the paper."""


class Gap(msgspec.Struct, frozen=True, tag="gap"):
    """Empty lines."""

    lines: int = 1


class Code(msgspec.Struct, frozen=True, tag="code"):
    """A Code 128 barcode with its text below. `text` holds only A-Z, 0-9 and '-' (1 to 24 characters)."""

    text: str


class Logo(msgspec.Struct, frozen=True, tag="logo"):
    """The shop's logo: a PNG, black on white, at most 576 dots wide when it is printed."""

    png: bytes


Element = Words | Pair | Rule | Gap | Code | Logo

SlipKind = Literal["receipt", "gift", "hold", "order", "report", "test", "key"]


class Slip(msgspec.Struct, frozen=True):
    """One job for a receipt printer: elements from top to bottom, then a cut.

    `ref` names what it is about (a receipt number, a till number) and is what a person finds the job
    by. `copy` says that it was printed before: the renderer puts COPY at the top, and which one it is where
    `copy_number` says that.
    """

    kind: SlipKind
    ref: str
    elements: tuple[Element, ...]
    copy: bool = False
    copy_number: int = 0
