"""Setting devices up: adding, changing, trying and removing them. They are part of the shop's settings."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.actions.outgoing import REMOVED
from bookwish_desk.actions.permits import present, require
from bookwish_desk.actions.posting import (
    letterhead,
    post_drawer_to,
    post_label_to,
    post_page_to,
    post_slip_to,
)
from bookwish_desk.actions.setting_rules import check_devices
from bookwish_desk.db import outbox
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.address import in_words
from bookwish_desk.shop.device import (
    Confirms,
    Device,
    LabelPrinterSetup,
    LineDisplaySetup,
    Purpose,
    ReceiptPrinterSetup,
    can_do,
    new_id,
    with_device,
)
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.found import roles_at
from bookwish_desk.shop.label import LabelJob, TestLabel
from bookwish_desk.shop.pages import Pages
from bookwish_desk.shop.receipt import printer_test
from bookwish_desk.shop.staff import Actor

MOST_DEVICES = 40


@action
def add(tx: Tx, actor: Actor, device: Device) -> Device:
    """Add a device to the actor's register and return it as it is kept, with an id of its own.

    What it is the usual printer for is taken from the one that was that before. Raises Refused with the facts
    `field` ("name", "address" or "setup") where something about it is wrong.
    """
    require(tx, actor, "settings.edit", "devices")
    devices = tx.settings.devices
    if len(devices) >= MOST_DEVICES:
        raise Refused("device", f"There are {MOST_DEVICES} devices already. Remove one first.", field="name")
    fresh = replace(device, id=new_id(device.name, [d.id for d in devices]), register=actor.register)
    return _keep(tx, actor, fresh, "device.added")


@action
def change(tx: Tx, actor: Actor, device: Device) -> Device:
    """Rename a device, reach it elsewhere or set it up differently; return it as it is kept.

    What it is used for stays, and so does what was found out about it while it is the same printer. Raises
    Refused as `add` does, and where the device is gone or would become one of another kind.
    """
    require(tx, actor, "settings.edit", device.id)
    before = _device(tx, device.id)
    if before.role != device.role:
        raise Refused("device", "A device stays of its kind. Remove it and add it again.", field="setup")
    wanted = replace(device, register=before.register, uses=before.uses)
    return _keep(tx, actor, _as_found_out(wanted, before), "device.changed", before)


def _as_found_out(wanted: Device, before: Device) -> Device:
    if not isinstance(wanted.setup, ReceiptPrinterSetup) or not isinstance(before.setup, ReceiptPrinterSetup):
        return wanted
    same = wanted.address == before.address and wanted.setup.language == before.setup.language
    confirms: Confirms = before.setup.confirms if same else ""
    return replace(wanted, setup=replace(wanted.setup, confirms=confirms))


@action
def use_for(tx: Tx, actor: Actor, device_id: str, purpose: Purpose, on: bool = True) -> Device:
    """Let a device be the usual one of its register for a purpose, or no longer; return it.

    Raises Refused where it cannot be that.
    """
    require(tx, actor, "settings.edit", device_id)
    before = _device(tx, device_id)
    if purpose not in can_do(before.role):
        raise Refused("device", f"{before.name} cannot be used for this.")
    uses = {*before.uses, purpose} if on else {*before.uses} - {purpose}
    kept = replace(before, uses=tuple(use for use in can_do(before.role) if use in uses))
    return _keep(tx, actor, kept, "device.used", before)


@action
def remove(tx: Tx, actor: Actor, device_id: str) -> Device:
    """Remove a device and return it. What waits for it fails, and can be printed again elsewhere.

    Raises Refused while another device hangs on it.
    """
    require(tx, actor, "settings.edit", device_id)
    gone = _device(tx, device_id)
    behind = next((d for d in tx.settings.devices if _behind(d) == gone.id), None)
    if behind is not None:
        raise Refused("device", f"{behind.name} is plugged into {gone.name}. Remove that one first.")
    waiting = outbox.abandon(tx, gone.id, REMOVED)
    _write(tx, tuple(d for d in tx.settings.devices if d.id != gone.id))
    _record(tx, actor, "device.removed", gone, {**_told(gone), "waiting": waiting})
    return gone


def _behind(device: Device) -> str:
    """Return the id of the printer that a display is plugged into."""
    setup = device.setup
    return setup.behind if isinstance(setup, LineDisplaySetup) and device.scheme == "printer" else ""


@action
def learned(tx: Tx, device_id: str, confirms: Confirms) -> None:
    """Remember how a printer confirms what it prints: the desk found out by itself, so nobody is asked.

    Nothing happens where the printer is gone, or it is known already.
    """
    device = next((d for d in tx.settings.devices if d.id == device_id), None)
    if device is None or not isinstance(device.setup, ReceiptPrinterSetup):
        return
    if device.setup.confirms == confirms:
        return
    now = replace(device, setup=replace(device.setup, confirms=confirms))
    _write(tx, with_device(tx.settings.devices, now))
    body = {"name": device.name, "confirms": confirms}
    tx.record("device.learned", staff="", register=device.register, ref=device.id, body=body)


@action
def test(tx: Tx, actor: Actor, device_id: str, pages: Pages | None = None) -> str:
    """Let a printer print its test and return the job's id; a document printer prints `pages`.

    Raises Refused for a device that prints nothing, or stands at another register.
    """
    present(tx, actor)
    device = _here(tx, actor, device_id)
    setup = device.setup
    if isinstance(setup, ReceiptPrinterSetup):
        words = f"{device.name}, {in_words(device.address)}, {setup.paper_mm} mm paper"
        return post_slip_to(tx, printer_test(letterhead(tx.settings), words), device)
    if isinstance(setup, LabelPrinterSetup):
        return post_label_to(tx, LabelJob(TestLabel(device.name), ref=f"TEST-{device.id}"), device)
    if device.role == "document_printer" and pages is not None:
        return post_page_to(tx, pages, device)
    raise Refused("device", f"{device.name} prints nothing.")


@action
def test_drawer(tx: Tx, actor: Actor, device_id: str) -> str:
    """Open the drawer behind a printer to see that it does; return the job's id.

    It is an opening without a sale, and needs the permission for that. Raises Refused where none is set up.
    """
    require(tx, actor, "till.no_sale", device_id)
    device = _here(tx, actor, device_id)
    if not isinstance(device.setup, ReceiptPrinterSetup) or not device.setup.drawer_pin:
        raise Refused("device", f"No drawer is set up at {device.name}.")
    _record(tx, actor, "device.drawer_tested", device, {"name": device.name})
    return post_drawer_to(tx, device, ref=device.id, why="test")


# ---- the list ----


def _device(tx: Tx, device_id: str) -> Device:
    for device in tx.settings.devices:
        if device.id == device_id:
            return device
    raise Refused("device.gone", "This device was removed meanwhile.")


def _here(tx: Tx, actor: Actor, device_id: str) -> Device:
    device = _device(tx, device_id)
    if device.register != actor.register:
        raise Refused("device", f"{device.name} is at another register. Test it there.")
    return device


def _keep(tx: Tx, actor: Actor, device: Device, kind: str, before: Device | None = None) -> Device:
    """Put a device into the list, checked together with the others, and journal what changed."""
    if device.role not in roles_at(device.scheme):
        raise Refused("device", "There is no such device at this address.", device=device.id, field="address")
    devices = with_device(tx.settings.devices, device)
    # The others first: what is wrong is then said of this one, not of one that was there before.
    checked = {d.id: d for d in check_devices(sorted(devices, key=lambda d: d.id == device.id))}
    devices = tuple(checked[d.id] for d in devices)
    kept = checked[device.id]
    if kept != before:
        _write(tx, devices)
        _record(tx, actor, kind, kept, _told(kept) if before is None else _change(before, kept))
    return kept


def _write(tx: Tx, devices: tuple[Device, ...]) -> None:
    after = replace(tx.settings, devices=devices)
    keep_settings(tx, after, ("devices",))
    tx.adopt(after)


def _record(tx: Tx, actor: Actor, kind: str, device: Device, body: dict[str, Any]) -> None:
    tx.record(kind, staff=actor.staff, register=actor.register, ref=device.id, body=body)


def _told(device: Device) -> dict[str, Any]:
    """Return what the journal keeps of a device."""
    return {
        "name": device.name,
        "role": device.role,
        "address": device.address,
        "register": device.register,
        "uses": list(device.uses),
        "setup": {f: getattr(device.setup, f) for f in device.setup.__struct_fields__},
    }


def _change(before: Device, after: Device) -> dict[str, Any]:
    was, now = _told(before), _told(after)
    changed = [key for key in now if now[key] != was[key]]
    return {
        "name": after.name,
        "from": {key: was[key] for key in changed},
        "to": {key: now[key] for key in changed},
    }
