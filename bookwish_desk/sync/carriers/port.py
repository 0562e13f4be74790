"""The one port to carriers, through a broker such as EasyPost: what may be asked, and how it answers.

Every call blocks, ends within its time-out and belongs on a lane. None raises for what a network or a server
can do: how it ended is in the `Reply` of `sync.port`. There is no call that creates and buys in one: a
shipment's id must be stored before money moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bookwish_desk.shop.carriage import (
    Bought,
    CarrierAccount,
    CheckedAddress,
    Collection,
    Consignment,
    LabelFile,
    Manifest,
    Quoted,
    ShipmentNow,
    Track,
)
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.shipping import LabelFormat
from bookwish_desk.sync.port import Reply

EXISTS = "exists"
"""The `code` of a buy refused because this shipment was bought before: read it."""
IN_PROGRESS = "in_progress"
"""The `code` of a buy refused because one is under way: read it after a pause."""
FUNDS = "funds"
"""The `code` of a buy refused for want of money at the broker."""
STALE_RATE = "stale_rate"
"""The `code` of a buy refused because the price is not valid any more: ask for prices again."""
TOO_EARLY = "too_early"
"""The `code` of something refused only for now: ask again after a pause."""


class Carriers(Protocol):
    """Carriers, reached through a broker. One object serves several lanes at once.

    Of a reply `refused` is final, with the carrier's words; `not_sent` and `limited` did certainly nothing;
    `unknown` may have been carried out; `signed_out` is a wrong or missing key; `gone` is an id that the
    broker does not know.
    """

    @property
    def test(self) -> bool:
        """Say whether labels are samples that nobody pays."""

    def account(self) -> Reply[CarrierAccount]:
        """Ask whose account it is: what tries out a key."""

    def check_address(self, address: PostalAddress) -> Reply[CheckedAddress]:
        """Ask whether mail arrives at an address. Costs money at some brokers: ask once an address."""

    def create(self, consignment: Consignment) -> Reply[Quoted]:
        """Make an unpaid shipment and return its prices. A lost reply leaves one that costs nothing."""

    def rerate(self, shipment: str) -> Reply[Quoted]:
        """Ask for the prices of an unpaid shipment again; its earlier rates are void then."""

    def buy(self, shipment: str, rate: str, insured_cents: int = 0) -> Reply[Bought]:
        """Pay a shipment by one of its rates. Sent once, never repeated by the adapter."""

    def read(self, shipment: str) -> Reply[ShipmentNow]:
        """Return how a shipment stands: what settles every doubt about `buy` and `refund`."""

    def paid_since(self, since_at: int) -> Reply[tuple[ShipmentNow, ...]]:
        """Return the paid shipments that were made since a moment (ms UTC), whoever paid them."""

    def label(self, shipment: str, fmt: LabelFormat) -> Reply[LabelFile]:
        """Return the bytes of a bought shipment's label in a format; converts where the carrier can."""

    def refund(self, shipment: str) -> Reply[ShipmentNow]:
        """Ask for the money of an unused label; `refund` of the value says how far that is."""

    def insure(self, shipment: str, cents: int) -> Reply[ShipmentNow]:
        """Insure a bought shipment."""

    def tracks(self, trackers: Sequence[str]) -> Reply[tuple[Track, ...]]:
        """Return where parcels are; unknown ones are left out.

        They are named by their own numbers, of which many are asked for at once, or by the ids of trackers.
        """

    def follow(self, tracking: str, carrier: str) -> Reply[Track]:
        """Follow a parcel whose label was made elsewhere. Costs money at some brokers."""

    def manifest(self, shipments: Sequence[str]) -> Reply[Manifest]:
        """Make one form for shipments of one carrier and one origin; each can be on one only."""

    def manifest_now(self, manifest: str) -> Reply[Manifest]:
        """Return how a form stands."""

    def manifest_file(self, manifest: str) -> Reply[LabelFile]:
        """Return the bytes of a form that is created."""

    def collection(
        self,
        reference: str,
        shipments: Sequence[str],
        sender: PostalAddress,
        first_at: int,
        last_at: int,
        words: str,
    ) -> Reply[Collection]:
        """Ask when and for how much a carrier would come; between two moments (ms UTC)."""

    def book(self, collection: str, carrier: str, service: str) -> Reply[Collection]:
        """Book a carrier's visit by one of its rates. Sent once, never repeated by the adapter."""

    def collection_now(self, collection: str) -> Reply[Collection]:
        """Return how a visit stands."""

    def cancel_collection(self, collection: str) -> Reply[Collection]:
        """Call a visit off."""

    def close(self) -> None:
        """Break off what is under way and close every connection."""
