"""What the section Shipping calls the packages and services of carriers, and how its lists say them."""

from __future__ import annotations

from bookwish_desk.shop.measures import size_words, weight_words
from bookwish_desk.shop.presets import MEDIA_MAIL, same_name, service_words
from bookwish_desk.shop.shipping import Package, Preset, PresetRule
from bookwish_desk.ui.widgets import Row

OWN = ""
KINDS: tuple[tuple[str, str], ...] = (
    (OWN, "The shop's own"),
    ("FlatRateEnvelope", "USPS flat rate envelope"),
    ("FlatRateLegalEnvelope", "USPS flat rate legal envelope"),
    ("FlatRatePaddedEnvelope", "USPS flat rate padded envelope"),
    ("SmallFlatRateBox", "USPS small flat rate box"),
    ("MediumFlatRateBox", "USPS medium flat rate box"),
    ("LargeFlatRateBox", "USPS large flat rate box"),
    ("FedExEnvelope", "FedEx envelope"),
    ("FedExPak", "FedEx pak"),
    ("UPSLetter", "UPS letter"),
    ("Pak", "UPS pak"),
)
"""Carriers' own packages by the names that EasyPost knows them by."""

CHEAPEST, FASTEST, OTHER = "", "fastest", "other"
CARRIERS: tuple[tuple[str, str], ...] = (
    ("", "Any carrier"),
    ("USPS", "USPS"),
    ("UPS", "UPS"),
    ("FedEx", "FedEx"),
    ("DHLExpress", "DHL Express"),
    (OTHER, "Another carrier"),
)
SERVICES: dict[str, tuple[str, ...]] = {
    "USPS": (
        *(MEDIA_MAIL, "GroundAdvantage", "Priority", "Express"),
        *("FirstClassPackageInternationalService", "PriorityMailInternational", "ExpressMailInternational"),
    ),
    "UPS": (
        *("Ground", "3DaySelect", "2ndDayAir", "NextDayAirSaver", "NextDayAir"),
        *("UPSStandard", "Expedited", "UPSSaver"),
    ),
    "FedEx": (
        *("FEDEX_GROUND", "GROUND_HOME_DELIVERY", "FEDEX_EXPRESS_SAVER", "FEDEX_2_DAY"),
        *("STANDARD_OVERNIGHT", "PRIORITY_OVERNIGHT", "INTERNATIONAL_ECONOMY", "INTERNATIONAL_PRIORITY"),
    ),
    "DHLExpress": ("ExpressWorldwideNonDoc",),
}
"""Services by the names that EasyPost knows them by; another one can be typed."""

WHERE: tuple[tuple[str, str], ...] = (
    ("any", "Anywhere"),
    ("home", "In our own country"),
    ("abroad", "Abroad"),
)


def kind_name(kind: str) -> str:
    """Return what a carrier's package is called."""
    return dict(KINDS).get(kind, kind)


def carrier_name(carrier: str) -> str:
    """Return a carrier's name."""
    return next((words for name, words in CARRIERS if name and same_name(name, carrier)), carrier)


def service_options(carrier: str) -> tuple[tuple[str, str], ...]:
    """Return what can be chosen of a carrier: the cheapest, the fastest, each service, another one."""
    named = tuple((s, service_words(carrier, s)) for s in SERVICES.get(carrier, ()))
    return ((CHEAPEST, "The cheapest"), (FASTEST, "The fastest"), *named, (OTHER, "Another service"))


def package_row(package: Package, locale: str) -> Row:
    """Return a package as a row: name, size, weight."""
    size = size_words(package.length_mm, package.width_mm, package.height_mm, locale)
    empty = weight_words(package.tare_grams, locale) if package.tare_grams else "Nothing"
    return Row(package.id, (package.name, size or kind_name(package.kind), empty))


def preset_row(preset: Preset, packages: tuple[Package, ...]) -> Row:
    """Return a preset as a row: name, what it is sent by, in which package."""
    box = next((p.name for p in packages if p.id == preset.package), "")
    options = [w for w, on in (("signature", preset.signature), ("insured", preset.insure)) if on]
    return Row(preset.id, (preset.name, ", ".join((sent_by(preset), *options)), box or "Chosen each time"))


def sent_by(preset: Preset) -> str:
    """Return how a preset is sent: "USPS Media Mail", "the fastest of UPS"."""
    carrier = carrier_name(preset.carrier)
    if preset.service:
        return f"{carrier} {service_words(preset.carrier, preset.service)}".strip()
    which = "The fastest" if preset.fastest else "The cheapest"
    return f"{which} of {carrier}" if carrier else which


def rule_row(place: int, rule: PresetRule, presets: tuple[Preset, ...], locale: str, *, lost: bool) -> Row:
    """Return a rule as a row: when it counts, and which preset it gives; `lost` ones no parcel gets to."""
    name = next((p.name for p in presets if p.id == rule.preset), rule.preset)
    badge = "Never reached" if lost else ""
    return Row(
        str(place), (f"{place + 1}", rule_words(rule, locale), name), badge=badge, tone="warn", muted=lost
    )


def rule_words(rule: PresetRule, locale: str) -> str:
    """Return when a rule counts: "Fit for Media Mail, under 1 lb, abroad"."""
    said = []
    if rule.books:
        said.append("Fit for Media Mail")
    if rule.under_grams:
        said.append(f"under {weight_words(rule.under_grams, locale)}")
    if rule.where != "any":
        said.append(dict(WHERE)[rule.where].lower())
    text = ", ".join(said)
    return text[:1].upper() + text[1:] if text else "All other parcels"
