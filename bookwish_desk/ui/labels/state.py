"""What the sheet for labels shows, as one frozen value."""

from __future__ import annotations

import msgspec

from bookwish_desk.shop.label import LabelKind


class LabelRow(msgspec.Struct, frozen=True):
    """One item: its words, and how many labels of it; None while no number is typed.

    `problem` says why there can be no such label of it.
    """

    sku: str
    title: str
    details: str
    copies: int | None
    problem: str = ""


class LabelPicture(msgspec.Struct, frozen=True):
    """The label of the chosen item as it comes out: one pixel is one dot. `spoken` is what stands on it."""

    png: bytes
    spoken: str


class LabelsState(msgspec.Struct, frozen=True):
    """Everything on the sheet. `lacking` says why nothing can be printed at all, `printer` what gets it.

    `done` says that the labels are on their way and the sheet can go.
    """

    rows: tuple[LabelRow, ...] = ()
    chosen: str = ""
    kind: LabelKind = "price"
    picture: LabelPicture | None = None
    printer: str = ""
    lacking: str = ""
    notice: str = ""
    busy: bool = False
    done: bool = False

    @property
    def row(self) -> LabelRow | None:
        """Return the item that is chosen."""
        return next((r for r in self.rows if r.sku == self.chosen), None)

    @property
    def count(self) -> int:
        """Return how many labels are wanted that can be printed."""
        return sum(r.copies or 0 for r in self.rows if not r.problem)

    @property
    def can_print(self) -> bool:
        """Say whether there is something to print and something to print it on."""
        return self.count > 0 and not self.lacking and not self.busy
