"""The sections about orders, mail and hours: their inputs, and what was typed there as changes. Pure."""

from __future__ import annotations

from typing import Any

from bookwish_desk.actions.order_setting_rules import check_addresses, check_mail, check_own_statuses
from bookwish_desk.settings import KEYS, Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.hours_words import DAYS, read_spans, show_spans
from bookwish_desk.shop.mail import MailSettings, Security
from bookwish_desk.shop.opening_hours import OpeningHours, Span
from bookwish_desk.shop.order import State
from bookwish_desk.shop.order_words import OwnStatus
from bookwish_desk.shop.promises import PROMISES
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.forms.inputs import YES, Input, Values
from bookwish_desk.ui.settings.state import OrderDrafts, OtherDay, SectionId

ORDER_SECTIONS: tuple[SectionId, ...] = ("hours", "promises", "statuses", "papers", "mail", "notices")

SECURITY: tuple[tuple[Security, str], ...] = (
    ("starttls", "STARTTLS (port 587)"),
    ("tls", "TLS from the start (port 465)"),
    ("none", "None: a server on this computer"),
)
HEARING = (
    ("immediate", "At once, with each order"),
    ("digest", "Once a day, as a digest"),
    ("both", "At once and as a digest"),
)
STATE_NAMES: dict[State, str] = {
    "in_checkout": "In checkout",
    "abandoned": "Abandoned",
    "pending": "Pending",
    "confirmed": "Confirmed",
    "processing": "Processing",
    "completed": "Completed",
    "cancelled": "Cancelled",
}
PAPERS = (("letter", "Letter"), ("a4", "A4"))


def order_inputs(section: SectionId, s: Settings, twelve: bool) -> tuple[Input, ...]:
    """Return the questions of one of these sections; nothing for one that has none, or is another."""
    makers = {
        "hours": lambda: _hours(s, twelve),
        "mail": lambda: _mail(s),
        "notices": lambda: _notices(s),
        "papers": lambda: _papers(s),
        "statuses": lambda: _statuses(s),
    }
    return makers[section]() if section in makers else ()


def _hours(s: Settings, twelve: bool) -> tuple[Input, ...]:
    return tuple(
        Input(f"day_{place}", name, value=show_spans(s.hours.week[place], twelve), half=True, limit=60)
        for place, name in enumerate(DAYS)
    )


def _mail(s: Settings) -> tuple[Input, ...]:
    m = s.mail
    keeping = "Kept in this computer's keyring only. Leave it empty to keep the one that is there."
    return (
        Input("host", "Mail server", value=m.host, hint="Such as smtp.example.com. Empty: no mail is sent"),
        Input("security", "Encryption", "choice", m.security, options=SECURITY, half=True),
        Input("port", "Port", "count", str(m.port), half=True, least=1, most=65_535),
        Input("user", "User", value=m.user, hint="Empty where the server asks for none", half=True),
        Input("password", "Password", "password", hint=keeping, half=True),
        Input("sender", "Sender", value=m.sender, hint="The address that mail comes from", half=True),
        Input("sender_name", "Name of the sender", value=m.sender_name, hint="Such as the shop's", half=True),
        Input("reply_to", "Answers go to", value=m.reply_to, hint="Empty: to the sender", half=True),
        Input("staff_mail", "Staff addresses", "lines", "\n".join(s.staff_mail), "One in each line"),
        Input("staff_notice", "When they hear of orders", "choice", s.staff_notice, "", HEARING, half=True),
        _count("digest_hour", "Hour of the digest", s.digest_hour, 23),
        Input("order_sound", KEYS["order_sound"], "toggle", YES if s.order_sound else ""),
    )  # fmt: skip


def _count(key: str, label: str, value: int, most: int, hint: str = "") -> Input:
    return Input(key, label, "count", str(value), hint, half=True, most=most)


def _notices(s: Settings) -> tuple[Input, ...]:
    return (
        _count("review_days", "Ask for a review after days", s.review_days, 365, "Counted from delivery"),
        Input(
            "review_link", "Review link", value=s.review_link, hint=KEYS["review_link"], limit=300, half=True
        ),
    )


def _papers(s: Settings) -> tuple[Input, ...]:
    return (
        Input("page_size", "Paper", "choice", s.page_size, KEYS["page_size"], PAPERS, half=True),
        Input("slip_insert", "Words at the foot", "lines", s.slip_insert, KEYS["slip_insert"], limit=300),
    )


def _statuses(s: Settings) -> tuple[Input, ...]:
    said = "\n".join(f"{own.name} = {STATE_NAMES[own.state]}" for own in s.own_statuses)
    hint = f"One in each line: a name, = and for which orders: {', '.join(STATE_NAMES.values())}"
    return (Input("own_statuses", "Statuses of your own", "lines", said, hint, limit=2_000),)


def _own_statuses(typed: str) -> tuple[OwnStatus, ...]:
    """Return statuses as they were typed; raises Refused for a line that is none."""
    states = {name.casefold(): state for state, name in STATE_NAMES.items()}
    found = []
    for line in typed.splitlines():
        name, mark, state = line.rpartition("=")
        if not line.strip():
            continue
        if not mark or state.strip().casefold() not in states:
            raise Refused("own_statuses", f"{clean(line, 40)}: end the line with = and one of the states.")
        found.append(OwnStatus(name.strip(), states[state.strip().casefold()]))
    return check_own_statuses(found)


def order_changes(
    section: SectionId, values: Values, drafts: OrderDrafts
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what was typed in one of these sections as settings, and the sentence for each wrong input."""
    if section == "hours":
        return _hours_typed(values, drafts)
    if section == "mail":
        return _mail_typed(values)
    if section == "notices":
        shared = {"notices": drafts.notices, "wordings": drafts.wordings, "tracking_links": drafts.carriers}
        return {
            **shared,
            "review_link": values.text("review_link"),
            "review_days": values.whole("review_days"),
        }, {}
    if section == "papers":
        return {key: values.text(key) for key in ("page_size", "slip_insert")}, {}
    if section == "promises":
        return {"promises": drafts.promises}, {}
    try:
        own = _own_statuses(values.text("own_statuses"))
    except Refused as fault:
        return {"hidden_statuses": drafts.hidden}, {"own_statuses": fault.message}
    return {"hidden_statuses": drafts.hidden, "own_statuses": own}, {}


def hours_of(values: Values, drafts: OrderDrafts) -> OpeningHours:
    """Return the opening hours that stand in the section; raises Refused where a day is none."""
    changes, errors = _hours_typed(values, drafts)
    if errors:
        raise Refused("hours", next(iter(errors.values())))
    hours: OpeningHours = changes["hours"]
    return hours


def _hours_typed(values: Values, drafts: OrderDrafts) -> tuple[dict[str, Any], dict[str, str]]:
    week: list[tuple[Span, ...]] = []
    errors: dict[str, str] = {}
    for place in range(7):
        try:
            week.append(read_spans(values.text(f"day_{place}")))
        except Refused as fault:
            errors[f"day_{place}"] = fault.message
            week.append(())
    hours = OpeningHours(
        week=tuple(week),
        closed=frozenset(d.day for d in drafts.days if not d.spans),
        special=tuple((d.day, d.spans) for d in drafts.days if d.spans),
    )
    return {"hours": hours}, errors


def mail_of(values: Values) -> MailSettings:
    """Return how mail is sent as it was typed, not checked yet."""
    return MailSettings(
        host=values.text("host"),
        port=max(0, values.whole("port")),
        security=next((s for s, _ in SECURITY if s == values.text("security")), "starttls"),
        user=values.text("user"),
        sender=values.text("sender"),
        sender_name=values.text("sender_name"),
        reply_to=values.text("reply_to"),
    )


def _mail_typed(values: Values) -> tuple[dict[str, Any], dict[str, str]]:
    changes: dict[str, Any] = {
        "staff_notice": values.text("staff_notice"),
        "digest_hour": values.whole("digest_hour"),
        "order_sound": values.on("order_sound"),
    }
    errors: dict[str, str] = {}
    try:
        changes["mail"] = check_mail(mail_of(values))
    except Refused as fault:
        errors[str(fault.facts.get("field", "host"))] = fault.message
    try:
        changes["staff_mail"] = check_addresses(values.text("staff_mail").splitlines())
    except Refused as fault:
        errors["staff_mail"] = fault.message
    return changes, errors


def drafts_of(s: Settings) -> OrderDrafts:
    """Return what the editors of these sections begin with."""
    days = [OtherDay(day) for day in s.hours.closed]
    days += [OtherDay(day, spans) for day, spans in s.hours.special]
    own = {p.id: p for p in s.promises}
    return OrderDrafts(
        days=tuple(sorted(days, key=lambda d: d.day)),
        promises=tuple(own.get(p.id, p) for p in PROMISES),
        hidden=s.hidden_statuses,
        notices=s.notices,
        wordings=s.wordings,
        carriers=s.tracking_links,
        packages=s.shipping.packages,
        presets=s.shipping.presets,
        rules=s.shipping.rules,
    )
