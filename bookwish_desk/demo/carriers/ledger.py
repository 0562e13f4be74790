"""What was paid, as tests and the curious read it: how often each parcel was bought, what is left."""

from __future__ import annotations

from collections import Counter

import msgspec

from bookwish_desk.demo.carriers.records import Entry, Tx


class Ledger(msgspec.Struct, frozen=True):
    """Every movement of money, the oldest first, and what follows from them."""

    entries: tuple[Entry, ...] = ()
    balance_cents: int = 0
    by_shipment: dict[str, int] = {}
    by_reference: dict[str, int] = {}

    @property
    def labels(self) -> int:
        """Return how many labels were bought."""
        return sum(self.by_shipment.values())

    @property
    def spent_cents(self) -> int:
        """Return what was paid, less what came back."""
        return -sum(entry.cents for entry in self.entries if entry.kind != "opening")

    def bought(self, reference: str) -> int:
        """Return how many labels were bought for a reference, over all its shipments."""
        return self.by_reference.get(reference, 0)


def ledger(tx: Tx) -> Ledger:
    """Return the ledger as it stands."""
    entries = tuple(tx.entries())
    paid = [entry for entry in entries if entry.kind == "postage"]
    return Ledger(
        entries,
        tx.balance(),
        dict(Counter(entry.shipment for entry in paid)),
        dict(Counter(entry.reference for entry in paid if entry.reference)),
    )
