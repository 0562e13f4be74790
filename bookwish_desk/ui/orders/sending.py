"""What an order will be sent as, in words: its preset, weight, Media Mail, what is amiss with its address."""

from __future__ import annotations

from collections.abc import Mapping

from bookwish_desk.settings import Settings
from bookwish_desk.shop.measures import weight_words
from bookwish_desk.shop.media_mail import UNITED_STATES
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.parcel_weight import Weighed
from bookwish_desk.shop.sending import Sending, is_to_send, sent_as
from bookwish_desk.ui.orders.detail_state import Fact, Section


def sections(
    order: Order, known: Mapping[str, Weighed], same_way: tuple[str, ...], settings: Settings
) -> tuple[Section, ...]:
    """Return what is known of sending it, under a heading; nothing where the shop has nothing to send."""
    if not is_to_send(order):
        return ()
    found = sent_as(order, known, settings.shipping)
    facts = [
        Fact("By the rules", _sent_by(found)),
        Fact("Weighs about", _weight(found, settings.locale)),
    ]
    home = settings.shipping.sender.country.upper() in UNITED_STATES
    if home and not found.media.ok:
        why = found.media.words.partition(": ")[2]
        facts.append(Fact("Not Media Mail", why, "warn" if found.media.mixed else "ink"))
    facts += [Fact("Address", words, "danger") for words in found.faults]
    facts += [Fact("Address", words, "warn") for words in found.cautions]
    if same_way:
        numbers = ", ".join(same_way[:5]) + (" …" if len(same_way) > 5 else "")
        facts.append(Fact("Goes the same way", f"{numbers}: pack it with this one, in one parcel"))
    return (Section("Sending", tuple(facts)),)


def _sent_by(found: Sending) -> str:
    if found.preset is None:
        return "No rule fits: the preset is chosen when it is shipped"
    return f"{found.preset.name}, in {found.package.name}" if found.package is not None else found.preset.name


def _weight(found: Sending, locale: str) -> str:
    words = weight_words(found.grams, locale)
    if not found.guessed:
        return words
    which = found.guessed[0] if len(found.guessed) == 1 else f"{len(found.guessed)} titles"
    return f"{words}, {which} guessed"
