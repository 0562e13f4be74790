"""EasyPost behind the port of carriers: which of its calls each question is. See `sync.carriers.port`.

There is no purchase in one call with the shipment, no batch of whole shipments and no tracker for a label
that has one: the first two could pay twice, the last costs money.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

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
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.shipping import LabelFormat
from bookwish_desk.sync.carriers.easypost import reading, reading_after, writing
from bookwish_desk.sync.carriers.easypost.address import broker_address
from bookwish_desk.sync.carriers.easypost.client import Answer, Client, Patience
from bookwish_desk.sync.carriers.easypost.judging import OTHER_MODE, ended
from bookwish_desk.sync.carriers.port import TOO_EARLY, Carriers
from bookwish_desk.sync.port import Reply

if TYPE_CHECKING:
    from easypost.easypost_client import EasyPostClient

T = TypeVar("T")

TRACKERS_AT_ONCE = 50
BATCH_PAUSES = (0.3, 0.7, 1.0, 2.0, 3.0)
"""Seconds between looking whether several shipments have become a batch."""

MOST_PAGES = 200
PAGE_PAUSE = 0.25
"""Seconds between pages of a list: of lists EasyPost gives five a second."""

_TEST_KEY = "EZTK"
_TRACKER = "trk_"


def open_easypost(
    base: str,
    key: Secret,
    *,
    timeout: Patience | None = None,
    clock: Callable[[], int] | None = None,
) -> Carriers:
    """Return the EasyPost at an address, for a key; nothing is sent yet. Raises Refused for the address.

    `clock` is the time in ms UTC, for how old prices are.
    """
    return EasyPost(Client(broker_address(base), key, timeout or Patience()), clock or _now)


def _now() -> int:
    return time.time_ns() // 1_000_000


class EasyPost:
    """An EasyPost; see `sync.carriers.port.Carriers`. Serves several threads at once."""

    def __init__(self, client: Client, clock: Callable[[], int]) -> None:
        self._client = client
        self._clock = clock
        self._test = client.key.reveal().startswith(_TEST_KEY)

    @property
    def test(self) -> bool:
        """Say whether labels are samples that nobody pays: by the key, else by what EasyPost says."""
        return self._test

    def account(self) -> Reply[CarrierAccount]:
        """Ask whose account it is. A key for tests may not ask that: it is tried on addresses."""
        if self._client.key.reveal().startswith(_TEST_KEY):
            return self._tried_out()
        end = self._client.read(lambda x: x.user.retrieve_me())
        carriers: list[Any] = []
        if isinstance(end, Answer) and end.well:
            asked = self._client.read(lambda x: x.carrier_account.all())
            if isinstance(asked, Answer) and asked.well and isinstance(asked.told, list):
                carriers = asked.told
        reply = self._ended(end, lambda told: reading.account(told, carriers))
        if reply.code == OTHER_MODE:
            return self._tried_out()
        return reply

    def check_address(self, address: PostalAddress) -> Reply[CheckedAddress]:
        """Ask whether mail arrives at an address."""
        asked = writing.address(address)
        end = self._client.write(lambda x: x.address.create(verify=True, **asked))
        if isinstance(end, Answer) and end.status == 422:
            refused = reading.refused_address(end.told, address)
            if refused is not None:
                return Reply("done", refused, "", end.status, "", 0, end.server_at)
        return self._ended(end, lambda told: reading.checked(told, address))

    def create(self, consignment: Consignment) -> Reply[Quoted]:
        """Make an unpaid shipment and return its prices."""
        asked = writing.shipment(consignment)
        at = self._clock()
        end = self._client.write(lambda x: x.shipment.create(**asked))
        reply = self._ended(end, lambda told: reading.quoted(told, at))
        if reply.value is not None:
            self._test = self._test or reply.value.test
        return reply

    def rerate(self, shipment: str) -> Reply[Quoted]:
        """Ask for the prices of an unpaid shipment again."""
        at = self._clock()
        end = self._client.write(lambda x: x.shipment.regenerate_rates(_one(shipment)))
        return self._ended(end, lambda told: reading.quoted(told, at, shipment))

    def buy(self, shipment: str, rate: str, insured_cents: int = 0) -> Reply[Bought]:
        """Pay a shipment by one of its rates."""
        asked = writing.purchase(rate, insured_cents)
        end = self._client.spend(lambda x: x.shipment.buy(_one(shipment), **asked))
        return self._ended(end, lambda told: reading.bought_as(told, shipment), moves_money=True)

    def read(self, shipment: str) -> Reply[ShipmentNow]:
        """Return how a shipment stands."""
        at = self._clock()
        end = self._client.read(lambda x: x.shipment.retrieve(_one(shipment)))
        return self._ended(end, lambda told: reading.shipment_now(told, at, shipment))

    def paid_since(self, since_at: int) -> Reply[tuple[ShipmentNow, ...]]:
        """Return the paid shipments that were made since a moment, page by page, the newest first."""
        asked = writing.paid_since(since_at)
        found: dict[str, ShipmentNow] = {}
        for _ in range(MOST_PAGES):
            at = self._clock()
            end = self._client.read(_listed(asked))
            reply = self._ended(end, lambda told, at=at: reading.paid_shipments(told, at))  # type: ignore[misc]
            if reply.value is None:
                return _failed(reply)
            some, last = reply.value
            found |= {now.quoted.shipment: now for now in some}
            if not last or last == asked.get("before_id"):
                return Reply("done", tuple(found.values()), "", reply.status, "", 0, reply.server_at)
            asked = {**asked, "before_id": last}
            if not self._client.pause(PAGE_PAUSE):
                return Reply("not_sent", words="The connection to EasyPost is closed.", code="closed")
        words = "More labels were bought since then than can be looked through."
        return Reply("refused", None, words, code="too_many")

    def label(self, shipment: str, fmt: LabelFormat) -> Reply[LabelFile]:
        """Return the bytes of a label; where it cannot be had in that format, in the one it was made in.

        Only a PNG is converted by EasyPost.
        """
        end = self._client.read(lambda x: x.shipment.retrieve(_one(shipment)))
        known = self._ended(end, lambda told: reading.labels_of(told, shipment))
        if known.value is None:
            return _failed(known)
        addresses, native = known.value
        if not addresses:
            words = "There is no label of this shipment yet."
            return Reply("refused", None, words, known.status, TOO_EARLY, 0, known.server_at)
        if fmt not in addresses and native == "png":
            kind = fmt.upper()
            end = self._client.read(lambda x: x.shipment.label(_one(shipment), file_format=kind))
            converted = self._ended(end, lambda told: reading.labels_of(told, shipment))
            if converted.result not in ("done", "refused", "not_offered", "gone"):
                return _failed(converted)
            if converted.value is not None:
                addresses = {**addresses, **converted.value[0]}
        return self._file(addresses.get(fmt) or addresses.get(native) or next(iter(addresses.values())))

    def refund(self, shipment: str) -> Reply[ShipmentNow]:
        """Ask for the money of an unused label."""
        at = self._clock()
        end = self._client.spend(lambda x: x.shipment.refund(_one(shipment)))
        return self._ended(end, lambda told: reading.shipment_now(told, at, shipment), moves_money=True)

    def insure(self, shipment: str, cents: int) -> Reply[ShipmentNow]:
        """Insure a bought shipment."""
        at = self._clock()
        end = self._client.spend(lambda x: x.shipment.insure(_one(shipment), amount=writing.money(cents)))
        return self._ended(end, lambda told: reading.shipment_now(told, at, shipment), moves_money=True)

    def tracks(self, trackers: Sequence[str]) -> Reply[tuple[Track, ...]]:
        """Return where parcels are. Of numbers of parcels many are asked for at once, of trackers each."""
        wanted = tuple(dict.fromkeys(trackers))
        single = [x for x in wanted if x.startswith(_TRACKER)]
        many = [x for x in wanted if not x.startswith(_TRACKER)]
        pieces = [many[begin : begin + TRACKERS_AT_ONCE] for begin in range(0, len(many), TRACKERS_AT_ONCE)]
        found: dict[str, Track] = {}
        last: Reply[Any] = Reply("done")
        for ask, read in (
            *((_batch(piece), reading_after.tracks) for piece in pieces),
            *((_tracker(x), reading_after.track_alone) for x in single),
        ):
            last = self._ended(self._client.read(ask), read)
            if last.value is None and last.result != "gone":
                return _failed(last)
            found |= {x.tracker: x for x in last.value or ()}
        return Reply("done", tuple(found.values()), "", last.status, "", 0, last.server_at)

    def follow(self, tracking: str, carrier: str) -> Reply[Track]:
        """Follow a parcel whose label was made elsewhere."""
        asked = {"tracking_code": tracking, **({"carrier": carrier} if carrier else {})}
        return self._ended(self._client.write(lambda x: x.tracker.create(**asked)), reading_after.track)

    def manifest(self, shipments: Sequence[str]) -> Reply[Manifest]:
        """Make one form for shipments of one carrier and one origin."""
        asked = writing.ids(shipments)
        end = self._client.spend(lambda x: x.scan_form.create(shipments=asked))
        return self._ended(end, reading_after.manifest)

    def manifest_now(self, manifest: str) -> Reply[Manifest]:
        """Return how a form stands."""
        end = self._client.read(lambda x: x.scan_form.retrieve(_one(manifest)))
        return self._ended(end, reading_after.manifest)

    def manifest_file(self, manifest: str) -> Reply[LabelFile]:
        """Return the bytes of a form that is created."""
        known = self.manifest_now(manifest)
        if known.value is None:
            return _failed(known)
        if not known.value.url:
            words = known.value.words or "The form is not ready yet."
            code = "" if known.value.state == "failed" else TOO_EARLY
            return Reply("refused", None, words, known.status, code, 0, known.server_at)
        return self._file(known.value.url)

    def collection(
        self,
        reference: str,
        shipments: Sequence[str],
        sender: PostalAddress,
        first_at: int,
        last_at: int,
        words: str,
    ) -> Reply[Collection]:
        """Ask when and for how much a carrier would come. Several shipments become a batch of ids first."""
        asked = writing.visit(reference, sender, first_at, last_at, words)
        if len(shipments) == 1:
            asked["shipment"] = {"id": shipments[0]}
        else:
            batch = self._batch_of(shipments)
            if batch.value is None:
                return _failed(batch)
            asked["batch"] = {"id": batch.value}
        return self._ended(self._client.write(lambda x: x.pickup.create(**asked)), reading_after.collection)

    def book(self, collection: str, carrier: str, service: str) -> Reply[Collection]:
        """Book a carrier's visit by one of its rates."""
        end = self._client.spend(lambda x: x.pickup.buy(_one(collection), carrier=carrier, service=service))
        return self._ended(
            end, lambda told: reading_after.collection(told, carrier, service), moves_money=True
        )

    def collection_now(self, collection: str) -> Reply[Collection]:
        """Return how a visit stands."""
        end = self._client.read(lambda x: x.pickup.retrieve(_one(collection)))
        return self._ended(end, reading_after.collection)

    def cancel_collection(self, collection: str) -> Reply[Collection]:
        """Call a visit off."""
        end = self._client.spend(lambda x: x.pickup.cancel(_one(collection)))
        return self._ended(end, reading_after.collection, moves_money=True)

    def close(self) -> None:
        """Break off what is under way and close every connection."""
        self._client.close()

    # ---- what several of them do ----

    def _ended(
        self, end: Answer | Reply[Any], read: Callable[[Any], T | None], *, moves_money: bool = False
    ) -> Reply[T]:
        return ended(end, read, self._client.key, moves_money=moves_money)

    def _tried_out(self) -> Reply[CarrierAccount]:
        end = self._client.read(lambda x: x.address.all(page_size=1))
        reply = self._ended(end, lambda told: CarrierAccount("", True) if isinstance(told, dict) else None)
        self._test = self._test or reply.value is not None
        return reply

    def _file(self, url: str) -> Reply[LabelFile]:
        data = self._client.fetch(url)
        if isinstance(data, Reply):
            return data
        kind = reading.format_of(data)
        if not kind:
            words = "What was fetched is no label: it cannot be printed."
            return Reply("unknown", None, words, 200, "no_label")
        return Reply("done", LabelFile(data, kind), "", 200)

    def _batch_of(self, shipments: Sequence[str]) -> Reply[str]:
        """Return the id of a batch of shipments that exist, as soon as EasyPost has put it together."""
        asked = writing.ids(shipments)
        end = self._client.write(lambda x: x.batch.create(shipments=asked))
        reply = self._ended(end, reading_after.batch)
        for seconds in BATCH_PAUSES:
            if reply.value is None or reply.value[1] != "creating":
                break
            batch = reply.value[0]
            if not self._client.pause(seconds):
                return Reply("not_sent", words="The connection to EasyPost is closed.", code="closed")
            reply = self._ended(self._client.read(_retrieved(batch)), reading_after.batch)
        if reply.value is None:
            return _failed(reply)
        batch, state = reply.value
        if state == "creating":
            return Reply("refused", None, "EasyPost is not ready for this yet.", reply.status, TOO_EARLY)
        return Reply("done", batch, "", reply.status)


def _one(ident: str) -> str:
    """Return an id as a part of a path. Those that EasyPost makes have nothing to be quoted."""
    from urllib.parse import quote

    return quote(ident, safe="")


def _batch(numbers: Sequence[str]) -> Callable[[EasyPostClient], object]:
    return lambda x: x.tracker.retrieve_batch(tracking_codes=list(numbers))


def _listed(asked: dict[str, Any]) -> Callable[[EasyPostClient], object]:
    return lambda x: x.shipment.all(**asked)


def _tracker(tracker: str) -> Callable[[EasyPostClient], object]:
    return lambda x: x.tracker.retrieve(_one(tracker))


def _retrieved(batch: str) -> Callable[[EasyPostClient], object]:
    return lambda x: x.batch.retrieve(_one(batch))


def _failed(reply: Reply[Any]) -> Reply[Any]:
    """Return how a call ended, for a question of which it was a part."""
    return Reply(
        reply.result if reply.result != "done" else "unknown",
        None,
        reply.words,
        reply.status,
        reply.code,
        reply.wait_ms,
        reply.server_at,
    )
