"""A tour of every screen and sheet of the desk, in a shop whose data is as odd as outside data can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import select

from bookwish_desk.actions import configuring, customers, hiring, importing, pins
from bookwish_desk.db import tables
from bookwish_desk.opening import begin_demo
from bookwish_desk.shop.staff import Actor
from tests.journeys.person import Person

BOLD, PICTURE, FORMULA, TABLE = "<b>x</b>", "<img src=x>", "=1+1", "<table width=9000 height=9000>"
ESCAPES = "Tom \x1b@ & \x10\x14\x01\x08 <tom@x.com>"
ODD = (BOLD, PICTURE, FORMULA, TABLE)
KITE, ODD_BOOK = "9781594480003", "9780000000019"
_LIST = f"""isbn,title,author,price,stock,shelf
{ODD_BOOK},{PICTURE} & {BOLD},{ESCAPES},12.50,3,{FORMULA}
9780000000026,{FORMULA},"{TABLE}",9.99,1,<i>A</i>
{FORMULA},{BOLD},A,9.99,1,A
"""


def make_odd(folder: Path, beside: Path) -> Path:
    """Fill a demonstration shop with odd names everywhere; return the report of rejected rows."""
    path = beside / "odd.csv"
    path.write_text(_LIST)
    books = begin_demo(folder)
    try:
        store = books.store
        with store.read() as conn:
            wanted = select(tables.staff.c.id).where(tables.staff.c.role == "owner")
            owner = Actor(conn.execute(wanted).scalar_one())
        told = importing.run_import(store, importing.Plan(path), actor=owner)
        customers.add(store, owner, BOLD, "", "", f"{PICTURE} & {FORMULA}")
        hiring.add_person(store, owner, PICTURE, "manager", pins.hash_pin("8463", None))
        configuring.change_settings(
            store, owner, shop_name=f"{BOLD} & Sons", shop_address=TABLE, return_policy=FORMULA,
            receipt_text=PICTURE, tiles=(ODD_BOOK, *store.settings.tiles[:4]),
        )  # fmt: skip
        return Path(told.report_path)
    finally:
        books.close()


def tour(person: Person) -> Iterator[str]:
    """Go from place to place, from the sign-in screen on; yield the name of each while it is in front.

    Whoever looks must leave everything as it is.
    """
    yield "sign-in"
    person.sign_in()
    yield "sell-closed"
    yield from _till_opening(person)
    yield from _sell(person)
    yield from _sell_sheets(person)
    yield from _pay(person)
    yield from _returns(person)
    yield from _sales(person)
    yield from _stock(person)
    yield from _pickup(person)
    yield from _promises(person)
    yield from _till(person)
    yield from _settings(person)
    yield from _devices(person)
    yield from _adding_devices(person)
    yield from _closing(person)


def _sheet(person: Person, name: str, open_it: Callable[[], None], *seen: str) -> Iterator[str]:
    """Open a sheet, stay, and leave it with Esc."""
    open_it()
    person.sheet()
    person.see(*seen)
    yield name
    person.key("Escape")
    person.no_sheet()


def _till_opening(person: Person) -> Iterator[str]:
    person.key("Ctrl+4")
    person.see("The till is closed")
    yield "till-closed"
    person.press("Open the till")
    person.type("4", "Pieces of $50.00")
    person.see("Counted $200.00")
    yield "till-opening"
    person.press("Open the till")
    person.see("Till open since")
    person.key("Ctrl+1")


def _sell(person: Person) -> Iterator[str]:
    person.see("Scan ISBN")
    yield "sell-empty"
    person.sell(ODD_BOOK, KITE)
    person.choose_row("Sale lines", PICTURE)
    person.key("F5")
    person.type(f"{BOLD} & {FORMULA}")
    person.press("Keep note")
    person.see("& =1+1")
    person.key("F4")
    person.type("x")
    person.choose_row("Customers", BOLD)
    yield "customer"
    person.press("Attach customer")
    person.no_sheet()
    person.key("F9")
    person.type("10", "Discount")
    person.type(f"{TABLE}\n", "Reason")
    person.see("10% off")
    yield "sell-cart"
    person.key("F2")
    person.type("img")
    person.see(f"{PICTURE} & {BOLD}, ", "On hand 3")
    yield "sell-found"
    person.key("F2")
    person.type("zzzqqq")
    person.wait(lambda: not person.rows("Search results"))
    yield "sell-nothing-found"
    person.key("F2")
    person.type(" ")


def _sell_sheets(person: Person) -> Iterator[str]:
    sheets = (
        ("keys", "F1", "Keys on the Sell screen"), ("quantity", "F3", "Copies"),
        ("price", "F10", "New price"), ("discount", "F9", "Discount this line"),
        ("sale-discount", "Shift+F9", "Discount the whole sale"), ("note", "F5", "Keep note"),
        ("exempt", "Ctrl+T", "Certificate number"), ("void", "Ctrl+D", "Void this sale?"),
        ("hold", "F6", "Hold this sale"), ("no-sale", "Ctrl+N", "Open the drawer without a sale"),
    )  # fmt: skip
    for name, key, words in sheets:
        yield from _sheet(person, name, partial(person.key, key), words)
    yield from _sheet(person, "open-price", lambda: person.press("Open price"), "Sell at an open price")
    yield from _sheet(person, "unknown", lambda: person.scan("9780000000002"), "Sell an unknown item")
    person.key("F4")
    person.sheet()
    yield from _sheet(person, "new-customer", lambda: person.press("New customer"), "Telephone")
    person.scan("9780000000034")
    person.see("check digit")
    yield "sell-refused"
    person.key("F6")
    person.type(f"{BOLD} {PICTURE}\n")
    person.see("Held as")
    yield from _sheet(person, "recall", lambda: person.key("F7"), BOLD)
    person.key("F7")
    person.sheet()
    person.press("Recall sale")
    person.no_sheet()
    person.see(KITE)


def _pay(person: Person) -> Iterator[str]:
    person.key("F12")
    person.see("To pay")
    yield "pay"
    yield from _sheet(person, "cheque", lambda: person.key("F7"), "Cheque number")
    person.type("5", "Amount handed over")
    person.key("F7")
    person.type(BOLD, "Cheque number")
    person.press("Take cheque")
    person.see(f"Cheque {BOLD}")
    yield "pay-part"
    yield from _sheet(person, "remove-payment", lambda: person.key("F11"), "Remove this payment?")
    person.key("F6")
    person.see("Charge the card")
    person.type(FORMULA, "Approval code")
    yield "pay-card"
    person.key("F12")
    person.receipt()
    yield "done"
    person.key("F12")
    person.see("New sale")


def _returns(person: Person) -> Iterator[str]:
    person.key("F8")
    person.sheet()
    yield "return-receipt"
    person.type("R1-000001\n", "Scan the receipt")
    person.see("Copies that come back", PICTURE)
    person.type("1", "Copies that come back")
    person.type(BOLD, "Reason")
    person.see("To refund $")
    yield "return-lines"
    person.key("F12")
    person.no_sheet()
    person.key("F12")
    person.see("To refund")
    yield "pay-refund"
    person.key("Escape")
    person.see("Scan ISBN")
    person.key("F8")
    person.press("Without a receipt")
    person.type("img")
    person.see(f"{PICTURE} & {BOLD}, ")
    yield "return-found"
    person.type("\n")
    person.see("Price given back for a copy")
    yield "return-loose"
    person.key("Escape")
    person.no_sheet()
    person.key("Ctrl+D")
    person.type("tour\n")
    person.press("Void sale")
    person.no_sheet()


def _sales(person: Person) -> Iterator[str]:
    person.key("Ctrl+2")
    person.see("Sale R1-000001", f"{PICTURE} & {BOLD}")
    yield "sales"
    yield from _sheet(person, "gift", lambda: person.key("F6"), "It shows no price")
    person.flip("Offline")
    person.key("F5")
    person.see("Print jobs (1)")
    person.key("F10")
    person.see("Receipt R1-000001")
    yield "jobs"
    person.flip("Offline")
    person.see("No print job is open")
    person.key("F11")
    person.see("Activity", "Everybody")
    yield "activity"


def _stock(person: Person) -> Iterator[str]:
    person.key("Ctrl+3")
    person.see("Add an item", "Low (", "Out (")
    yield "stock"
    person.type("img", "Scan")
    person.see(f"{PICTURE} & {BOLD}")
    person.choose_row("Items", PICTURE)
    person.see("Opening stock, odd.csv")
    yield "stock-found"
    yield from _sheet(person, "stock-count", lambda: person.key("F7"), "Copies counted")
    yield from _sheet(person, "stock-edit", lambda: person.key("F4"), "Publisher")
    yield from _sheet(person, "stock-new", lambda: person.key("F11"), "Publisher")
    yield from _sheet(person, "labels", lambda: person.key("Ctrl+P"), "Printed by Label printer")
    for name, key in (("stock-low", "F8"), ("stock-out", "F9"), ("stock-to-describe", "F10")):
        person.key(key)
        yield name


def _pickup(person: Person) -> Iterator[str]:
    person.key("Ctrl+1")
    person.see("Scan ISBN")
    person.key("Shift+F8")
    person.see("Who is collecting?", "O1-000003", "reminded")
    yield "pickup"
    person.type("O1-000003\n")
    person.see("To pay $", "Hold shelf C-01", "0 of 1 scanned")
    yield "pickup-order"
    person.choose_row("Books to scan out", "Rebecca")
    yield from _sheet(person, "pickup-by-hand", lambda: person.key("F6"), "Check it by hand?")
    person.key("Escape")
    person.miss("Books to scan out")
    person.key("Escape")
    person.see("Scan ISBN")


def _promises(person: Person) -> Iterator[str]:
    person.key("Ctrl+8")
    person.see("Captured and not completed: $")
    yield "promises"
    person.key("Ctrl+9")
    person.see("All orders")
    yield "figures"
    for key, name in (("F9", "figures-days"), ("F10", "figures-causes")):
        person.key(key)
        yield name
    yield from _sheet(person, "figures-choose", lambda: person.key("F6"), "From")
    person.key("Ctrl+Shift+E")
    person.see("End of day, ", "0 parcels")
    yield "day-end"


def _till(person: Person) -> Iterator[str]:
    person.key("Ctrl+4")
    person.see("Drawer movements")
    for name, key in (("paid-in", "F5"), ("paid-out", "F6"), ("drop", "F7")):
        yield from _sheet(person, name, partial(person.key, key), "Amount", "Reason")
    person.key("F6")
    person.type("1\n")
    person.type(f"{BOLD} {FORMULA}\n")
    person.no_sheet()
    person.see(f"Paid out: {BOLD} {FORMULA}")
    yield "till-open"
    person.key("F8")
    person.see("A look into the open till.")
    yield "x-report"
    person.key("Escape")
    person.see("Drawer movements")


def _settings(person: Person) -> Iterator[str]:
    person.key("Ctrl+5")
    person.see("Save changes")
    for section in person.rows("Sections"):
        person.choose_row("Sections", section)
        person.see("Discard changes")
        yield f"settings-{section.split()[0].lower()}"
        if section.startswith("Staff"):
            for name, words in (("person", "Add a person"), ("own-pin", "Change my PIN")):
                yield from _sheet(person, f"settings-{name}", partial(person.press, words))


def _devices(person: Person) -> Iterator[str]:
    person.key("Ctrl+6")
    person.see("The printer is ready.", "Add a device")
    person.key("F2")
    person.type(f"{BOLD} {FORMULA}", "Name")
    person.press("Rename")
    person.no_sheet()
    person.see(f"{BOLD} {FORMULA}")
    yield "devices"
    yield from _sheet(person, "devices-rename", lambda: person.key("F2"), "Name")
    yield from _sheet(person, "devices-help", lambda: person.key("F9"), "What you see")
    yield from _sheet(person, "devices-remove", lambda: person.key("Ctrl+D"), f"Remove {BOLD} {FORMULA}?")
    yield from _sheet(person, "devices-keys", lambda: person.key("F1"), "Keys on the Devices screen")
    person.choose_row("Devices", "Label printer")
    person.type("5", "Width of a label, mm")
    person.key("F12")
    person.see("Not saved. Look at what is marked.")
    yield "devices-wrong"
    yield from _sheet(person, "devices-leaving", lambda: person.key("F11"), "It was not saved yet.")
    person.key("F10")
    person.miss("Not saved.")
    person.flip("Paper out")
    person.choose_row("Devices", BOLD)
    person.see("Paper out. Put in a new roll", "Put in a new roll so that the paper comes from below")
    yield "devices-trouble"
    person.flip("Paper out")
    person.see("The printer is ready.")
    person.key("F7")
    person.see("Whose scanner is it?")
    person.scan(KITE)
    person.see("A book", "It types like a keyboard")
    yield "scanner"
    person.choose("Whose scanner is it?", "Zebra, Symbol, Motorola")
    yield "scanner-codes"
    person.key("Escape")
    person.no_sheet()


def _adding_devices(person: Person) -> Iterator[str]:
    person.key("F11")
    person.see("Address of a network printer", "Simulated scale")
    yield "devices-add"
    person.type("two words\n", "Address of a network printer")
    person.see("This is no address of a printer.")
    yield "devices-add-wrong"
    for name in ("receipt printer", "label printer", "customer display", "scale"):
        person.choose_row("What is there", f"Simulated {name}")
        person.press("Set it up")
        person.see("Add and test")
        person.type("Label printer", "Name")
        person.press("Add and test")
        person.see("There is a device called Label printer already.")
        yield f"devices-add-{name.replace(' ', '-')}"
        person.press("Back")
        person.see("Set it up")
    person.press("Set it up")
    person.type("Scale", "Name")
    person.press("Add and test")
    person.no_sheet()
    person.see("No steady weight.")
    yield "devices-scale"


def _closing(person: Person) -> Iterator[str]:
    person.key("Ctrl+4")
    person.key("F10")
    person.see("Count the drawer")
    person.type("200", "Other cash, or the whole as one amount")
    yield "till-count"
    person.key("F10")
    person.see("You counted $200.00.")
    yield "till-close"
    person.press("Close the till")
    person.see("Z report 1", "Saved as", BOLD)
    yield "z-report"
    person.key("Escape")
    person.see("The till is closed", "$1.00 over at the last close")
    yield "till-closed-after"
    person.sign_out()
    person.sign_in_by_badge()
    person.key("Ctrl+4")
    person.choose_row("Past tills", "Z report 1")
    person.key("F11")
    person.see("A manager must approve this")
    yield "approval"
    person.key("Escape")
    person.no_sheet()
