"""What the settings of shipping may be: sender, packages, presets, rules, limits; not the account.

Pure. Broker, address, mode and since when stay as connecting left them (`actions.carrier_account`): who
saves the rest cannot change them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop import delivery_address
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.measures import MOST_MM
from bookwish_desk.shop.media_mail import UNITED_STATES
from bookwish_desk.shop.money import MOST_CENTS
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.parcel_weight import MOST_GRAMS
from bookwish_desk.shop.presets import is_media
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.shipping import Package, Preset, PresetRule, ShippingSettings

MOST_PACKAGES = 40
MOST_PRESETS = 40
MOST_RULES = 20
MOST_TARE_GRAMS = 5_000

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_KIND = re.compile(r"[A-Za-z0-9_]{0,60}")

_BOUNDS: dict[str, tuple[int, int, str]] = {
    "tolerance_grams": (0, 2_000, "The scale may differ by 2 kg (70 oz) at most."),
    "tolerance_ppm": (0, 500_000, "The scale may differ by 50 % at most."),
    "book_grams": (20, 5_000, "A usual book weighs between 20 g and 5 kg (1 oz to 11 lb)."),
    "label_limit_cents": (0, MOST_CENTS, "Type an amount, or 0 for no limit."),
    "day_limit_cents": (0, MOST_CENTS, "Type an amount, or 0 for no limit."),
    "cutoff": (0, 24 * 60 - 1, "Type a time of the day, such as 17:00."),
}


def check_shipping(given: ShippingSettings) -> ShippingSettings:
    """Return the settings of shipping, cleaned.

    Raises Refused with the fact `field` (the first that is wrong) and `faults`: a sentence for each of them;
    the sender's are sender_name, sender_line1 and so on.
    """
    try:
        known = msgspec.convert(msgspec.to_builtins(given), ShippingSettings)
    except msgspec.ValidationError as fault:
        raise Refused("shipping", "One of the choices for shipping is none that there is.") from fault
    faults: dict[str, str] = {}
    kept: dict[str, Any] = {}
    for field, check in _CHECKS.items():
        try:
            kept[field] = check(known)
        except Refused as fault:
            faults[field] = fault.message
    try:
        kept["sender"] = check_sender(known.sender)
    except Refused as fault:
        faults.update(_sentences(fault))
    for field, (least, most, sentence) in _BOUNDS.items():
        if not least <= getattr(known, field) <= most:
            faults[field] = sentence
    if faults:
        field, words = next(iter(faults.items()))
        raise Refused("shipping", words, field=field, faults=faults)
    return replace(known, **kept)


def kept_account(after: ShippingSettings, before: ShippingSettings) -> ShippingSettings:
    """Return settings with the account as it was: only connecting and forgetting change that."""
    return replace(after, broker=before.broker, base=before.base, test=before.test, since=before.since)


def check_sender(given: PostalAddress) -> PostalAddress:
    """Return where parcels come from as it is printed, or nothing where nothing was typed.

    Raises Refused with the fact `faults`, by sender_name, sender_line1 and so on.
    """
    shown = delivery_address.printed(given)
    if not any(getattr(shown, field) for field in delivery_address.FIELDS if field != "country"):
        return PostalAddress(country=shown.country if len(shown.country) == 2 else "US")
    faults = {f"sender_{field}": words for field, words in delivery_address.faults(given).items()}
    if not shown.name and "sender_name" in faults:
        faults["sender_name"] = "Type the name that stands on labels, such as the shop's."
    for field in PostalAddress.__struct_fields__:
        try:
            plain(getattr(given, field))
        except Refused as fault:
            faults[f"sender_{field}"] = fault.message
    if faults:
        field, words = next(iter(faults.items()))
        raise Refused("sender", words, field=field, faults=faults)
    return shown


def check_packages(packages: Iterable[Package]) -> tuple[Package, ...]:
    """Return the shop's packages: at least one, each with its own name, and a size or a carrier's kind."""
    kept: list[Package] = []
    for given in packages:
        name = _name(given.name, "package", "Book box", (p.name for p in kept))
        sizes = (given.length_mm, given.width_mm, given.height_mm)
        if not _KIND.fullmatch(given.kind):
            raise Refused("packages", f"{name}: a carrier's package has letters and digits only.")
        if not given.kind and not all(0 < mm <= MOST_MM for mm in sizes):
            raise Refused("packages", f"{name}: type its length, width and height.")
        if not 0 <= given.tare_grams <= MOST_TARE_GRAMS:
            raise Refused("packages", f"{name}: the empty package weighs 5 kg (11 lb) at most.")
        flat = dict.fromkeys(("length_mm", "width_mm", "height_mm"), 0) if given.kind else {}
        kept.append(replace(given, id=_id(given.id, (p.id for p in kept)), name=name, **flat))
    if not kept:
        raise Refused("packages", "Keep at least one package.")
    if len(kept) > MOST_PACKAGES:
        raise Refused("packages", f"There is room for {MOST_PACKAGES} packages.")
    return tuple(kept)


def check_presets(presets: Iterable[Preset], packages: Iterable[Package]) -> tuple[Preset, ...]:
    """Return the shop's presets: one at least, each with a name of its own and a package that there is."""
    known = {p.id: p for p in packages}
    kept: list[Preset] = []
    for given in presets:
        name = _name(given.name, "preset", "Cheapest", (p.name for p in kept))
        package = known.get(given.package)
        if given.package and package is None:
            raise Refused("presets", f"{name}: choose a package that there is.")
        if package is not None and package.kind and is_media(given):
            raise Refused(
                "presets", f"{name}: Media Mail takes the shop's own packaging, and {package.name} is none."
            )
        made = replace(
            given,
            id=_id(given.id, (p.id for p in kept)),
            name=name,
            carrier=plain(given.carrier, 40),
            service=plain(given.service, 60),
            fastest=given.fastest and not given.service.strip(),
        )
        kept.append(made)
    if not kept:
        raise Refused("presets", "Keep at least one preset.")
    if len(kept) > MOST_PRESETS:
        raise Refused("presets", f"There is room for {MOST_PRESETS} presets.")
    return tuple(kept)


def check_rules(rules: Iterable[PresetRule], presets: Iterable[Preset]) -> tuple[PresetRule, ...]:
    """Return the rules for new orders in their order, each with a preset that there is."""
    known = {p.id for p in presets}
    kept = tuple(rules)
    for place, rule in enumerate(kept, 1):
        if rule.preset not in known:
            raise Refused("rules", f"Rule {place}: choose a preset that there is.")
        if not 0 <= rule.under_grams <= MOST_GRAMS:
            raise Refused("rules", f"Rule {place}: a parcel weighs 70 lb (31.75 kg) at most.")
    if len(kept) > MOST_RULES:
        raise Refused("rules", f"There is room for {MOST_RULES} rules.")
    return kept


def never_reached(rules: Iterable[PresetRule], country: str) -> tuple[int, ...]:
    """Return the places (from 0) of rules that no parcel gets to, since one before takes all of them.

    Books alone is no more than a part of all parcels; Media Mail does not go abroad.
    """
    before: list[PresetRule] = []
    lost: list[int] = []
    for place, rule in enumerate(rules):
        nowhere = rule.books and rule.where == "abroad" and country.upper() in UNITED_STATES
        if nowhere or any(_covers(wider, rule) for wider in before):
            lost.append(place)
        before.append(rule)
    return tuple(lost)


def _covers(wider: PresetRule, rule: PresetRule) -> bool:
    weight = not wider.under_grams or (rule.under_grams and rule.under_grams <= wider.under_grams)
    return bool(weight and (not wider.books or rule.books) and wider.where in ("any", rule.where))


def _name(typed: str, what: str, example: str, taken: Iterable[str]) -> str:
    name = plain(typed, 40)
    if not name:
        raise Refused(f"{what}s", f"Give every {what} a name, such as {example}.")
    if name.casefold() in {other.casefold() for other in taken}:
        raise Refused(f"{what}s", f"There are two {what}s called {name}.")
    return name


def _id(given: str, taken: Iterable[str]) -> str:
    if not _ID.fullmatch(given) or given in set(taken):
        raise Refused(
            "shipping", "Two entries have one id, or an id of other signs than a-z, 0-9 and hyphens."
        )
    return given


def _sentences(fault: Refused) -> dict[str, str]:
    said = fault.facts.get("faults")
    return {str(k): str(v) for k, v in said.items()} if isinstance(said, dict) else {"sender": fault.message}


_CHECKS: dict[str, Callable[[ShippingSettings], Any]] = {
    "packages": lambda s: check_packages(s.packages),
    "presets": lambda s: check_presets(s.presets, s.packages),
    "rules": lambda s: check_rules(s.rules, s.presets),
    "signer": lambda s: plain(s.signer, 60),
}

RULES: dict[str, Callable[[Any], Any]] = {"shipping": check_shipping}
