"""What the customer sees of a sale, from the greeting to the change; nobody waits for their displays."""

from __future__ import annotations

from functools import partial

from bookwish_desk.actions import equipping
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.device import CustomerScreenSetup, Device, LineDisplaySetup
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.customer import CustomerWindow
from tests.journeys.person import Person

KITE, NORRELL = "9781594480003", "9780765356154"


def _add(device: Device, store: Store, actor: Actor) -> Outcome[Device]:
    return equipping.add(store, actor, device)


def attach(person: Person, *devices: Device) -> None:
    """Add devices as the device screen does."""
    for device in devices:
        person.desk.station.act(partial(_add, device))
    person.wait(lambda: {d.name for d in devices} <= {d.name for d in person.desk.station.settings.devices})


def rows(person: Person) -> tuple[str, str]:
    """Return what stands on the line display."""
    file = person.folder / "devices" / "pole" / "display.txt"
    upper, lower = file.read_text("utf-8").splitlines() if file.exists() else ("", "")
    return upper, lower


def reads(person: Person, upper: str, lower: str) -> bool:
    """Say whether the lines of the display begin like this."""
    now = rows(person)
    return now[0].startswith(upper) and now[1].startswith(lower)


def test_the_customer_reads_along_and_sees_the_change(selling: Person) -> None:
    pole = Device("", "Pole", "sim:", LineDisplaySetup())
    screen = Device("", "Second screen", "sim:", CustomerScreenSetup())
    attach(selling, pole, screen)
    selling.wait(lambda: reads(selling, " Alder Falls Books", "      Welcome"))
    (window,) = (w for w in selling._app.topLevelWidgets() if isinstance(w, CustomerWindow))
    assert window.isVisible()
    selling.window.activateWindow()

    selling.sell(KITE, NORRELL)
    total = selling.total()
    selling.wait(lambda: reads(selling, "Jonathan", "Total") and rows(selling)[1].endswith(total))
    assert window.view().lines[0].title == "The Kite Runner"
    selling.key("F12")
    selling.wait(lambda: reads(selling, "2 items", "To pay"))
    selling.type("100", "Amount")
    selling.key("F5")
    selling.see("Change due")
    selling.wait(lambda: reads(selling, "Paid", "Change") and rows(selling)[0].endswith(" $100.00"))
    assert window.view().headline[0] == "Change due"
    assert "Maya" not in repr(window.view())
    selling.key("F12")
    selling.wait(lambda: reads(selling, " Alder Falls Books", "      Welcome"))


def test_a_display_that_is_unplugged_is_named_in_the_header_and_comes_back(selling: Person) -> None:
    attach(selling, Device("", "Pole", "sim:", LineDisplaySetup()))
    selling.wait(lambda: reads(selling, " Alder Falls Books", ""))
    selling.look_at("Pole")
    selling.flip("Display unplugged")
    selling.sell(KITE)
    selling.see("Pole: unplugged")
    selling.flip("Display unplugged")
    selling.sell(NORRELL)
    selling.wait(lambda: reads(selling, "Jonathan", "Total"))
    selling.miss("Pole: unplugged")
