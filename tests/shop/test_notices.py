"""What notices say, what a shop's own wording may do, and that none can hang or leak.

Nothing here is timed: what would take for ever is refused before it is begun, and a test that hangs is
seen by whoever waits for it.
"""

import subprocess
import sys
import unicodedata
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop import templating
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.notice_kinds import FACTS, KINDS, LISTS, Kind, Wording
from bookwish_desk.shop.notices import (
    MOST_ITEMS,
    MOST_SUBJECT,
    NoticeFacts,
    NoticeLine,
    NoticeOrder,
    default,
    preview,
    render,
)
from bookwish_desk.shop.receipt import Letterhead

SHOP = Letterhead(
    "Corner Books", "12 Example Street", "555 0100", currency=Currency("GBP", "en_GB"), zone="Europe/London"
)
FACTS_OF_AN_ORDER = NoticeFacts(
    SHOP,
    number="BW-20261122-AB12",
    customer="Anna",
    placed_at=1_795_338_120_000,
    lines=(NoticeLine("Orlando", 1, 1_699), NoticeLine("Middlemarch", 2, note="used")),
    total_cents=2_199,
)


def facts(**given: object) -> NoticeFacts:
    return msgspec.structs.replace(FACTS_OF_AN_ORDER, **given)


def body(text: str, kind: Kind = "processing") -> Wording:
    return Wording(kind, "Order {{ number }}", text)


def said(text: str, about: NoticeFacts = FACTS_OF_AN_ORDER, kind: Kind = "processing") -> str:
    return render(body(text, kind), about).text


def refusal(text: str, kind: Kind = "processing") -> Refused:
    with pytest.raises(Refused) as refused:
        render(body(text, kind), FACTS_OF_AN_ORDER)
    with pytest.raises(Refused):
        preview(body(text, kind))
    assert refused.value.code == "notice.template"
    assert refused.value.facts["part"] == "body"
    return refused.value


# ---- what there is ----


@pytest.mark.capability("OMG-30")
@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_a_wording_that_can_be_used_with_all_facts_and_with_hardly_any(kind: Kind) -> None:
    shown = preview(default(kind), SHOP)
    assert shown.subject
    assert "{" not in shown.subject + shown.text
    assert "\n\n\n" not in shown.text
    assert shown.text == shown.text.strip("\n")


@pytest.mark.parametrize("kind", get_args(Kind))
def test_wordings_name_only_facts_that_are_told_to_whoever_words_them(kind: Kind) -> None:
    assert set(KINDS[kind].facts) <= set(FACTS)
    assert KINDS[kind].wording.kind == kind
    lists = [name for name in KINDS[kind].facts if FACTS[name].startswith("the list of")]
    assert set(lists) == set(KINDS[kind].facts) & set(LISTS)


@pytest.mark.capability("IC-26")
def test_a_customer_hears_that_the_order_was_received_can_be_filled_or_is_delayed() -> None:
    received = render(default("received"), facts(address="34 Example Road", tax_cents=100))
    assert received.subject == "Your order BW-20261122-AB12 has reached us"
    for part in ("Hello Anna,", "- 1 x Orlando, £16.99", "- 2 x Middlemarch (used)", "Tax: £1.00"):
        assert part in received.text.splitlines()
    assert "Total: £21.99" in received.text
    assert "34 Example Road" in received.text
    assert "Discount" not in received.text
    fillable = render(default("fillable"), facts(expected="2026-11-27"))
    assert "just as you placed it" in fillable.text
    assert "It should arrive on Friday, 27 November 2026." in fillable.text.replace("Friday 27", "Friday, 27")


@pytest.mark.capability("BB-10", "IC-26")
def test_a_delay_is_told_with_the_new_day_and_why() -> None:
    told = render(default("delayed"), facts(new_date="2026-12-01", reason="The carrier is on strike."))
    assert "1 December 2026" in told.text
    assert "The reason: The carrier is on strike." in told.text
    collected = render(default("delayed"), facts(new_date="2026-12-01", pickup=True))
    assert "have it ready on" in collected.text
    assert "The reason" not in collected.text


@pytest.mark.capability("WSM-19", "OMG-21")
def test_what_is_shipped_is_told_with_its_tracking_and_the_day_on_which_it_should_arrive() -> None:
    parcel = facts(
        carrier="Post", tracking="EX1", tracking_link="https://example.com/EX1", expected="2026-11-27"
    )
    told = render(default("shipped"), parcel).text
    assert "Carrier: Post" in told
    assert "Tracking number: EX1" in told
    assert "https://example.com/EX1" in told
    assert "27 November 2026" in told
    assert "another parcel" not in told
    part = render(default("shipped"), msgspec.structs.replace(parcel, more_to_come=True)).text
    assert "The rest follows in another parcel." in part


@pytest.mark.capability("WSM-17")
def test_a_customer_is_told_at_processing_packed_shipped_and_complete() -> None:
    subjects = [
        render(default(kind), FACTS_OF_AN_ORDER).subject
        for kind in ("processing", "ready_to_ship", "shipped", "delivered")
    ]
    assert subjects == [
        "Your order BW-20261122-AB12 is being put together",
        "Your order BW-20261122-AB12 is packed",
        "Your order BW-20261122-AB12 is on its way",
        "Thank you for your order BW-20261122-AB12",
    ]


@pytest.mark.capability("WSM-15")
@pytest.mark.parametrize("kind", [k for k in get_args(Kind) if KINDS[k].audience == "customer"])
def test_what_staff_write_is_in_every_notice_to_a_customer(kind: Kind) -> None:
    told = render(default(kind), facts(comment="Thank you!\nWe put a bookmark in.", refund_cents=1)).text
    assert "Thank you!\nWe put a bookmark in.\n" in told


@pytest.mark.capability("OMG-24")
def test_a_review_is_asked_for_with_the_place_to_leave_it() -> None:
    there = facts(review_link="https://example.com/review")
    for kind in ("delivered", "review"):
        assert "https://example.com/review" in render(default(kind), there).text
    assert "Just answer this message." in render(default("review"), FACTS_OF_AN_ORDER).text


@pytest.mark.capability("WSM-14")
def test_staff_hear_of_a_new_order_with_a_link_to_it() -> None:
    order = facts(source="the online store", link="https://example.com/orders/AB12", pickup=True)
    told = render(default("new_order"), order)
    assert told.subject == "New order BW-20261122-AB12, £21.99"
    assert "Open the order: https://example.com/orders/AB12" in told.text
    assert "To be collected, £21.99" in told.text


@pytest.mark.capability("BW+07")
def test_the_digest_lists_the_orders_of_the_day() -> None:
    orders = tuple(NoticeOrder(f"BW-{n}", "Anna", n == 1, 100 * n, 1, due="ship today") for n in (1, 2))
    told = render(default("digest"), NoticeFacts(SHOP, day="2026-11-22", orders=orders))
    assert "22 November 2026" in told.subject
    assert told.text.splitlines() == [
        *("BW-1, pickup, £1.00, Anna", "  ship today"),
        *("BW-2, ship, £2.00, Anna", "  ship today"),
    ]
    none = render(default("digest"), NoticeFacts(SHOP, day="2026-11-22"))
    assert none.text == "There were no new orders."


@pytest.mark.capability("BW+03")
def test_a_receipt_keeps_its_columns() -> None:
    slip = "Orlando          16.99\n  20 % off      -3.40\n"
    told = render(default("receipt"), facts(receipt=slip)).text
    assert "\nOrlando          16.99\n  20 % off      -3.40\n" in told


def test_days_that_are_none_are_shown_as_they_stand() -> None:
    assert said("{{ expected }}", facts(expected="soon"), "fillable") == "soon"


def test_what_is_too_long_to_list_is_counted() -> None:
    many = facts(lines=tuple(NoticeLine(f"Book {n}") for n in range(MOST_ITEMS + 12)))
    told = render(default("processing"), many).text.splitlines()
    assert "- and 12 more" in told
    assert f"- 1 x Book {MOST_ITEMS - 1}" in told
    assert f"- 1 x Book {MOST_ITEMS}" not in told


def test_the_longest_facts_still_make_a_message() -> None:
    full = facts(
        lines=tuple(NoticeLine("W" * 900, 99, 99_999_999, "W" * 900) for _ in range(MOST_ITEMS * 2)),
        comment="W\n" * 50_000,
        receipt="W" * 1_000_000,
        address="W" * 50_000,
        refund_cents=1,
    )
    for kind in get_args(Kind):
        if kind != "digest":
            render(default(kind), full)
    order = NoticeOrder("W" * 900, "W" * 900, True, 99_999_999, 1, "W" * 900, "https://" + "W" * 150)
    assert render(default("digest"), NoticeFacts(SHOP, day="2026-11-22", orders=(order,) * 1_000)).text


# ---- wordings of the shop ----


def test_a_wording_shows_asks_and_goes_through_lists() -> None:
    text = (
        "{% for line in lines if line.quantity > 1 %}\n"
        "{{ loop.index }}. {{ line.title|upper }}{% if not loop.last %},{% endif %}\n"
        "{% endfor %}\n"
        "{{ lines|length }} titles: {{ lines|join(' / ', attribute='title') }}\n"
        "{{ customer or 'you' }} {{ 'collects' if pickup else 'waits' }} {# not shown #}\n"
        "{% if number == 'BW-20261122-AB12' and lines %}yes{% else %}no{% endif %}\n"
    )
    assert said(text) == "1. MIDDLEMARCH\n2 titles: Orlando / Middlemarch\nAnna waits\nyes"


def test_a_line_of_tags_alone_leaves_no_line_and_one_that_ends_with_a_tag_does() -> None:
    assert said(
        "a\n  {% if customer %} {% if number %}\nb{% if pickup %}!{% endif %}\n{% endif %}{% endif %}\nc"
    ) == ("a\nb\nc")


def test_what_a_customer_is_called_is_no_template_and_no_markup() -> None:
    assert said("{{ customer }}", facts(customer="{{ number }} <b>&")) == "{{ number }} <b>&"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("{% for i in range(10**9) %}x{% endfor %}", 1, "“for” takes a list, which are lines"),
        ("a\n{{ 9**9**9**9 }}", 2, "cannot calculate"),
        ("{{ 'a' * 10**9 }}", 1, "cannot calculate"),
        ("{{ [0] * 10**9 }}", 1, "cannot calculate"),
        ("{{ '%1000000000d' % 1 }}", 1, "cannot calculate"),
        ("{{ customer.ljust(10**9) }}", 1, "cannot call"),
        ("{{ '{:>1000000000}'.format(1) }}", 1, "cannot call"),
        ("{{ customer|center(1000000000) }}", 1, "“center” is not known here"),
        ("{{ customer|replace('', customer)|replace('', customer) }}", 1, "“replace” is not known here"),
        ("{{ lines|join(lines|join(customer)) }}", 1, "short text"),
        ("{{ lines|join('" + "x" * 100 + "') }}", 1, "short text"),
        ("{{ customer|join('x') }}", 1, "“join” takes a list"),
        ("\n\n{{ customer.__class__ }}", 3, "“.__class__” is not known here"),
        ("{{ ''.__class__.__mro__ }}", 1, "is not known here"),
        ("{{ customer['__class__'] }}", 1, "goes through a list"),
        ("{{ customer|attr('__class__') }}", 1, "“attr” is not known here"),
        ("{% for line in lines %}{{ line.items }}{% endfor %}", 1, "note, price, quantity, title"),
        ("{% for line in lines %}{{ line }}{% endfor %}", 1, "Say what of “line”: line.note"),
        ("{% for line in lines %}{{ loop }}{% endfor %}", 1, "Say what of “loop”"),
        ("{% for line in lines %}{% for l in lines %}x{% endfor %}{% endfor %}", 1, "another loop"),
        ("{% for line in lines recursive %}x{% endfor %}", 1, "start itself"),
        ("{% for number in lines %}x{% endfor %}", 1, "“number” is taken"),
        ("{% for a, b in lines %}x{% endfor %}", 1, "one name"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", 1, "only show, ask"),
        ("{% set x = 'a' %}{{ x }}", 1, "cannot set"),
        ("{% include 'x' %}", 1, "stands alone"),
        ("{% extends 'x' %}", 1, "stands alone"),
        ("{% block x %}{% endblock %}", 1, "only show, ask"),
        ("{% filter upper %}x{% endfilter %}", 1, "only show, ask"),
        ("{{ self }}", 1, "“self” is not known here"),
        ("{{ tracking }}", 1, "“tracking” is not known here; known are comment"),
        ("{% if false %}\n{{ nobody }}\n{% endif %}", 2, "“nobody” is not known here"),
        ("{{ lines }}", 1, "“lines” is a list"),
        ("{{ lines|upper }}", 1, "“lines” is a list"),
        ("{{ none }}", 1, "cannot be worked out"),
        ("a\nb\n{{ customer > 1 }}", 3, "cannot be worked out"),
        ("{{ 1e400 }}", 1, "cannot be worked out"),
        ("{{ customer", 1, "cannot be read"),
        ("a\n{% if customer %}\nb", 3, "cannot be read"),
        ("{% nonsense %}", 1, "cannot be read"),
        ("{{ customer is mapping }}", 1, "only show, ask"),
        ("{{ 1" + "0" * 5_000 + " }}", 0, ""),
        ("{{ " + "(" * 4_000 + " }}", 0, ""),
        ("{{ " + "not " * 2_000 + "customer }}", 0, "nested too deeply"),
        ("{{ " + " or ".join(["customer"] * 700) + " }}", 1, "nested too deeply"),
        ("{% if customer %}" * 400 + "x" + "{% endif %}" * 400, 0, ""),
        ("x" * 10_001, 0, "at most 10,000 characters"),
    ],
    ids=lambda given: str(given)[:40],
)
def test_a_wording_that_could_do_harm_or_is_wrong_is_refused_with_its_line(
    text: str, line: int, words: str
) -> None:
    refused = refusal(text)
    assert words in refused.message
    if line:
        assert refused.facts["line"] == line
        assert refused.message.startswith(f"In the text: Line {line}: ")
    assert len(refused.message) < 600


def test_a_long_chain_of_questions_is_answered() -> None:
    chain = "{% if 0 %}" + "{% elif 0 %}" * 700 + "{% elif customer %}yes{% endif %}"
    try:
        assert said(chain) == "yes"
    except Refused as refused:
        assert "nested too deeply" in refused.message


def test_a_text_that_grows_too_long_is_refused() -> None:
    long = facts(lines=(NoticeLine("W" * 300),) * MOST_ITEMS)
    with pytest.raises(Refused, match=r"longer than 200,000 characters") as refused:
        said("{% for line in lines %}" + "{{ line.title }}" * 20 + "{% endfor %}", long)
    assert refused.value.facts["line"] == 0


def test_what_is_wrong_in_the_subject_is_told_of_the_subject() -> None:
    with pytest.raises(Refused, match=r"^In the subject: Line 1: “nobody” is not known here") as refused:
        preview(Wording("ready", "{{ nobody }}", "x"))
    assert refused.value.facts == {"part": "subject", "line": 1}


def test_a_subject_that_can_be_empty_is_not_kept() -> None:
    with pytest.raises(Refused, match="or can be"):
        preview(Wording("ready", "{{ customer }}", "x"))
    assert render(Wording("ready", "{{ customer }}", "x"), FACTS_OF_AN_ORDER).subject == "Anna"


def test_an_empty_message_is_not_sent() -> None:
    with pytest.raises(Refused, match="The message is empty"):
        render(Wording("message", "x", "{{ comment }}"), FACTS_OF_AN_ORDER)
    assert preview(Wording("message", "x", "{{ comment }}")).text


@given(st.text(alphabet=st.sampled_from("{}%#-+|.()[]\n'\" abcforinlesu019*~=!<>:,"), max_size=60))
def test_whatever_is_typed_is_shown_or_refused_in_words(text: str) -> None:
    try:
        render(Wording("processing", "x" + text, text), FACTS_OF_AN_ORDER)
    except Refused as refused:
        assert refused.message.endswith(".")


ANYTHING = st.text(st.characters(codec=None), max_size=80)


@given(subject=ANYTHING, name=ANYTHING, title=ANYTHING, address=ANYTHING)
def test_nothing_that_comes_from_outside_leaves_the_subject_or_the_printable(
    subject: str, name: str, title: str, address: str
) -> None:
    about = facts(
        number=subject + "\r\nBcc: x@example.com", customer=name, lines=(NoticeLine(title),), address=address
    )
    made = render(Wording("received", "Order {{ number }} {{ customer }}\n", default("received").body), about)
    assert made.subject.isprintable()
    assert len(made.subject) <= MOST_SUBJECT
    assert all(line.isprintable() for line in made.text.split("\n"))
    assert unicodedata.is_normalized("NFC", made.subject)


# ---- the parts below ----


def test_the_same_wording_is_compiled_once_for_many_orders() -> None:
    wording = body("{{ number }} once {{ customer }}")
    before = templating._compiled.cache_info().misses
    for n in range(50):
        render(wording, facts(number=str(n)))
    assert templating._compiled.cache_info().misses - before <= 2  # subject and body


def test_jinja_is_imported_with_the_first_notice_only() -> None:
    program = "import sys, bookwish_desk.shop.notices; sys.exit('jinja2' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
