"""Which preset a parcel gets by the shop's rules, and which price a preset means. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bookwish_desk.shop.carriage import Rate
from bookwish_desk.shop.shipping import Package, Preset, PresetRule, ShippingSettings

MEDIA_MAIL = "MediaMail"
"""The name of the service; `Consignment.media_mail` asks for it."""


def preset_for(
    settings: ShippingSettings, *, grams: int, media_mail: bool, country: str, home: str = ""
) -> Preset | None:
    """Return the preset of the first rule that fits a parcel, or None where none does.

    `media_mail` says whether every line qualifies: a preset of Media Mail is never given without. `home` is
    the shop's own country; empty takes the sender's.
    """
    rule = rule_for(settings, grams=grams, media_mail=media_mail, country=country, home=home)
    return settings.preset(rule.preset) if rule is not None else None


def rule_for(
    settings: ShippingSettings, *, grams: int, media_mail: bool, country: str, home: str = ""
) -> PresetRule | None:
    """Return the first rule that fits a parcel and whose preset there is."""
    at_home = country.upper() == (home or settings.sender.country).upper()
    for rule in settings.rules:
        preset = settings.preset(rule.preset)
        if preset is None or (rule.under_grams and grams >= rule.under_grams):
            continue
        if rule.where != "any" and (rule.where == "home") is not at_home:
            continue
        if (rule.books or is_media(preset)) and not media_mail:
            continue
        return rule
    return None


def is_media(preset: Preset) -> bool:
    """Say whether a preset asks for Media Mail."""
    return same_name(preset.service, MEDIA_MAIL)


def package_of(preset: Preset | None, settings: ShippingSettings) -> Package | None:
    """Return the package of a preset that the shop has, or None."""
    return settings.package(preset.package) if preset is not None else None


def rate_for(preset: Preset, rates: Iterable[Rate], *, media_mail: bool = True) -> Rate | None:
    """Return the price that a preset means, or None where nobody offers it.

    Its carrier and service if it names them, and of those the cheapest, or the fastest. Without `media_mail`
    a price of Media Mail counts never. Equal prices are decided by the days, then by the names.
    """
    fitting = [
        rate
        for rate in rates
        if (not preset.carrier or same_name(rate.carrier, preset.carrier))
        and (not preset.service or same_name(rate.service, preset.service))
        and (media_mail or not same_name(rate.service, MEDIA_MAIL))
    ]
    if not fitting:
        return None
    return min(fitting, key=fastest_first if preset.fastest else cheapest_first)


def cheapest_first(rate: Rate) -> tuple[int, int, str, str]:
    """Return what sorts prices by money, then by days; days that nobody knows come last."""
    return rate.cents, rate.days or _UNKNOWN, rate.carrier, rate.service


def fastest_first(rate: Rate) -> tuple[int, int, str, str]:
    """Return what sorts prices by days, then by money."""
    return rate.days or _UNKNOWN, rate.cents, rate.carrier, rate.service


_UNKNOWN = 999


def same_name(one: str, other: str) -> bool:
    """Say whether two spellings name one carrier or service: "Media Mail", "MediaMail", "MEDIA_MAIL"."""
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def service_words(carrier: str, service: str) -> str:
    """Return a service as people read it: "Ground Advantage" of GroundAdvantage, "2 Day" of FEDEX_2_DAY."""
    text = re.sub(r"_+", " ", service).strip()
    if text.isupper() and " " in text:
        text = " ".join(
            word if any(c.isdigit() for c in word) else word.capitalize() for word in text.split()
        )
    text = re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z][a-z]{2})", " ", text)
    words = text.split()
    if len(words) > 1 and same_name(words[0], carrier):
        words = words[1:]
    return " ".join(words)
