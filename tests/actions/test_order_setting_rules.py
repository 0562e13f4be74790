"""Settings about orders: what each may be, and that a wrong one is refused in a sentence."""

from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions.order_setting_rules import check_hours, check_promises, check_wordings
from bookwish_desk.actions.setting_rules import checked
from bookwish_desk.settings import Settings, from_rows, to_row
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.notice_kinds import KINDS, Wording
from bookwish_desk.shop.opening_hours import OpeningHours
from bookwish_desk.shop.promises import PROMISES, Promise
from bookwish_desk.shop.web import web_address

DAY = ((540, 1080),)
WEEK = (*(DAY,) * 6, ())
OPEN = OpeningHours(week=WEEK)
SERVER = MailSettings("smtp.example.com", 465, "tls", "desk", "shop@example.com", "Corner Books")


def usual(promise: str, **changes: Any) -> Promise:
    return replace(next(p for p in PROMISES if p.id == promise), **changes)


def fault(key: str, value: Any) -> str:
    """Return the sentence with which a value is refused."""
    with pytest.raises(Refused) as refused:
        checked(Settings(), {key: value})
    faults = refused.value.facts["faults"]
    assert isinstance(faults, dict)
    return str(faults[key])


@pytest.mark.parametrize(
    ("key", "wrong", "words"),
    [
        ("hours", OpeningHours(week=(DAY,) * 6), "seven days"),
        ("hours", replace(OPEN, week=(((1080, 540),), *WEEK[1:])), "before its closing time"),
        ("hours", replace(OPEN, week=(((0, 60), (90, 120), (200, 300)), *WEEK[1:])), "twice at most"),
        ("hours", replace(OPEN, closed=frozenset({"2026-02-30"})), "year, month and day"),
        ("hours", replace(OPEN, closed=frozenset({"20261225"})), "year, month and day"),
        ("hours", replace(OPEN, special=(("2026-12-24", DAY), ("2026-12-24", ()))), "twice"),
        (
            "hours",
            replace(OPEN, closed=frozenset({"2026-12-24"}), special=(("2026-12-24", DAY),)),
            "is closed and has hours",
        ),
        ("hours", OpeningHours(closed=frozenset({"2026-12-25"})), "ordinary week"),
        ("hours", replace(OPEN, closed=frozenset(f"{y}-12-25" for y in range(2000, 2201))), "room"),
        ("promises", (usual("confirm", most=0),), "from 1 to 2000"),
        ("promises", (usual("confirm", soon=25),), "Time to act"),
        ("promises", (usual("checkout", most=25),), "from 1 to 24"),
        ("promises", (usual("confirm", unit="weeks"),), "Choose hours"),
        ("promises", (usual("confirm", id="nothing-such"),), "no promise"),
        ("promises", (usual("hold_first", most=20, soon=20),), "comes after"),
        ("hidden_statuses", ("wsm.new",), "stays"),
        ("hidden_statuses", ("bookwish.cancelled",), "stays"),
        ("hidden_statuses", ("wsm.nothing",), "no status"),
        ("mail", replace(SERVER, host="two words"), "mail server"),
        ("mail", replace(SERVER, host=""), "mail server"),
        ("mail", replace(SERVER, sender=""), "e-mail address"),
        ("mail", replace(SERVER, security="none"), "encryption"),
        ("mail", replace(SERVER, port=0), "port"),
        ("notices", ("message",), "by itself"),
        ("notices", ("nothing",), "by itself"),
        ("wordings", (Wording("ready", "Ready", "{{ nothing }}"),), "Ready to collect. In the text: Line 1"),
        ("wordings", (Wording("ready", "", "x"),), "subject is empty"),
        ("wordings", (Wording("ready", "a", "x"), Wording("ready", "b", "x")), "worded twice"),
        ("staff_mail", ("anna@example.com, ben@example.com",), "one e-mail address"),
        ("staff_mail", tuple(f"a{n}@example.com" for n in range(21)), "room"),
        ("staff_notice", "never", "Choose"),
        ("digest_hour", 24, "hour"),
        ("review_days", 366, "days"),
        ("review_link", "javascript:alert(1)", "web address"),
        ("review_link", "https://desk:secret@example.com/", "web address"),
        ("tracking_links", (("", "https://example.com/#"),), "name"),
        ("tracking_links", (("Post", "https://example.com/"),), "one #"),
        ("tracking_links", (("Post", "https://e.com/#"), ("post", "https://e.com/#")), "twice"),
        ("tracking_links", (("Post", "https://e.com/ #"),), "web address"),
        ("slip_insert", "4111 1111 1111 1111", "card number"),
        ("page_size", "a5", "Choose"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_in_a_sentence(key: str, wrong: Any, words: str) -> None:
    sentence = fault(key, wrong)
    assert words in sentence
    assert sentence.endswith((".", ".)"))


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("hours", replace(OPEN, zone="Asia/Tokyo"), OPEN),
        ("promises", (), PROMISES),
        ("promises", PROMISES[::-1], PROMISES),
        ("hidden_statuses", ("wsm.held", "bookwish.shipped", "wsm.held"), ("bookwish.shipped", "wsm.held")),
        ("mail", replace(SERVER, host=" SMTP.Example.com "), SERVER),
        ("mail", MailSettings(" ", 25, "none"), MailSettings()),
        ("notices", ["review", "ready"], ("ready", "review")),
        ("wordings", (KINDS["ready"].wording,), ()),
        ("staff_mail", [" anna@Example.com", "", "Anna@example.com"], ("anna@example.com",)),
        ("review_link", " example.com/review ", "https://example.com/review"),
        ("review_link", "", ""),
        ("tracking_links", [(" Post ", "post.example/t?n=#")], (("Post", "https://post.example/t?n=#"),)),
    ],
)  # fmt: skip
def test_what_is_typed_is_tidied_and_read_back(key: str, typed: Any, kept: Any) -> None:
    settings = checked(Settings(), {key: typed})
    assert getattr(settings, key) == kept
    assert from_rows({key: to_row(settings, key)}) == settings


def test_special_days_are_kept_by_date() -> None:
    typed = replace(OPEN, special=(("2027-01-01", ()), ("2026-12-24", ((540, 720),))))
    assert [day for day, _ in check_hours(typed).special] == ["2026-12-24", "2027-01-01"]


def test_a_promise_keeps_its_event_and_says_which_is_wrong() -> None:
    kept = check_promises((usual("confirm", event="ready", sentence="\x1b", most=36),))
    assert kept[0] == usual("confirm", most=36)
    with pytest.raises(Refused) as refused:
        check_promises((usual("refund", most=0),))
    assert refused.value.facts == {"field": "refund"}


def test_a_wording_at_fault_says_which_part_and_line() -> None:
    with pytest.raises(Refused) as refused:
        check_wordings((Wording("ready", "Ready", "Hello\n{% if %}"),))
    assert refused.value.facts == {"kind": "ready", "part": "body", "line": 2}


@pytest.mark.parametrize(
    "typed", ["https://example", "ftp://example.com", "https://exämple.com", "https:// a.com"]
)
def test_what_is_no_web_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="web address"):
        web_address(typed)
