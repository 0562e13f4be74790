"""What the journal's entries say in plain words: who did what, as one sentence. Nothing here is kept.

Bodies come from every version of the program that ever wrote to this journal: what is missing in one is
left out of the sentence, and a kind that nobody knows any more is said by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from bookwish_desk.shop import online_activity, order_activity, shipping_activity
from bookwish_desk.shop.journal import Entry
from bookwish_desk.shop.money import show_percent
from bookwish_desk.shop.staff import PERMISSIONS

Show = Callable[[int], str]

GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "sales",
        "Sales and returns",
        ("sale.", "return.", "exchange.", "tender.", "receipt.", "print.", "mail."),
    ),
    ("orders", "Orders", ("order.",)),
    ("shipping", "Shipping", ("label.", "manifest.", "visit.", "parcels.", "carriers.")),
    ("online", "Online store", ("online.",)),
    ("till", "Till", ("till.",)),
    ("stock", "Stock and items", ("item.", "items.", "stock.", "catalogue.", "labels.")),
    ("people", "Staff and approvals", ("staff.", "approval.", "owner.", "customer.")),
    ("shop", "Shop and settings", ("shop.", "settings.", "register.", "device.", "demo.")),
)
"""Groups that the activity log can be narrowed to: id, name, and how the kinds in it begin."""


class Told:
    """One entry while its sentence is made: its body with what is missing as nothing."""

    def __init__(self, entry: Entry, show: Show, names: Mapping[str, str]) -> None:
        self.entry = entry
        self.show = show
        self.names = names
        body = _decoded(entry.body)
        self.body: dict[str, Any] = body if isinstance(body, dict) else {}

    def part(self, name: str) -> dict[str, Any]:
        """Return a value in the body that has values of its own."""
        found = self.body.get(name)
        return found if isinstance(found, dict) else {}

    def text(self, name: str) -> str:
        """Return a text of the body."""
        found = self.body.get(name)
        return found if isinstance(found, str) else ""

    def number(self, name: str) -> int:
        """Return a whole number of the body."""
        return _whole(self.body.get(name))

    def money(self, name: str) -> str:
        """Return an amount of the body, or "no price"."""
        found = self.body.get(name)
        return self.show(found) if isinstance(found, int) else "no price"

    def rows(self, name: str) -> list[Any]:
        """Return a list of the body."""
        found = self.body.get(name)
        return found if isinstance(found, list) else []

    def why(self, name: str = "reason") -> str:
        """Return the reason to put behind a sentence, with its colon."""
        reason = self.text(name)
        return f": {reason}" if reason else ""


def sentence(entry: Entry, show: Show, names: Mapping[str, str]) -> str:
    """Return what an entry says. `show` writes money, `names` are those of the staff by id."""
    told = Told(entry, show, names)
    words = _SENTENCES.get(entry.kind)
    if entry.kind.startswith("order."):
        said = order_activity.sentence(entry.kind.removeprefix("order."), entry.ref, told.body, show)
    elif words is None:
        area, _, what = entry.kind.partition(".")
        said = f"{area}: {what}".replace("_", " ").strip(": ").capitalize()
    else:
        said = words if isinstance(words, str) else words(told)
    return f"{said}."


def _decoded(body: str) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _copies(count: int) -> str:
    return "1 copy" if count == 1 else f"{count} copies"


def _completed(t: Told) -> str:
    lines = [x for x in t.rows("lines") if isinstance(x, dict)]
    sold = sum(max(0, _whole(x.get("quantity"))) for x in lines)
    back = -sum(min(0, _whole(x.get("quantity"))) for x in lines)
    paid = t.number("total_cents") + t.number("rounding_cents")
    if sold and back:
        done = f"Exchanged {_copies(back)} for {sold}"
    elif back:
        done = f"Took {_copies(back)} back"
    else:
        done = f"Sold {_copies(sold)}"
    if back:
        money = f", {'took' if paid > 0 else 'gave'} {t.show(abs(paid))}" if paid else ""
    else:
        money = f" for {t.show(paid)}"
    return f"{done}{money}, receipt {t.entry.ref}{_titles(lines)}"


def _titles(lines: list[dict[str, Any]]) -> str:
    titles = [x["title"] for x in lines if isinstance(x.get("title"), str)]
    if not titles:
        return ""
    more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
    return f": {titles[0]}{more}"


def _street(t: Told) -> str:
    said = f"Sold {t.text('title')} before its street date {t.text('street_date')}"
    by = t.text("approved_by")
    return f"{said}, with the approval of {t.names.get(by, 'a manager')}" if by else said


def _discount(t: Told) -> str:
    found = t.part("discount")
    if not found:
        return "Took a discount back"
    value = _whole(found.get("value"))
    worth = show_percent(value) if found.get("kind") == "percent" else t.show(value)
    reason = found.get("reason")
    where = "a line" if t.text("line") else "the whole sale"
    return f"Gave {worth} off {where}" + (f": {reason}" if reason else "")


def _exempt(t: Told) -> str:
    found = t.part("exempt")
    if not found:
        return "Charged tax on the sale again"
    return f"Sold without tax, certificate {found.get('certificate', '')}".rstrip()


def _void(t: Told) -> str:
    draft = t.part("draft")
    lines = [x for name in ("lines", "returns") for x in draft.get(name, []) if isinstance(x, dict)]
    count = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
    return f"Voided a sale of {count}{t.why()}"


def _tender_removed(t: Told) -> str:
    tender = t.part("tender")
    kind = " ".join(str(tender.get(n) or "") for n in ("brand", "last4")).strip() or tender.get("kind", "")
    return f"Took a payment of {t.show(_whole(tender.get('amount_cents')))} out of the sale: {kind}"


def _unreceipted(t: Told) -> str:
    worth = t.money("total_cents")
    return (
        f"Took {_copies(t.number('quantity'))} of {t.text('title')} back without a receipt, {worth}{t.why()}"
    )


def _receipt(t: Told) -> str:
    copy = ", marked COPY" if t.body.get("copy") else ""
    what = "a gift receipt for" if t.entry.kind == "receipt.gift" else "receipt"
    return f"Printed {what} {t.entry.ref}{copy}"


def _print_decided(t: Told) -> str:
    verdicts = {
        "printed": "Said that {} was printed",
        "again": "Printed {} again",
        "drop": "Left {} unprinted",
    }
    return verdicts.get(t.text("verdict"), "Settled the printing of {}").format(t.entry.ref or "a slip")


def _mail_decided(t: Told) -> str:
    verdicts = {
        "again": "Sent an e-mail again",
        "elsewhere": "Sent an e-mail to another address",
        "leave": "Left an e-mail unsent",
    }
    return verdicts.get(t.text("verdict"), "Settled an e-mail")


def _labels(t: Told) -> str:
    count, kind, items = t.number("count"), t.text("kind"), len(t.rows("items"))
    what = f"{count} {kind} {'label' if count == 1 else 'labels'}"
    return f"Printed {what} of " + (t.text("title") if items == 1 else f"{items} items")


def _signed(count: int) -> str:
    return f"+{count}" if count > 0 else str(count)


def _adjusted(t: Told) -> str:
    by, on_hand = _signed(t.number("by")), t.number("on_hand")
    return f"Adjusted {t.text('title')} by {by} to {on_hand}{t.why()}"


def _counted(t: Told) -> str:
    by = t.number("by")
    found = f"{abs(by)} {'more' if by > 0 else 'fewer'} than in the books" if by else "as in the books"
    return f"Counted {t.text('title')}: {t.number('on_hand')}, {found}{t.why()}"


def _ordered(t: Told) -> str:
    before, after = t.number("before"), t.number("after")
    return f"Changed the copies of {t.text('title')} on order from {before} to {after}"


def _received(t: Told) -> str:
    left = t.number("on_order")
    still = f", {left} still on order" if left else ""
    return f"Received {_copies(t.number('by'))} of {t.text('title')}: {t.number('on_hand')} on hand{still}"


def _copy_added(t: Told) -> str:
    what = f"{t.text('kind')} copies of {t.text('title')} as {t.entry.ref} at {t.money('price_cents')}"
    return f"Added {what}: {t.number('copies')} on hand"


def _edited(t: Told) -> str:
    changed = ", ".join(_FIELDS.get(name, name) for name in t.part("changed"))
    return f"Edited {t.text('title')}: {changed}"


_FIELDS = {
    "low_at": "low at",
    "tax_class": "tax class",
    "street_date": "street date",
    "stocked": "stock kept or not",
    "to_catalogue": "described",
}


def _imported(t: Told) -> str:
    report, verb = t.part("report"), "Counted by the list" if t.entry.kind == "stock.counted" else "Imported"
    parts = [f"{_whole(report.get(n))} {n}" for n in ("added", "updated", "rejected")]
    return f"{verb} {t.text('file')}: {', '.join(parts)}"


def _till_opened(t: Told) -> str:
    return f"Opened the till with {t.show(_whole(t.part('till').get('float_cents')))}"


def _till_move(verb: str) -> Callable[[Told], str]:
    return lambda t: f"{verb} {t.show(abs(t.number('cash_cents')))}{t.why()}"


def _till_closed(t: Told) -> str:
    over = t.number("over_cents")
    result = f"{t.show(abs(over))} {'over' if over > 0 else 'short'}" if over else "the count was right"
    return f"Closed the till, Z {t.number('z_number')}: {result}"


def _report_printed(t: Told) -> str:
    pages = " as pages" if t.body.get("pages") else ""
    return f"Printed report {t.text('report')}{pages}"


def _permission(t: Told) -> str:
    permission = t.text("permission")
    return PERMISSIONS.get(permission, permission).lower()


def _approval_used(t: Told) -> str:
    by = t.names.get(t.text("approved_by"), "a manager")
    return f"Did this with the approval of {by}: {_permission(t)}"


def _locked(t: Told) -> str:
    if seconds := t.number("seconds"):
        return f"Locked out for {seconds} seconds after {t.number('failures')} wrong PINs"
    return "Locked the register"


def _of_person(words: str) -> Callable[[Told], str]:
    return lambda t: words.format(t.text("name") or t.names.get(t.entry.ref, "somebody"))


def _permissions(t: Told) -> str:
    changes = [f"may {PERMISSIONS.get(p, p).lower()}" for p in t.rows("given")]
    changes += [f"may no longer {PERMISSIONS.get(p, p).lower()}" for p in t.rows("taken")]
    return f"Changed what {t.entry.ref} may do: {', '.join(changes)}"


def _kind_of_device(t: Told) -> str:
    kind = t.text("role").replace("_", " ")
    return f"simulated {kind}" if t.text("address") == "sim:" else kind or "device"


def _device_changed(t: Told) -> str:
    before, after = t.part("from"), t.part("to")
    done = []
    if "name" in after:
        done.append(f"renamed it from {before.get('name')}")
    if "address" in after:
        done.append(f"now at {after['address']}")
    if "setup" in after:
        done.append("set up differently")
    if "uses" in after:
        uses = ", ".join(map(str, after["uses"])) if isinstance(after["uses"], list) else ""
        done.append(f"used for {uses or 'nothing'}")
    return ": ".join(filter(None, (f"Changed {t.text('name')}", ", ".join(done))))


def _device_removed(t: Told) -> str:
    waiting = t.number("waiting")
    left = f"; {waiting} waiting {'job' if waiting == 1 else 'jobs'} not printed" if waiting else ""
    return f"Removed {t.text('name')}, a {_kind_of_device(t)}{left}"


def _device_learned(t: Told) -> str:
    can = "does not confirm" if t.text("confirms") == "none" else "confirms"
    return f"Found out that {t.text('name')} {can} what it prints"


_SENTENCES: dict[str, str | Callable[[Told], str]] = {
    "sale.completed": _completed,
    "return.completed": _completed,
    "exchange.completed": _completed,
    "sale.price": lambda t: f"Sold at {t.money('to_cents')} instead of {t.money('from_cents')}{t.why()}",
    "sale.discount": _discount,
    "sale.exempt": _exempt,
    "sale.street_override": _street,
    "sale.held": lambda t: f"Held a sale as {t.text('as')}",
    "sale.recalled": lambda t: f"Recalled the held sale {t.text('from')}",
    "sale.void": _void,
    "tender.removed": _tender_removed,
    "return.unreceipted": _unreceipted,
    "receipt.printed": _receipt,
    "receipt.gift": _receipt,
    "receipt.emailed": lambda t: f"Sent receipt {t.entry.ref} by e-mail",
    "print.decided": _print_decided,
    "mail.decided": _mail_decided,
    "mail.wording_unusable": "A notice went out in its first wording: the shop's own could not be used",
    "online.connected": lambda t: f"Connected the online store {t.text('name') or t.text('store')}".rstrip(),
    "online.disconnected": lambda t: f"Disconnected the online store {t.text('name')}".rstrip(),
    "online.paused": "Paused the work with the online store",
    "online.resumed": "Went on with the work with the online store",
    "online.signed_in": "Signed in at the online store",
    "online.signed_out": "Signed out of the online store",
    "online.decided": lambda t: online_activity.decided(t.entry.ref, t.body),
    "online.resolved": lambda t: online_activity.resolved(t.entry.ref, t.body),
    "labels.printed": _labels,
    "item.unknown": lambda t: f"Sold something nobody knew: {t.text('title')} ({t.entry.ref})",
    "item.adjusted": _adjusted,
    "item.counted": _counted,
    "item.ordered": _ordered,
    "item.received": _received,
    "item.copy_added": _copy_added,
    "item.edited": _edited,
    "item.priced": lambda t: (
        f"Changed the price of {t.text('title')} from {t.money('from_cents')} to {t.money('to_cents')}"
    ),
    "item.added": lambda t: f"Added {t.text('title')} ({t.entry.ref})",
    "items.repriced": lambda t: f"{len(t.rows('prices'))} prices changed by {t.text('file')}",
    "catalogue.imported": _imported,
    "stock.counted": _imported,
    "till.opened": _till_opened,
    "till.paid_in": _till_move("Paid in"),
    "till.paid_out": _till_move("Paid out"),
    "till.drop": _till_move("Dropped"),
    "till.no_sale": lambda t: f"Opened the drawer without a sale{t.why()}",
    "till.x_report": "Looked at the X report",
    "till.report_printed": _report_printed,
    "till.counting": "Began to count the till",
    "till.closed": _till_closed,
    "approval.given": lambda t: f"Approved for {t.text('for')}: {_permission(t)}",
    "approval.used": _approval_used,
    "staff.signed_in": lambda t: f"Signed in with a {'badge' if t.text('by') == 'badge' else 'PIN'}",
    "staff.signed_out": "Signed out",
    "staff.locked": _locked,
    "staff.locked_idle": "The register locked itself",
    "staff.badge_unknown": "A badge was scanned that nobody has",
    "staff.pin_wrong": "A wrong PIN was typed",
    "staff.added": lambda t: f"Added {t.text('name')} as {t.text('role')}",
    "staff.renamed": lambda t: f"Renamed {t.text('before')} to {t.text('after')}",
    "staff.role": lambda t: (
        f"Made {t.names.get(t.entry.ref, 'somebody')} {t.text('after')} instead of {t.text('before')}"
    ),
    "staff.pin_set": _of_person("Gave {} a new PIN"),
    "staff.badge_made": _of_person("Made a new badge for {}"),
    "staff.badge_removed": _of_person("Took the badge of {} away"),
    "staff.deactivated": _of_person("Took {} off the staff"),
    "staff.reactivated": _of_person("Put {} back on the staff"),
    "staff.permissions": _permissions,
    "owner.recovery_wrong": "A wrong recovery code was typed",
    "owner.recovered": _of_person("{} got a new PIN with the recovery code"),
    "owner.recovery_made": "Made a new recovery code",
    "owner.key_printed": "Printed the recovery key of the database",
    "customer.added": "Wrote a new customer down",
    "customer.edited": "Corrected a customer",
    "shop.founded": "Set the shop up",
    "shop.restored": lambda t: f"The shop was restored from {t.text('file')}",
    "settings.mail_password": lambda t: f"Typed a new password of the mail server {t.text('host')}",
    "settings.mail_tried": lambda t: f"Sent a test message through {t.text('host')}",
    "settings.changed": lambda t: f"Changed the setting {t.entry.ref.replace('_', ' ')}",
    "device.added": lambda t: f"Added {t.text('name')}, a {_kind_of_device(t)}",
    "device.changed": _device_changed,
    "device.used": _device_changed,
    "device.removed": _device_removed,
    "device.learned": _device_learned,
    "device.drawer_tested": lambda t: f"Opened the drawer at {t.text('name')} to test it",
    "register.renamed": lambda t: f"Renamed the register from {t.text('from')} to {t.text('to')}",
    "demo.built": "Filled the demonstration shop",
    **dict.fromkeys(
        shipping_activity.WORDS, lambda t: shipping_activity.sentence(t.entry.kind, t.body, t.show)
    ),
}
