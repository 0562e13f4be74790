"""What is asked of a device that is added: its name, what it is, what for, and how it is set up. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bookwish_desk.shop.device import PURPOSES, ROLES, Device, Purpose, Role, can_do
from bookwish_desk.shop.found import Found, roles_at
from bookwish_desk.ui.equipment.setups import default, questions
from bookwish_desk.ui.equipment.words import first_uses
from bookwish_desk.ui.forms.inputs import YES, Input, Values

_SURE = ("sim", "screen", "printer")
"""Schemes of addresses at which there is no doubt what a device is."""


def new_device(found: Found, role: Role, name: str, register: int) -> Device:
    """Return a device as it was found; as another kind than was guessed it begins with the usual setup."""
    scheme = found.address.partition(":")[0]
    setup = found.setup if role == found.role else default(role, scheme)
    return Device("", name, found.address, setup, register)


def asked(device: Device, devices: Sequence[Device]) -> tuple[Input, ...]:
    """Return the questions about a new device; `devices` are those of its register."""
    kinds = roles_at(device.scheme)
    named = Input("name", "Name", value=device.name, hint="As people in the shop call it", limit=40)
    kind: tuple[Input, ...] = ()
    if len(kinds) > 1 and device.scheme not in _SURE:
        kind = (
            Input("role", "What it is", "choice", device.role, options=tuple((k, ROLES[k]) for k in kinds)),
        )
    first = first_uses(device.setup, devices, device.register, simulated=device.simulated)
    uses = tuple(
        Input(_use(p), f"Use it for {PURPOSES[p].lower()}", "toggle", YES if p in first else "")
        for p in can_do(device.role)
    )
    printers = [d for d in devices if d.role == "receipt_printer"]
    # The address is known: it was found there.
    setup = tuple(one for one in questions(device, printers) if one.key != "address")
    return (named, *kind, *uses, *setup)


def uses_in(values: Values, role: Role) -> tuple[Purpose, ...]:
    """Return what a device shall be used for by the answers."""
    return tuple(p for p in can_do(role) if values.on(_use(p)))


def _use(purpose: Purpose) -> str:
    return f"use.{purpose}"
