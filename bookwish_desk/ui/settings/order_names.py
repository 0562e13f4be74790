"""What the sections about orders call promises, notices and the facts that a notice may name. Pure."""

from __future__ import annotations

import msgspec

from bookwish_desk.shop.notice_kinds import BY_THEMSELVES, FACTS, KINDS, LISTS, Kind
from bookwish_desk.shop.order import SOURCES
from bookwish_desk.shop.promises import Event, Promise, Unit

UNITS: dict[Unit, tuple[str, str]] = {
    "hours": ("hour", "hours"),
    "days": ("day", "days"),
    "open_days": ("working day", "working days"),
    "months": ("month", "months"),
}
SINCE: dict[Event, str] = {
    "placed": "From when the order was placed",
    "confirmed": "From when it was confirmed",
    "started": "From when work on it began",
    "ready": "From when it was ready for pickup",
    "sent": "From when all of it was sent",
    "with_wholesaler": "From the wholesaler's last news",
    "checkout": "From when the checkout began",
    "cancelled": "From when money was to be given back",
}
_SAID_OF: dict[Kind, str] = {
    "message": "Somebody sends it from the order, with words of their own.",
    "receipt": "It is sent when a customer asks for the receipt by e-mail.",
    "new_order": "It goes to the staff addresses of the section Mail.",
    "digest": "It goes to the staff addresses of the section Mail, once a day.",
    "review": "It goes out some days after delivery, where a review link is set.",
}


def length(promise: Promise, count: int) -> str:
    """Return a time of a promise in words: 2 working days."""
    one, many = UNITS[promise.unit]
    return f"{count} {one if count == 1 else many}"


def said_of(kind: Kind) -> str:
    """Return what is to be known of a notice beside its words: who tells it where we do not."""
    names = [source.name for source in SOURCES.values() if kind in source.tells]
    if not names:
        return _SAID_OF.get(kind, "")
    return f"{', '.join(names)} tells its customers itself: for its orders this one is not sent from here."


def notice_name(kind: Kind) -> str:
    """Return what staff call a notice."""
    return KINDS[kind].name


def goes(kind: Kind, notices: tuple[Kind, ...]) -> str:
    """Return in a word or two whether a notice goes out by itself."""
    if kind in BY_THEMSELVES:
        return "Yes" if kind in notices else "No"
    return "To staff" if KINDS[kind].audience == "staff" else "By hand"


class Fact(msgspec.Struct, frozen=True):
    """A fact as the sheet of a notice lists it: its name, what it is, and what stands for it in the words."""

    name: str
    meaning: str
    written: str


_EACH = {"lines": "line", "alternatives": "choice", "orders": "order"}
_ASKED = ("pickup", "more_to_come")


def facts_of(kind: Kind) -> tuple[Fact, ...]:
    """Return the facts that a notice may name; after a list those of each of its items."""
    found: list[Fact] = []
    for name in KINDS[kind].facts:
        if name in LISTS:
            each = _EACH[name]
            shown = " ".join(f"{{{{ {each}.{field} }}}}" for field in LISTS[name]) or f"{{{{ {each} }}}}"
            loop = f"{{% for {each} in {name} %}}\n{shown}\n{{% endfor %}}\n"
            found.append(Fact(name, FACTS[name], loop))
            found += (Fact(f"{each}.{f}", said, f"{{{{ {each}.{f} }}}}") for f, said in LISTS[name].items())
        elif name in _ASKED:
            found.append(Fact(name, FACTS[name], f"{{% if {name} %}}\n\n{{% endif %}}\n"))
        else:
            found.append(Fact(name, FACTS[name], f"{{{{ {name} }}}}"))
    return tuple(found)
