"""Checking a PIN without keeping anybody waiting: what is kept, then the slow hash, each on its lane."""

from __future__ import annotations

from collections.abc import Callable

from bookwish_desk.actions import staffing
from bookwish_desk.actions.staffing import PinCheck, Proof
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui.station import Station


def prove(
    station: Station,
    staff_id: str,
    pin: Secret,
    *,
    then: Callable[[Proof], None],
    failed: Callable[[ShopError], None],
) -> None:
    """Check a person's PIN and hand on the proof, right or wrong: the caller's action must record it.

    `failed` gets Refused with code "wait" (fact `seconds`) or "no_pepper".
    """

    def check(found: PinCheck) -> None:
        pepper = station.pepper
        station.lanes.work(
            lambda: staffing.verify(found, pin.reveal(), pepper), then=then, failed=failed, lane="pins"
        )

    station.lanes.act(lambda store: staffing.begin_pin(store, staff_id), then=check, failed=failed)
