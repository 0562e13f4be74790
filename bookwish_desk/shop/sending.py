"""What an order is to be sent as before it is packed: by the shop's rules, its books, its address. Pure."""

from __future__ import annotations

import msgspec

from bookwish_desk.shop import delivery_address, media_mail, parcel_weight, presets
from bookwish_desk.shop.media_mail import MediaMail
from bookwish_desk.shop.order import WORKING, Order, PostalAddress
from bookwish_desk.shop.parcel_weight import Known
from bookwish_desk.shop.shipping import Package, Preset, ShippingSettings


class Sending(msgspec.Struct, frozen=True):
    """What an order goes as: the preset of the first rule that fits, its package, about what it weighs.

    `guessed` are titles whose weight nobody knows. `faults` keep a label from being bought, `cautions` may
    stay; both are about the address.
    """

    preset: Preset | None
    package: Package | None
    grams: int
    media: MediaMail
    guessed: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()


def is_to_send(order: Order) -> bool:
    """Say whether the shop itself has something of an order to send that lies in no parcel yet."""
    ours = order.kind == "ship" and order.owner.name == "store" and order.state in WORKING
    return ours and any(x.open > x.packed - x.shipped for x in order.lines)


def sent_as(order: Order, known: Known, settings: ShippingSettings) -> Sending:
    """Return what the copies of an order go as that lie in no parcel yet, in one parcel."""
    to = order.address or PostalAddress()
    copies = [(x, n) for x in order.lines if (n := x.open - (x.packed - x.shipped)) > 0]
    bare = parcel_weight.predict(copies, known, None, settings)
    first = media_mail.qualifies(copies, known, country=to.country, grams=bare.grams)
    preset = presets.preset_for(settings, grams=bare.grams, media_mail=first.ok, country=to.country)
    package = presets.package_of(preset, settings)
    whole = parcel_weight.predict(copies, known, package, settings)
    media = media_mail.qualifies(copies, known, country=to.country, package=package, grams=whole.grams)
    return Sending(
        preset,
        package,
        whole.grams,
        media,
        whole.guessed,
        tuple(delivery_address.faults(to).values()),
        tuple(delivery_address.cautions(to).values()),
    )
