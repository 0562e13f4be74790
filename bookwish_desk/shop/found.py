"""What a search for devices finds, as values: `hardware.finding` looks, the device screen shows."""

from __future__ import annotations

import msgspec

from bookwish_desk.shop.device import Role, Setup


class Found(msgspec.Struct, frozen=True):
    """One thing that is there and may be a device of this register.

    `address` is one that `shop.address` reads, the same each time the thing is found, wherever it is plugged
    in. `name` is what it calls itself, cleaned, or what people call its kind; `detail` tells it from others
    (maker, serial number, queue, host). `setup` is the best guess at how it is driven. `note` is one sentence
    that says why it cannot be used as it is: held by another program; belongs to the system printer X, so
    use that instead; this user may not open it. Where it is usable all the same, `note` says what to know.
    """

    address: str
    role: Role
    name: str
    detail: str
    setup: Setup
    note: str = ""
    usable: bool = True


_AT: dict[str, tuple[Role, ...]] = {
    "tcp": ("receipt_printer", "label_printer"),
    "usb": ("receipt_printer", "label_printer"),
    "hid": ("scanner", "scale"),
    "serial": ("scanner", "receipt_printer", "line_display"),
    "queue": ("document_printer", "label_printer", "receipt_printer"),
    "screen": ("customer_screen",),
    "printer": ("line_display",),
    "sim": ("receipt_printer", "label_printer", "scale", "line_display", "customer_screen"),
}


def roles_at(scheme: str) -> tuple[Role, ...]:
    """Return what a device can be that is found there, the likeliest first.

    `scheme` is the first word of an address.
    """
    return _AT.get(scheme, ())


class Search(msgspec.Struct, frozen=True):
    """What a search found, and a sentence for each part of it that could not be looked at."""

    found: tuple[Found, ...] = ()
    troubles: tuple[str, ...] = ()
