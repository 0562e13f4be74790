"""The broker in memory with what comes after buying: where parcels are, refunds, insurance, forms, visits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from bookwish_desk.shop.carriage import Collection, LabelFile, Manifest, Rate, ShipmentNow, Track
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.sync.port import Reply
from tests.support.fake_carriers import FakeCarriers, Made

FORM = b"%PDF-1.4 form"
COMES = (Rate("pr_1", "USPS", "NextDay", 0), Rate("pr_2", "USPS", "SameDay", 1_500))


class Visited:
    """A visit as the broker has it."""

    def __init__(self, key: str, shipments: Sequence[str]) -> None:
        self.id = key
        self.shipments = tuple(shipments)
        self.service = ""
        self.cancelled = False


class AfterCarriers(FakeCarriers):
    """`parcels` are where parcels are by number; `rejects` how many refunds are rejected first."""

    def __init__(self, clock: Callable[[], int]) -> None:
        super().__init__(clock)
        self.parcels: dict[str, Track] = {}
        self.rejects = 0
        self.forms: dict[str, tuple[str, ...]] = {}
        self.creating = 0
        self.insured: dict[str, list[int]] = {}
        self.visits: dict[str, Visited] = {}
        self.bookings: list[str] = []
        self.comes: tuple[Rate, ...] = COMES

    def move(self, tracking: str, status: Any, **more: Any) -> None:
        """Let a parcel be somewhere."""
        before = self.parcels.get(tracking)
        track = Track(f"trk_{tracking}", tracking, status, **more)
        if before is not None:
            track = replace(track, events=(*before.events, *track.events))
        self.parcels[tracking] = track

    def settle_refunds(self, state: str = "refunded") -> None:
        """Let carriers answer every refund that was asked for."""
        for made in self.shipments.values():
            if made.refund == "submitted":
                made.refund = state

    # ---- the port ----

    def _form_of(self, shipment: str) -> str:
        return next((form for form, inside in self.forms.items() if shipment in inside), "")

    def _now(self, made: Made) -> Reply[Any]:
        reply = super()._now(made)
        assert reply.value is not None
        return Reply("done", replace(reply.value, manifest=self._form_of(made.id)))

    def tracks(self, trackers: Sequence[str]) -> Reply[tuple[Track, ...]]:
        """Tell where parcels are."""
        return self._ask(
            "tracks", ",".join(trackers),
            lambda: Reply("done", tuple(self.parcels[x] for x in trackers if x in self.parcels)),
        )  # fmt: skip

    def refund(self, shipment: str) -> Reply[ShipmentNow]:
        """Take a request for a refund, or reject it."""

        def asked(made: Made) -> Reply[Any]:
            if made.bought is None:
                return Reply("refused", words="It was not bought.", code="refund_unavailable")
            if self.rejects:
                self.rejects -= 1
                made.refund = "rejected"
            else:
                self.refunds.append(made.id)
                made.refund = "submitted"
            return self._now(made)

        return self._ask("refund", shipment, self._of(shipment, asked))

    def insure(self, shipment: str, cents: int) -> Reply[ShipmentNow]:
        """Insure a parcel, each time that it is asked for."""

        def asked(made: Made) -> Reply[Any]:
            assert made.bought is not None
            self.insured.setdefault(shipment, []).append(cents)
            made.bought = replace(made.bought, insured_cents=cents)
            return self._now(made)

        return self._ask("insure", shipment, self._of(shipment, asked))

    def manifest(self, shipments: Sequence[str]) -> Reply[Manifest]:
        """Make a form of shipments that stand in none."""

        def made() -> Reply[Any]:
            taken = [x for x in shipments if self._form_of(x)]
            if taken:
                words = f"Shipments have already been manifested: {', '.join(taken)}"
                return Reply("refused", words=words, status=422, code="scan_form")
            form = f"sf_{len(self.forms) + 1}"
            self.forms[form] = tuple(shipments)
            return Reply("done", self._form(form))

        return self._ask("manifest", ",".join(shipments), made)

    def _form(self, form: str) -> Manifest:
        if self.creating > 0:
            self.creating -= 1
            return Manifest(form, "creating")
        return Manifest(form, "created", url=f"http://carriers.test/{form}.pdf")

    def manifest_now(self, manifest: str) -> Reply[Manifest]:
        """Tell how a form stands."""
        known = manifest in self.forms
        return self._ask(
            "manifest_now", manifest,
            lambda: Reply("done", self._form(manifest)) if known else Reply("gone", words="Not found."),
        )  # fmt: skip

    def manifest_file(self, manifest: str) -> Reply[LabelFile]:
        """Give out a form's bytes."""
        return self._ask("manifest_file", manifest, lambda: Reply("done", LabelFile(FORM, "pdf")))

    def collection(
        self, reference: str, shipments: Sequence[str], sender: PostalAddress, first_at: int, last_at: int,
        words: str,
    ) -> Reply[Collection]:  # fmt: skip
        """Price a visit."""

        def made() -> Reply[Any]:
            visit = Visited(f"pickup_{len(self.visits) + 1}", shipments)
            self.visits[visit.id] = visit
            return Reply("done", self._visit(visit))

        return self._ask("collection", reference, made)

    def _visit(self, visit: Visited) -> Collection:
        if visit.cancelled:
            return Collection(visit.id, "cancelled")
        if visit.service:
            rate = next(r for r in self.comes if r.service == visit.service)
            return Collection(
                visit.id,
                "booked",
                self.comes,
                f"WTC{len(self.bookings)}",
                rate.carrier,
                rate.service,
                rate.cents,
            )
        if not self.comes:
            return Collection(visit.id, "failed", words="USPS: no collection there.")
        return Collection(visit.id, "quoted", self.comes)

    def book(self, collection: str, carrier: str, service: str) -> Reply[Collection]:
        """Book a visit, each time that it is asked for."""

        def do() -> Reply[Any]:
            visit = self.visits[collection]
            self.bookings.append(collection)
            visit.service = service
            return Reply("done", self._visit(visit))

        return self._ask("book", collection, do)

    def collection_now(self, collection: str) -> Reply[Collection]:
        """Tell how a visit stands."""

        def told() -> Reply[Any]:
            visit = self.visits.get(collection)
            return Reply("gone", words="Not found.") if visit is None else Reply("done", self._visit(visit))

        return self._ask("collection_now", collection, told)

    def cancel_collection(self, collection: str) -> Reply[Collection]:
        """Call a visit off."""

        def do() -> Reply[Any]:
            visit = self.visits[collection]
            if visit.cancelled:
                return Reply("refused", words="It was called off already.")
            visit.cancelled = True
            return Reply("done", self._visit(visit))

        return self._ask("cancel_collection", collection, do)
