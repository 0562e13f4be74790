"""Slips that are kept in a drawer or worn: a staff badge, the owner's recovery code, a recovery key."""

from __future__ import annotations

from bookwish_desk.shop.receipt import Letterhead, heading, moment
from bookwish_desk.shop.slip import Code, Element, Gap, Rule, Slip, Words


def badge_slip(head: Letterhead, name: str, code: str) -> Slip:
    """Compose a badge: whoever holds it can sign in as `name`, so the slip says so."""
    out: list[Element] = [Words(head.name, align="center"), Gap()]
    out += [Words(name, align="center", bold=True, large=True), Gap(), Code(code), Rule()]
    out += [Words("Scan this to sign in. Keep it as you keep a key.", align="center")]
    return Slip(kind="key", ref=f"Badge of {name}", elements=tuple(out))


def owner_code_slip(head: Letterhead, code: str, at: int) -> Slip:
    """Compose the paper with which an owner who forgot the PIN sets a new one."""
    out = [*heading(head), Gap(), Words("Owner's recovery code", align="center", bold=True, large=True)]
    out += [Gap(), Words(code, align="center", bold=True), Gap(), Rule()]
    out += [
        Words("With this code an owner who forgot the PIN can set a new one. It works once."),
        Words("Keep it where you keep the deeds of the shop, not at the register."),
        Words(f"Printed {moment(at, head.zone, head.currency.locale)}."),
    ]
    return Slip(kind="key", ref="Owner's recovery code", elements=tuple(out))


def key_slip(head: Letterhead, text: str, at: int) -> Slip:
    """Compose the paper that opens the shop's books when the computer's keyring is lost."""
    out = [*heading(head), Gap(), Words("Recovery key", align="center", bold=True, large=True), Gap()]
    out += [Words(line, align="center", bold=True) for line in text.splitlines()]
    out += [
        Gap(),
        Rule(),
        Words("This key opens the shop's books and backups when this computer or its keyring is lost."),
        Words("Without it and without the keyring nobody can. Keep it in a safe, away from the shop."),
        Words(f"Printed {moment(at, head.zone, head.currency.locale)}."),
    ]
    return Slip(kind="key", ref="Recovery key", elements=tuple(out))
