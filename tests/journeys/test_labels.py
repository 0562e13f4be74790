"""Copies come in, get labels of their own, and are sold by them."""

from __future__ import annotations

from zebrafy.zebrafy_zpl import ZebrafyZPL

from tests.hardware.label_readers import codes
from tests.journeys.person import Person

KITE = "9781594480003"


def printed_codes(job: bytes) -> list[str]:
    """Return what a scanner reads on the label of a ZPL job."""
    (picture,) = ZebrafyZPL(job.decode("ascii")).to_images()
    return codes(picture)


def test_used_copies_are_taken_in_labelled_and_sold_by_their_label(selling: Person) -> None:
    selling.look_up("kite runner", "The Kite Runner")
    selling.key("Shift+F2")
    selling.see("What is known of the title", "New, ")
    selling.key("F3")
    selling.type("6.50\nSpine worn", "Price")
    selling.type("2", "Copies")
    selling.press("Add copies")
    selling.no_sheet()

    # Enter prints nothing, a scan adds another book, and the labels are what the printer gets.
    selling.see("2 copies received.", f"Used: Spine worn · {KITE}U1 · $6.50 · 2 on hand")
    selling.press("Print labels")
    selling.sheet()
    selling.see("Labels: 2", "$6.50", "Used: Spine worn")
    selling.type("\n")
    assert selling.jobs("label-printer") == []
    selling.scan(KITE)
    selling.see(f"{KITE} · ")
    selling.type("1", "Labels")
    selling.see("Print 3 labels")
    selling.key("F12")
    selling.no_sheet()
    selling.see("3 labels are being printed.")
    selling.wait(lambda: len(selling.jobs("label-printer")) == 2)
    used, new = selling.jobs("label-printer")
    assert (b"^PQ2" in used, b"^PQ2" in new) == (True, False)
    assert (printed_codes(used), printed_codes(new)) == ([f"{KITE}U1"], [KITE])

    selling.key("Ctrl+1")
    selling.sell(*printed_codes(used))
    selling.see("Used: Spine worn", "Price $6.50")


def test_labels_are_asked_for_on_the_stock_screen_and_left(selling: Person) -> None:
    selling.look_up("kite runner", "The Kite Runner")
    selling.key("Ctrl+P")
    selling.sheet()
    selling.key("F6")
    selling.see("How the label will look", "Printed by Label printer, 57 × 32 mm")
    selling.key("Escape")
    selling.no_sheet()
    assert selling.jobs("label-printer") == []
