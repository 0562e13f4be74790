"""What the tests of EasyPost send, and the EasyPost that they speak with."""

from __future__ import annotations

from typing import Any

from bookwish_desk.shop.carriage import Box, Consignment, Customs, CustomsItem
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.carriers.easypost.client import Patience
from bookwish_desk.sync.carriers.port import Carriers

KEY = "EZTKtests0000000000000000000000000000"
NOW = 1_741_000_000_000

READER = PostalAddress(
    "Zoë Brontë", "388 Townsend St", "Apt 20", "San Francisco", "CA", "94107", "US", "(415) 555-0100"
)
SHOP = PostalAddress("The Corner Bookshop", "179 N Harbor Dr", "", "Redondo Beach", "CA", "90277", "US")
BOX = Box(437, 254, 203, 102)
CUSTOMS = Customs(
    (CustomsItem("Printed books", 2, 4_650, 800), CustomsItem("Printed books", 1, 999, 300)), "Anne Lister"
)


def parcel(**changes: Any) -> Consignment:
    """Return a parcel to the reader."""
    told: dict[str, Any] = {"reference": "postage-1", "to": READER, "sender": SHOP, "box": BOX, **changes}
    return Consignment(**told)


def easypost(base: str = "", key: str = KEY, **patience: float) -> Carriers:
    """Return an EasyPost, at an address on this computer, whose times are short."""
    from bookwish_desk.sync.carriers.easypost import open_easypost

    return open_easypost(base, Secret(key), timeout=Patience(**patience), clock=lambda: NOW)
