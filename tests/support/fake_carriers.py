"""A broker of carriers in memory: keeps shipments and money, and goes wrong where it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from bookwish_desk.shop.carriage import (
    Bought,
    CarrierAccount,
    CheckedAddress,
    Collection,
    Consignment,
    LabelFile,
    Manifest,
    Quoted,
    Rate,
    ShipmentNow,
    Track,
)
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.shipping import LabelFormat
from bookwish_desk.sync.carriers.port import EXISTS, FUNDS, IN_PROGRESS, TOO_EARLY
from bookwish_desk.sync.port import Reply

LABEL = b"\x89PNG label of "
SLOW_MS = 5_000
"""So long after the desk gave up a slow broker is done with what it was asked for."""

LOST: dict[str, Reply[Any]] = {
    "not_sent": Reply("not_sent", words="The broker cannot be reached."),
    "lost_before": Reply("unknown", words="The connection broke."),
    "limited": Reply("limited", words="Too many requests.", status=429, wait_ms=1_000),
    "500_before": Reply("unknown", words="The broker has a fault.", status=500),
    "funds": Reply("refused", words="Insufficient balance.", status=402, code=FUNDS),
    "failure": Reply("refused", words="The carrier refused it.", status=422, code="failure"),
    "too_early": Reply("refused", words="Not yet.", status=423, code=TOO_EARLY, wait_ms=500),
    "signed_out": Reply("signed_out", words="The key is wrong.", status=401),
}
"""Faults in which nothing was done."""
DONE: dict[str, Reply[Any]] = {
    "lost_after": Reply("unknown", words="The connection broke."),
    "never": Reply("unknown", words="No answer came in time."),
    "500_after": Reply("unknown", words="The broker has a fault.", status=500),
    "html_after": Reply("unknown", words="Bad gateway.", status=502),
    "cut_after": Reply("unknown", words="The answer was cut off.", status=200),
    "exists": Reply("refused", words="Postage already exists.", status=422, code=EXISTS),
    "timed_out": Reply("unknown", words="The carrier timed out.", status=422, code="timed_out"),
}
"""Faults in which it was done, and the answer does not say so."""
SLOW: dict[str, Reply[Any]] = {
    "slow": Reply("unknown", words="No answer came in time."),
    "in_progress": Reply("refused", words="A purchase is under way.", status=422, code=IN_PROGRESS),
}
"""Faults in which it is done a while later."""

FAULTS = (*LOST, *DONE, *SLOW)

FIRST_CLASS = Rate("", "USPS", "GroundAdvantage", 420, days=4)
PRIORITY = Rate("", "USPS", "Priority", 780, retail_cents=960, days=2)
UPS = Rate("", "UPS", "Ground", 1_150, days=3)


class Made:
    """A shipment as the broker has it."""

    def __init__(self, shipment: str, asked: Consignment) -> None:
        self.id = shipment
        self.asked = asked
        self.rates: tuple[Rate, ...] = ()
        self.rated = 0
        self.bought: Bought | None = None
        self.refund = ""
        self.due_at = 0
        self.agreed = ""
        self.made_at = 0


class FakeCarriers:
    """The port over it. `faults` are (call, how often it was called before) -> name of a fault."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.clock = clock
        self.test = True
        self.shipments: dict[str, Made] = {}
        self.purchases: list[str] = []
        self.refunds: list[str] = []
        self.calls: list[tuple[str, str]] = []
        self.faults: dict[tuple[str, int], str] = {}
        self.prices: tuple[Rate, ...] = (FIRST_CLASS, PRIORITY, UPS)
        self.addresses: dict[str, CheckedAddress] = {}
        self.before: Callable[[str], None] = lambda _call: None
        self.after: Callable[[str], None] = lambda _call: None
        self.closed = False

    # ---- what is seen from outside ----

    def count(self, call: str) -> int:
        """Return how often something was asked for."""
        return sum(1 for name, _ in self.calls if name == call)

    @property
    def spent_cents(self) -> int:
        """Return what was paid in all."""
        return sum(made.bought.cents for made in self.shipments.values() if made.bought is not None)

    def _ask(
        self, call: str, what: str, do: Callable[[], Reply[Any]], slow: Callable[[], None] = lambda: None
    ) -> Reply[Any]:
        number = self.count(call)
        self.calls.append((call, what))
        self.before(call)
        self._finish()
        fault = self.faults.get((call, number), "")
        if fault in LOST:
            reply = LOST[fault]
        elif fault in SLOW:
            slow()
            reply = SLOW[fault]
        else:
            done = do()
            reply = DONE.get(fault, done) if done.result == "done" else done
        self.after(call)
        return reply

    def _finish(self) -> None:
        """Do what a slow broker has got to meanwhile."""
        for made in self.shipments.values():
            if made.due_at and self.clock() >= made.due_at:
                made.due_at = 0
                self._pay(made, made.agreed)

    def _rate(self, made: Made) -> Quoted:
        made.rated += 1
        made.rates = tuple(
            replace(rate, id=f"rate_{made.id}_{made.rated}_{n}") for n, rate in enumerate(self.prices)
        )
        return Quoted(made.id, made.rates, test=self.test)

    def _pay(self, made: Made, rate_id: str) -> Reply[Any]:
        if made.bought is not None:
            return DONE["exists"]
        rate = next((r for r in made.rates if r.id == rate_id), None)
        if rate is None:
            return Reply("refused", words="That rate is not of this shipment.", code="stale_rate")
        self.purchases.append(made.id)
        number = f"9400{len(self.purchases):018d}"
        made.bought = Bought(
            made.id, rate.carrier, rate.service, rate.cents, number, f"trk_{made.id}", rate.id,
            expected_on="2026-09-25", label_format=made.asked.format, test=self.test,
        )  # fmt: skip
        return Reply("done", made.bought)

    def _of(self, shipment: str, then: Callable[[Made], Reply[Any]]) -> Callable[[], Reply[Any]]:
        def do() -> Reply[Any]:
            made = self.shipments.get(shipment)
            return Reply("gone", words="Not found.", status=404) if made is None else then(made)

        return do

    # ---- the port ----

    def account(self) -> Reply[CarrierAccount]:
        """Say whose account it is."""
        told = CarrierAccount("Test Books", self.test, 10_000, ("USPS", "UPS"))
        return self._ask("account", "", lambda: Reply("done", told))

    def check_address(self, address: PostalAddress) -> Reply[CheckedAddress]:
        """Say what is known of an address."""
        known = self.addresses.get(address.line1, CheckedAddress(True, address))
        return self._ask("check_address", address.line1, lambda: Reply("done", known))

    def create(self, consignment: Consignment) -> Reply[Quoted]:
        """Make a shipment."""

        def do() -> Reply[Any]:
            made = Made(f"shp_{len(self.shipments) + 1}", consignment)
            made.made_at = self.clock()
            self.shipments[made.id] = made
            return Reply("done", self._rate(made))

        return self._ask("create", consignment.reference, do)

    def rerate(self, shipment: str) -> Reply[Quoted]:
        """Price a shipment again."""

        def again(made: Made) -> Reply[Any]:
            return DONE["exists"] if made.bought is not None else Reply("done", self._rate(made))

        return self._ask("rerate", shipment, self._of(shipment, again))

    def buy(self, shipment: str, rate: str, insured_cents: int = 0) -> Reply[Bought]:
        """Pay a shipment, once."""

        def slow() -> None:
            made = self.shipments[shipment]
            made.due_at, made.agreed = self.clock() + SLOW_MS, rate

        return self._ask("buy", shipment, self._of(shipment, lambda made: self._pay(made, rate)), slow)

    def read(self, shipment: str) -> Reply[ShipmentNow]:
        """Say how a shipment stands."""
        return self._ask("read", shipment, self._of(shipment, self._now))

    def paid_since(self, since_at: int) -> Reply[tuple[ShipmentNow, ...]]:
        """Say what was paid."""

        def paid() -> Reply[Any]:
            made = (x for x in self.shipments.values() if x.bought is not None)
            return Reply("done", tuple(self._now(x).value for x in made))

        return self._ask("paid_since", str(since_at), paid)

    def _now(self, made: Made) -> Reply[Any]:
        quoted = Quoted(made.id, made.rates, test=self.test)
        told = made.asked
        now = ShipmentNow(
            quoted, made.bought, made.refund, "",  # type: ignore[arg-type]
            told.reference, told.marks, told.is_return, made.made_at,
        )  # fmt: skip
        return Reply("done", now)

    def label(self, shipment: str, fmt: LabelFormat) -> Reply[LabelFile]:
        """Give out a label's bytes."""

        def drawn(made: Made) -> Reply[Any]:
            if made.bought is None:
                return Reply("refused", words="There is no label.")
            # Only a picture is converted.
            native = made.bought.label_format
            return Reply("done", LabelFile(LABEL + made.id.encode(), fmt if native == "png" else native))

        return self._ask("label", shipment, self._of(shipment, drawn))

    def refund(self, shipment: str) -> Reply[ShipmentNow]:
        """Take a request for a refund."""

        def asked(made: Made) -> Reply[Any]:
            if made.bought is None:
                return Reply("refused", words="It was not bought.", code="refund_unavailable")
            if not made.refund:
                self.refunds.append(made.id)
                made.refund = "submitted"
            return self._now(made)

        return self._ask("refund", shipment, self._of(shipment, asked))

    def insure(self, shipment: str, cents: int) -> Reply[ShipmentNow]:
        """Insure."""
        return self._ask("insure", shipment, self._of(shipment, self._now))

    def tracks(self, trackers: Sequence[str]) -> Reply[tuple[Track, ...]]:
        """Know of no parcel."""
        return self._ask("tracks", ",".join(trackers), lambda: Reply("done", ()))

    def follow(self, tracking: str, carrier: str) -> Reply[Track]:
        """Follow nothing."""
        return Reply("refused", words="Not here.")

    def manifest(self, shipments: Sequence[str]) -> Reply[Manifest]:
        """Make no form."""
        return Reply("refused", words="Not here.")

    def manifest_now(self, manifest: str) -> Reply[Manifest]:
        """Know of no form."""
        return Reply("gone")

    def manifest_file(self, manifest: str) -> Reply[LabelFile]:
        """Know of no form."""
        return Reply("gone")

    def collection(
        self, reference: str, shipments: Sequence[str], sender: PostalAddress, first_at: int, last_at: int,
        words: str,
    ) -> Reply[Collection]:  # fmt: skip
        """Send nobody."""
        return Reply("refused", words="Not here.")

    def book(self, collection: str, carrier: str, service: str) -> Reply[Collection]:
        """Send nobody."""
        return Reply("gone")

    def collection_now(self, collection: str) -> Reply[Collection]:
        """Know of no visit."""
        return Reply("gone")

    def cancel_collection(self, collection: str) -> Reply[Collection]:
        """Know of no visit."""
        return Reply("gone")

    def close(self) -> None:
        """Be closed."""
        self.closed = True
