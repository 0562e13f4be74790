"""In which format a label is kept and printed, whatever becomes of the printer after it was bought."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bookwish_desk.actions import buying
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.db import outbox, postages
from bookwish_desk.shop.label import LabelJob, ShippingLabel
from tests.support.parcels import ParcelDesk, bought, copied_desk
from tests.support.shops import label_printer


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ParcelDesk]:
    made = copied_desk(tmp_path / "shop")
    yield made
    made.store.close()


def with_printer(desk: ParcelDesk, **setup: object) -> None:
    """Put another label printer in the place of the one that was there."""
    with desk.store.write() as tx:
        others = [x for x in tx.settings.devices if x.id != "label-printer"]
        settings = replace(tx.settings, devices=(*others, label_printer(**setup)))  # type: ignore[arg-type]
        keep_settings(tx, settings, ("devices",))


def printed(desk: ParcelDesk, job_id: str) -> str:
    """Return the format of the label in a job."""
    with desk.store.read() as conn:
        job = outbox.by_id(conn, job_id)
    assert job is not None
    shown = msgspec.json.decode(job.payload, type=LabelJob).label
    assert isinstance(shown, ShippingLabel)
    assert bool(shown.mark) == (shown.format != "zpl"), "what the carrier has printed is not printed twice"
    return shown.format


@pytest.mark.capability("OMG-19")
def test_a_printer_of_other_dots_prints_a_label_that_was_bought_for_a_zebra(desk: ParcelDesk) -> None:
    label = bought(desk)
    assert label.consignment.format == "png"
    assert printed(desk, label.printed[0]) == "zpl"
    with desk.store.read() as conn:
        assert all(postages.label(conn, label.id, fmt) is not None for fmt in ("png", "zpl"))
    with_printer(desk, dpi=300)
    assert printed(desk, buying.reprint(desk.store, desk.actor, label.id).value[0]) == "png"
    with_printer(desk, language="tspl")
    assert printed(desk, buying.reprint(desk.store, desk.actor, label.id).value[0]) == "png"
    with_printer(desk)
    assert printed(desk, buying.reprint(desk.store, desk.actor, label.id).value[0]) == "zpl"


@pytest.mark.capability("OMG-19")
def test_a_printer_changed_while_a_label_is_bought_gets_what_it_wants(desk: ParcelDesk) -> None:
    with_printer(desk, dpi=300)
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.carriers.after = lambda call: with_printer(desk) if call == "buy" else None
    desk.run()
    label = desk.now(priced)
    assert printed(desk, label.printed[0]) == "zpl"


@pytest.mark.capability("OMG-19")
@pytest.mark.parametrize("fault", ["failure", "not_sent", "lost_before", "signed_out", "limited"])
def test_what_cannot_be_had_in_the_printers_own_format_is_drawn(desk: ParcelDesk, fault: str) -> None:
    desk.carriers.faults["label", 1] = fault
    label = bought(desk)
    assert label.label_at and printed(desk, label.printed[0]) == "png"
    assert printed(desk, buying.reprint(desk.store, desk.actor, label.id).value[0]) == "png"


def test_a_label_for_a_printer_that_draws_is_fetched_once(desk: ParcelDesk) -> None:
    with_printer(desk, dpi=300)
    label = bought(desk)
    assert desk.carriers.count("label") == 1 and printed(desk, label.printed[0]) == "png"
