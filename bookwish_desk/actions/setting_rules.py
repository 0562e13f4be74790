"""What each setting may be, in plain words: used when a shop is set up and whenever a setting is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.order_setting_rules import RULES as ORDER_RULES
from bookwish_desk.settings import KEYS, Settings
from bookwish_desk.shop.address import read_address, write_address
from bookwish_desk.shop.device import Device, Purpose, can_do
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.money import MILLION, MOST_CENTS
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.shipping_rules import RULES as SHIPPING_RULES
from bookwish_desk.shop.shipping_rules import kept_account
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules
from bookwish_desk.shop.tax_words import UNKNOWN_PPM
from bookwish_desk.shop.text import clean_lines, holds_card_number

FIXED = frozenset(("shop_id", "set_up", "demo", "encrypted", "list_columns", "recovery_hash", "online"))
"""Settings that no person edits: they are made at set-up or by an action of their own."""

EDITABLE = frozenset(KEYS) - FIXED
MOST_LOGO_BYTES = 1 << 20
MOST_TILES = 7

_DEVICE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CLASS_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")


def checked(settings: Settings, changes: dict[str, Any]) -> Settings:
    """Return `settings` with `changes`, each cleaned.

    Raises Refused with code "settings" and the fact `faults`: the sentence for each key that is wrong.
    """
    kept: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for key, value in changes.items():
        if key not in EDITABLE:
            raise Refused("settings", f"{KEYS.get(key, key)}: this cannot be changed here.")
        try:
            kept[key] = _RULES[key](value)
        except ShopError as error:
            faults[key] = error.message
    if faults:
        raise Refused("settings", next(iter(faults.values())), faults=faults)
    if "shipping" in kept:
        kept["shipping"] = kept_account(kept["shipping"], settings.shipping)
    final: Settings = replace(settings, **kept)
    if final.gift_wrap_tax not in {c.code for c in final.tax.classes}:
        words = "Gift wrap needs one of the tax classes of the shop."
        raise Refused("settings", words, faults={"gift_wrap_tax": words})
    return final


def zone_names() -> tuple[str, ...]:
    """Return the time zones of the world, by name. Reads files: call it on a lane."""
    from zoneinfo import available_timezones

    return tuple(sorted(z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "posix"))))


def check_zone(value: str) -> str:
    """Return a time zone that this computer knows."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    name = value.strip()
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise Refused("zone", "Choose a time zone such as Europe/Dublin.") from fault
    return name


def check_currency(value: str) -> str:
    """Return a currency's ISO 4217 code."""
    from babel.numbers import is_currency

    code = value.strip().upper()
    if not (re.fullmatch(r"[A-Z]{3}", code) and is_currency(code)):
        raise Refused("currency", "Type the three letters of a currency, such as USD or EUR.")
    return code


def check_locale(value: str) -> str:
    """Return a locale that dates and amounts can be written in."""
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(value.strip().replace("-", "_")))
    except (UnknownLocaleError, ValueError, TypeError) as fault:
        raise Refused("locale", "Choose a language and country, such as en_US.") from fault


def check_tax(rules: TaxRules) -> TaxRules:
    """Return tax rules with clean names: at least one class, each with a code and a label of its own."""
    if rules.mode not in ("exclusive", "inclusive") or rules.basis not in ("item", "invoice"):
        raise Refused("tax", "Choose how tax is reckoned.")
    if not rules.classes:
        raise Refused("tax", "Keep at least one tax class.")
    classes = tuple(_tax_class(c) for c in rules.classes)
    _no_twins((c.label for c in classes), "There are two tax classes called {}.")
    _no_twins((c.code for c in classes), "There are two tax classes with the code {}.")
    return TaxRules(rules.mode, rules.basis, classes)


def _tax_class(given: TaxClass) -> TaxClass:
    label = plain(given.label, 40)
    if not label:
        raise Refused("tax", "Give every tax class a name, such as Books.")
    if not _CLASS_CODE.fullmatch(given.code):
        raise Refused("tax", f"The code of {label} may hold small letters, digits and hyphens only.")
    rates = tuple(TaxRate(plain(r.name, 30), r.ppm) for r in given.rates)
    if not all(r.name for r in rates):
        raise Refused("tax", f"Give every rate of {label} a name, such as Sales tax: receipts print it.")
    if any(r.ppm == UNKNOWN_PPM for r in rates):
        raise Refused("tax", f"Type the rate of {label}: choose the class, then Change class.")
    if not all(0 <= r.ppm <= MILLION for r in rates) or sum(r.ppm for r in rates) > MILLION:
        raise Refused("tax", f"The rates of {label} must lie between 0 and 100 %.")
    _no_twins((r.name for r in rates), f"{label} has two rates called {{}}.")
    return TaxClass(given.code, label, rates)


def _no_twins(names: Iterable[str], sentence: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise Refused("tax", sentence.format(name))
        seen.add(name.casefold())


def check_devices(devices: Iterable[Device]) -> tuple[Device, ...]:
    """Return devices with clean names and addresses, each one's id, name and address its own on a register.

    Raises Refused, with the facts `device` (its id) and `field` ("name", "address" or "setup").
    """
    kept: list[Device] = []
    for given in devices:
        device = _device(given)
        for other in kept:
            _no_second(device, other)
        kept.append(device)
    ids = {d.id: d for d in kept}
    for device in kept:
        behind = getattr(device.setup, "behind", "")
        if device.scheme == "printer" and (behind not in ids or ids[behind].role != "receipt_printer"):
            raise _wrong(device, "setup", "Choose the receipt printer that it is plugged into.")
    return tuple(kept)


def _device(given: Device) -> Device:
    try:
        device = msgspec.convert(msgspec.to_builtins(given), Device)
    except msgspec.ValidationError as fault:
        raise _wrong(given, "setup", "One of the choices for this device is none that there is.") from fault
    name = plain(device.name, 40)
    if not name:
        raise _wrong(device, "name", "Type a name for this device, such as Counter printer.")
    if not _DEVICE_ID.fullmatch(device.id):
        raise _wrong(device, "name", "A device's id has small letters, digits and hyphens only.")
    try:
        address = write_address(read_address(device.address.strip()))
    except Refused as fault:
        raise _wrong(device, "address", fault.message) from fault
    return replace(device, name=name, address=address, uses=_uses(device))


def _uses(device: Device) -> tuple[Purpose, ...]:
    return tuple(use for use in can_do(device.role) if use in device.uses)


def _no_second(device: Device, other: Device) -> None:
    if device.id == other.id:
        raise _wrong(device, "name", "There are two devices with one id.")
    if device.register != other.register:
        return
    if device.name.casefold() == other.name.casefold():
        raise _wrong(device, "name", f"There is a device called {other.name} already.")
    if device.address == other.address and device.scheme not in ("sim", "printer"):
        raise _wrong(device, "address", f"This is where {other.name} is. A device is set up once.")


def _wrong(device: Device, field: str, sentence: str) -> Refused:
    return Refused("device", sentence, device=device.id, field=field)


def check_logo(value: bytes) -> bytes:
    """Return the logo, a PNG as `hardware` has made it ready, or nothing."""
    if value and (not value.startswith(b"\x89PNG\r\n\x1a\n") or len(value) > MOST_LOGO_BYTES):
        raise Refused("logo", "The logo must be a PNG of at most 1 MB.")
    return bytes(value)


def _line(limit: int, missing: str = "") -> Callable[[Any], str]:
    def rule(value: Any) -> str:
        text = plain(str(value), limit)
        if missing and not text:
            raise Refused("settings", missing)
        return text

    return rule


def _lines(limit: int) -> Callable[[Any], str]:
    def rule(value: Any) -> str:
        if holds_card_number(str(value)):
            raise Refused("card_number", "That looks like a card number. Card numbers are never kept here.")
        return clean_lines(str(value), limit)

    return rule


def _whole(least: int, most: int, sentence: str) -> Callable[[Any], int]:
    def rule(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Refused("settings", sentence)
        return value

    return rule


def _one_of(*options: str) -> Callable[[Any], str]:
    def rule(value: Any) -> str:
        if value not in options:
            raise Refused("settings", "Choose one of the options.")
        return str(value)

    return rule


def _flag(value: Any) -> bool:
    return bool(value)


def _tiles(value: Any) -> tuple[str, ...]:
    skus = tuple(dict.fromkeys(plain(str(sku), 40) for sku in value))
    if len(skus) > MOST_TILES:
        raise Refused("tiles", f"There is room for {MOST_TILES} quick tiles.")
    return tuple(sku for sku in skus if sku)


_RULES: dict[str, Callable[[Any], Any]] = {
    "shop_name": _line(60, "Type the name of the shop: it stands at the top of receipts."),
    "shop_address": _lines(300),
    "shop_contact": _lines(300),
    "zone": check_zone,
    "currency": check_currency,
    "locale": check_locale,
    "tax": check_tax,
    "cash_step": _whole(1, 1000, "Choose to how many cents cash is rounded, from 1 to 1000."),
    "cutoff_hour": _whole(0, 12, "The day may begin between midnight (0) and noon (12)."),
    "receipt_text": _lines(500),
    "return_policy": _lines(1000),
    "logo": check_logo,
    "print_receipts": _flag,
    "receipt_minutes": _whole(1, 720, "Type minutes from 1 to 720."),
    "auto_lock_minutes": _whole(0, 240, "Type minutes from 0 (never) to 240."),
    "gift_wrap_cents": _whole(0, MOST_CENTS, "Type a price, or 0 for free."),
    "gift_wrap_tax": _line(20, "Choose a tax class for gift wrap."),
    "shipping_tax": _line(20, "Choose a tax class for sending orders."),
    "low_stock": _whole(0, 999, "Type a number of copies from 0 to 999."),
    "return_days": _whole(0, 3650, "Type days from 0 (never warn) to 3650."),
    "tiles": _tiles,
    "devices": check_devices,
    "theme": _one_of("system", "light", "dark", "contrast"),
    "backups_kept": _whole(1, 365, "Keep between 1 and 365 daily backups."),
    "staff_notice": _one_of("immediate", "digest", "both"),
    "digest_hour": _whole(0, 23, "Choose an hour from 0 (midnight) to 23."),
    "review_days": _whole(0, 365, "Type days from 0 to 365."),
    "slip_insert": _lines(300),
    "page_size": _one_of("letter", "a4"),
    "order_sound": _flag,
    **ORDER_RULES,
    **SHIPPING_RULES,
}
