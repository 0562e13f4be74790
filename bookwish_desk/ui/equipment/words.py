"""Devices as the screen puts them: rows, the chosen one, what came of a test, what may be added. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bookwish_desk.db.outbox import Job
from bookwish_desk.shop import barcode
from bookwish_desk.shop.address import Hid, Usb, in_words, read_address
from bookwish_desk.shop.device import (
    PURPOSES,
    ROLES,
    CustomerScreenSetup,
    Device,
    DeviceState,
    LabelPrinterSetup,
    LineDisplaySetup,
    Purpose,
    ReceiptPrinterSetup,
    Role,
    ScaleSetup,
    Setup,
    can_do,
    usual,
)
from bookwish_desk.shop.device_symptoms import symptoms
from bookwish_desk.shop.device_words import BADGES, chip, sentence, steps
from bookwish_desk.shop.found import Found
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.equipment.setups import SHIPPING_MM, questions
from bookwish_desk.ui.equipment.state import Candidate, Detail, DeviceRow, Heard, Tone, Use

ICONS: dict[Role, str] = {
    "receipt_printer": "printer",
    "label_printer": "label",
    "document_printer": "page",
    "scanner": "scan",
    "scale": "scale",
    "line_display": "display",
    "customer_screen": "screen",
}

_VERBS: dict[Role, str] = {
    "receipt_printer": "Print a test",
    "label_printer": "Print a test",
    "document_printer": "Print a test",
    "scanner": "",
    "scale": "Weigh",
    "line_display": "Show a test",
    "customer_screen": "Show a test",
}

_FILED = ("receipt_printer", "label_printer", "line_display")
"""Simulated devices that keep what they get in files."""

_CONFIRMS = {
    "": "Not known yet: it is found out with the first receipt.",
    "process_id": "The printer confirms each receipt.",
    "status": "The printer confirms each receipt.",
    "none": "The printer does not confirm: receipts end as sent.",
}

_SCANNED = {
    "book": "A book",
    "music": "Sheet music",
    "serial": "A magazine",
    "ean": "An article",
    "upc": "An article",
    "in_shop": "A code of this shop",
    "receipt": "A receipt",
    "held": "A held sale",
    "other": "Some other code",
    "invalid": "Misread, or no code of the trade",
}
_SECRET = {"badge": "A badge; it is not shown", "card": "A payment card; it is not shown"}


# ---- devices that are set up ----


def device_rows(devices: Iterable[Device], states: Mapping[str, DeviceState]) -> tuple[DeviceRow, ...]:
    """Return the list: printers first, each kind by name."""
    order = list(ROLES)
    in_order = sorted(devices, key=lambda d: (order.index(d.role), d.name.casefold()))
    return tuple(_row(d, in_order, states.get(d.id)) for d in in_order)


def _row(device: Device, devices: Sequence[Device], state: DeviceState | None) -> DeviceRow:
    light, words = chip(state.condition if state else None)
    badges = tuple(BADGES[use] for use in can_do(device.role) if use in device.uses)
    where = _where(device, devices)
    return DeviceRow(device.id, ICONS[device.role], device.name, where, light, words, badges)


def detail(device: Device, devices: Sequence[Device], state: DeviceState | None) -> Detail:
    """Return all that is shown of one device; `devices` are those of its register."""
    light, words = chip(state.condition if state else None)
    printers = [d for d in devices if d.role == "receipt_printer"]
    setup = device.setup
    return Detail(
        device=device,
        kind=ROLES[device.role],
        light=light,
        words=words,
        sentence=_sentence(device, state),
        steps=_steps(device, state),
        settings=questions(device, printers),
        uses=tuple(_use(device, devices, purpose) for purpose in can_do(device.role)),
        facts=_facts(device, devices),
        verb=_VERBS[device.role],
        drawer=isinstance(setup, ReceiptPrinterSetup) and setup.drawer_pin != 0,
        symptoms=symptoms(device.role),
    )


def _sentence(device: Device, state: DeviceState | None) -> str:
    if state is None:
        return "Nothing was heard of it yet."
    said = state.message or sentence(device.role, state.condition)
    return f"{said} The drawer is open." if state.drawer_open else said


def _steps(device: Device, state: DeviceState | None) -> tuple[str, ...]:
    if state is None:
        return ()
    return steps(device.role, state.condition, device.scheme, in_words(device.address))


def _use(device: Device, devices: Sequence[Device], purpose: Purpose) -> Use:
    now = usual(devices, purpose, device.register)
    if now is None:
        hint = "No printer is used for this now."
    else:
        hint = "" if now.id == device.id else f"Now: {now.name}"
    return Use(purpose, PURPOSES[purpose], purpose in device.uses, hint)


def _facts(device: Device, devices: Sequence[Device]) -> tuple[tuple[str, str], ...]:
    facts = [("Connected", _connected(device, devices))]
    if isinstance(device.setup, ReceiptPrinterSetup):
        facts.append(("Certainty", _CONFIRMS[device.setup.confirms]))
    if device.simulated and device.role in _FILED:
        facts.append(("Kept", f"What it gets is kept in the data folder, in devices/{device.id}."))
    return tuple(facts)


def _connected(device: Device, devices: Sequence[Device]) -> str:
    where = _where(device, devices)
    match read_address(device.address):
        case Usb(vendor, product, serial) | Hid(vendor, product, serial):
            number = f", serial number {serial}" if serial else ""
            return f"{where}, {vendor:04x}:{product:04x}{number}"
    return where


def _where(device: Device, devices: Sequence[Device]) -> str:
    if isinstance(device.setup, LineDisplaySetup) and device.scheme == "printer":
        behind = next((d.name for d in devices if d.id == device.setup.behind), "")
        return f"Behind {behind}" if behind else "Behind a printer"
    return _capital(in_words(device.address))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# ---- tests ----


def tried(job: Job) -> tuple[str, Tone]:
    """Return how a test stands, and whether that is good."""
    what = "The drawer" if job.channel == "drawer" else "The test"
    done = "opened" if job.channel == "drawer" else "printed"
    if job.state == "queued" and job.attempts:
        return f"{what} waits. {job.status}".strip(), "warn"
    if job.state == "sent":
        if job.channel == "drawer":
            return "The drawer was told to open. Look whether it did.", "info"
        return "The test was sent. Look whether it comes out.", "info"
    told: dict[str, tuple[str, Tone]] = {
        "queued": (f"{what} is on its way.", "info"),
        "sending": (f"{what} is on its way.", "info"),
        "printed": (f"{what} was {done}.", "ok"),
        "unknown": (f"{what} may not have been {done}. {job.status}", "warn"),
        "failed": (f"{what} was not {done}. {job.status}", "error"),
        "expired": (f"{what} was not {done}. {job.status}", "error"),
    }
    words, tone = told[job.state]
    return words.strip(), tone


def weighed(grams: int, *, stable: bool, fault: str) -> tuple[str, Tone]:
    """Return what a scale says, in grams and in pounds and ounces."""
    if fault:
        return fault, "warn"
    if not stable:
        return "No steady weight. Lay something on the scale, let it come to rest, and weigh again.", "warn"
    ounces = round(grams / 28.349523, 1)
    pounds = f"{ounces // 16:.0f} lb {ounces % 16:.1f} oz" if ounces >= 16 else f"{ounces:.1f} oz"
    return f"The scale says {grams:,} g, or {pounds}.", "ok"


def heard(number: int, scan: barcode.Scan, *, typed: bool) -> Heard:
    """Return a scan as it is shown: what is secret is told of and not shown.

    `typed` says that it came as from a keyboard.
    """
    if scan.kind in _SECRET:
        return Heard(number, "", _SECRET[scan.kind])
    addon = f" with the add-on {scan.addon}" if scan.addon else ""
    how = ", typed like a keyboard" if typed else ""
    return Heard(number, clean(scan.code, 60), f"{_SCANNED[scan.kind]}{addon}{how}")


# ---- what may be added ----

_GROUPS = {
    "usb": "USB cable",
    "hid": "USB cable",
    "serial": "Serial port",
    "queue": "System printer",
    "tcp": "Network",
    "screen": "Display",
    "printer": "Display",
    "sim": "Simulated",
}

_SIMULATED: tuple[tuple[Setup, str, str], ...] = (
    (ReceiptPrinterSetup(), "Simulated receipt printer", "It and its drawer are drawn on the screen"),
    (LabelPrinterSetup(), "Simulated label printer", "It is drawn on the screen"),
    (ScaleSetup(), "Simulated scale", "It is drawn on the screen"),
    (LineDisplaySetup(), "Simulated customer display", "Two lines, drawn on the screen"),
    (CustomerScreenSetup(), "Simulated customer screen", "It opens in a window"),
)


def candidates(found: Iterable[Found], devices: Sequence[Device]) -> tuple[Candidate, ...]:
    """Return what may be added: what was found, displays behind printers, and what can be simulated.

    `devices` are those of the register; what is set up already cannot be added again.
    """
    there = [*found, *_behind(devices), *(_simulated(*one) for one in _SIMULATED)]
    order = list(dict.fromkeys(_GROUPS.values()))
    made = [_candidate(one, devices) for one in there]
    return tuple(sorted(made, key=lambda c: (order.index(c.group), bool(c.why_not))))


def _behind(devices: Iterable[Device]) -> Iterable[Found]:
    for printer in devices:
        if printer.role == "receipt_printer":
            yield Found(
                "printer:",
                "line_display",
                "Customer display",
                f"Two lines, plugged into {printer.name}",
                LineDisplaySetup(behind=printer.id),
            )


def _simulated(setup: Setup, name: str, words: str) -> Found:
    role: Role = setup.__struct_config__.tag  # type: ignore[assignment]
    return Found("sim:", role, name, words, setup)


def _candidate(found: Found, devices: Iterable[Device]) -> Candidate:
    scheme = found.address.partition(":")[0]
    shared = scheme in ("sim", "printer")
    there = None if shared else next((d for d in devices if d.address == found.address), None)
    if there is not None:
        why_not = f"It is set up already as {there.name}."
    else:
        why_not = "" if found.usable else found.note or "It cannot be used as it is."
    behind = found.setup.behind if isinstance(found.setup, LineDisplaySetup) else ""
    return Candidate(
        key=f"{found.address} {found.role} {behind}",
        found=found,
        icon=ICONS[found.role],
        group=_GROUPS[scheme],
        detail=why_not or found.note or found.detail or ROLES[found.role],
        why_not=why_not,
    )


def first_uses(
    setup: Setup, devices: Sequence[Device], register: int, *, simulated: bool = False
) -> tuple[Purpose, ...]:
    """Return what a new printer is used for at first: what it fits and no other one does already.

    A real one takes the place of a simulated one: whoever plugs it in wants to see paper.
    """
    role: Role = setup.__struct_config__.tag  # type: ignore[assignment]
    fits: tuple[Purpose, ...] = can_do(role)
    if isinstance(setup, LabelPrinterSetup):
        large = setup.width_mm >= SHIPPING_MM[0] and setup.height_mm >= SHIPPING_MM[1]
        fits = ("shipping",) if large else ("labels",)
    there = (usual(devices, p, register) for p in fits)
    return tuple(p for p, d in zip(fits, there, strict=True) if d is None or (d.simulated and not simulated))


def free_name(name: str, devices: Iterable[Device]) -> str:
    """Return a name that no device of the register has, at most 40 characters long."""
    taken = {d.name.casefold() for d in devices}
    whole = clean(name, 200)
    base = (whole if len(whole) <= 36 else whole[:37].rpartition(" ")[0] or whole[:36]) or "Device"
    names = (base, *(f"{base} {n}" for n in range(2, len(taken) + 3)))
    return next(n for n in names if n.casefold() not in taken)
