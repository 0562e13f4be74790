"""Builds the demonstration shop in an empty data folder: an invented shop, its people, goods and stock.

Everything goes through the actions that a real shop is made with. No Qt here.
"""

from __future__ import annotations

from sqlalchemy import select, update

from bookwish_desk.actions import founding, hiring, importing, pins
from bookwish_desk.actions.action import action
from bookwish_desk.db import items, tables
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.demo import orders
from bookwish_desk.resource import resource_path
from bookwish_desk.settings import Settings
from bookwish_desk.shop.barcode import badge_code
from bookwish_desk.shop.device import Device, LabelPrinterSetup, ReceiptPrinterSetup, ScaleSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.opening_hours import OpeningHours
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.shipping import ShippingSettings
from bookwish_desk.shop.staff import Actor, Role
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules

REGISTER_NAME = "Register 1"

STAFF: tuple[tuple[str, Role, str], ...] = (
    ("Maya R.", "owner", "4071"),
    ("Theo L.", "manager", "7319"),
    ("Sam K.", "staff", "5826"),
)
"""Name, role and PIN of the people of the demonstration, the owner first."""

DEMO_PINS: tuple[tuple[str, str], ...] = tuple((name, pin) for name, _role, pin in STAFF)
"""Names and PINs as the sign-in screen of the demonstration shows them."""

BADGE: tuple[str, str] = ("Sam K.", badge_code(b"alder falls"))
"""Whose badge lies at the counter, and its code: signs in with one scan."""

GOODS = ("catalogue.csv", "sidelines.csv")
"""The lists under resources/demo, in the order they are imported."""

TILES = ("COFFEE-CUP", "CARD-BDAY", "WRAP-SHEET", "TOTE-NAT", "MUG-ENAMEL", "CHOC-70")

DEVICES = (
    Device("receipt-printer", "Receipt printer", "sim:", ReceiptPrinterSetup(), uses=("receipts",)),
    Device("label-printer", "Label printer", "sim:", LabelPrinterSetup(), uses=("labels",)),
    Device(
        "shipping-printer",
        "Shipping label printer",
        "sim:",
        LabelPrinterSetup(dpi=300, width_mm=101.6, height_mm=152.4),
        uses=("shipping",),
    ),
    Device("scale", "Parcel scale", "sim:", ScaleSetup()),
)
"""What stands on the counter of the demonstration, all of it simulated."""

# A late hand-over: whoever tries the demonstration in the evening ends its day all the same.
SHIPPING = ShippingSettings(
    cutoff=24 * 60 - 1,
    sender=PostalAddress(
        "Alder Falls Books", "27 Quarry Street", "", "Alder Falls", "CT", "06099", phone="860 555 0142"
    ),
    signer="Maya Reyes",
)
"""Where parcels come from, and who signs for customs. The account is the simulated carriers'."""

HOURS = OpeningHours("America/New_York", (*(((600, 1080),),) * 5, ((600, 1020),), ((720, 1020),)))
"""When the shop is open: until six on weekdays, until five at weekends."""

_BUILT = "demo.built"
_MOST_GOODS = 5_000


def build_demo(store: Store) -> None:
    """Build the demonstration shop, or what is missing of it: takes about two seconds the first time.

    Each step is whole by itself and done only where it is missing, so a start that was killed half-way
    is finished by the next; where everything is there, nothing happens. Raises Refused when the folder
    holds a real shop, StorageError when the disk is full. Belongs on a lane.
    """
    if is_built(store):
        return
    owner = _found(store)
    _hire(store, owner)
    for name in GOODS:
        importing.run_import(store, importing.Plan(resource_path("demo", name)), actor=owner)
    if not orders.are_built(store):
        orders.build(store, _everybody(store))
    _finish(store, owner)


def is_built(store: Store) -> bool:
    """Say whether the folder holds the whole demonstration shop. Raises Refused for a real shop."""
    if store.settings.set_up and not store.settings.demo:
        raise Refused(
            "not_demo", "This folder holds a real shop. Start the demonstration in a folder of its own."
        )
    with store.read() as conn:
        built = select(tables.journal.c.seq).where(tables.journal.c.kind == _BUILT).limit(1)
        return conn.execute(built).first() is not None


def demo_settings() -> Settings:
    """Return the settings of the demonstration shop. Its name, place, numbers and rates are invented."""
    return Settings(
        demo=True,
        shop_name="Alder Falls Books",
        shop_address="27 Quarry Street\nAlder Falls, Connecticut",
        shop_contact="(860) 555-0142\nalderfallsbooks.example",
        zone="America/New_York",
        currency="USD",
        locale="en_US",
        tax=TaxRules(
            mode="exclusive",
            classes=(
                TaxClass("book", "Books", (TaxRate("Sales tax", 63_500),)),
                TaxClass("general", "General goods", (TaxRate("Sales tax", 63_500),)),
                TaxClass("food", "Food and drink", (TaxRate("Meals tax", 73_500),)),
                TaxClass("none", "Not taxed"),
            ),
        ),
        receipt_text="Demonstration. Nothing was really sold.",
        return_policy=(
            "Returns within 30 days with this receipt, unread and unmarked. Used books are sold as they are."
        ),
        logo=resource_path("demo", "logo.png").read_bytes(),
        tiles=TILES,
        devices=DEVICES,
        hours=HOURS,
        slip_insert=(
            "Thank you for buying from a bookshop around the corner.\nReading group every Thursday at 7."
        ),
        review_link="https://alderfallsbooks.example/reviews",
        shipping=SHIPPING,
        tracking_links=(("USPS", "https://usps.example/track/#"), ("UPS", "https://ups.example/track/#")),
    )


def goods(store: Store) -> tuple[Item, ...]:
    """Return what the shop has for sale, by title: what the scanner palette offers."""
    i = tables.items.c
    with store.read() as conn:
        skus = conn.execute(select(i.sku).order_by(i.title, i.id).limit(_MOST_GOODS)).scalars().all()
        return items.by_skus(conn, skus)


def _found(store: Store) -> Actor:
    """Found the shop where it is not there yet, and return its owner."""
    if not store.settings.set_up:
        name, _role, pin = STAFF[0]
        founding.found(store, demo_settings(), REGISTER_NAME, name, pins.hash_pin(pin, None))
    return owner_of(store)


def owner_of(store: Store) -> Actor:
    """Return the owner of the demonstration shop; nobody where nobody works there yet."""
    s = tables.staff.c
    with store.read() as conn:
        return Actor(
            conn.execute(select(s.id).where(s.role == "owner").order_by(s.id)).scalars().first() or ""
        )


def _everybody(store: Store) -> tuple[Actor, ...]:
    """Return the people who work here, the owner first."""
    s = tables.staff.c
    with store.read() as conn:
        ids = {row.name: row.id for row in conn.execute(select(s.name, s.id))}
    return tuple(Actor(ids[name]) for name, _role, _pin in STAFF)


def _hire(store: Store, owner: Actor) -> None:
    with store.read() as conn:
        there = set(conn.execute(select(tables.staff.c.name)).scalars())
    for name, role, pin in STAFF:
        if name not in there:
            hiring.add_person(store, owner, name, role, pins.hash_pin(pin, None))


@action
def _finish(tx: Tx, owner: Actor) -> None:
    """Hand out the badge, which cannot be a new one each time, and note that everything is there."""
    name, code = BADGE
    tx.conn.execute(
        update(tables.staff).where(tables.staff.c.name == name).values(badge_hash=pins.badge_hash(code))
    )
    tx.record(_BUILT, staff=owner.staff, register=owner.register, ref=tx.settings.shop_id, body={})
