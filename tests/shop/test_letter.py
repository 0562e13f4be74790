"""Letters as the outbox keeps them, what the history says of them, and opening hours in a message."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from bookwish_desk.shop.letter import Letter, Told, compose, told_words
from bookwish_desk.shop.notice_kinds import Wording
from bookwish_desk.shop.notices import NoticeFacts
from bookwish_desk.shop.opening_hours import OpeningHours
from bookwish_desk.shop.receipt import Letterhead
from bookwish_desk.shop.week_words import week_in_words

FACTS = NoticeFacts(Letterhead("Corner Books"), number="BW-1", customer="Łucja", refund_cents=100)
LETTER = Letter("refunded", "lucja@example.com", FACTS, "Łucja")


def test_a_letter_comes_back_from_the_outbox_as_it_went_in() -> None:
    kept = msgspec.json.encode(LETTER)
    assert msgspec.json.decode(kept, type=Letter) == LETTER


def test_a_letter_makes_the_same_message_each_time() -> None:
    first = compose(LETTER, "0193", 1_795_338_120_000)
    assert first == compose(LETTER, "0193", 1_795_338_120_000)
    assert (first.message.id, first.message.written_at) == ("0193", 1_795_338_120_000)
    assert first.message.subject == "Your order BW-1: your money back"
    assert "$1.00" in first.message.text


def test_a_subject_of_staff_stands_in_the_place_of_the_wordings() -> None:
    made = compose(replace(LETTER, subject="Your\r\nmoney"), "0193", 0)
    assert made.message.subject == "Your money"


def test_a_receipt_is_put_in_where_the_wording_has_it() -> None:
    letter = Letter("receipt", "a@example.com", FACTS)
    assert "Orlando   $1.00" in compose(letter, "0193", 0, "Orlando   $1.00").message.text


@pytest.mark.parametrize("body", ["{{ nobody }}", "{% for %}", "", "{{ shop.__class__ }}"])
def test_a_wording_that_cannot_be_used_is_said_and_not_used(body: str) -> None:
    made = compose(replace(LETTER, wording=Wording("refunded", "x", body)), "0193", 0)
    assert made.unusable
    assert made.message == compose(LETTER, "0193", 0).message


def test_the_history_says_who_was_told_and_why_nobody_was() -> None:
    assert told_words(Told("shipped", ("1",))) == "E-mail to the customer: Shipped."
    assert told_words(Told("digest", ("1",))) == "E-mail to staff: Digest of the day."
    why = "No e-mail address is known."
    assert told_words(Told("ready", why=why)) == f"No e-mail to the customer (ready to collect): {why}"


def test_the_hours_of_a_week_are_said_once_for_days_alike() -> None:
    nine, ten = ((540, 1080),), ((600, 840), (900, 960))
    week = (nine, nine, nine, nine, nine, ten, ())
    assert week_in_words(OpeningHours(week=week), "en_US") == (
        "Monday to Friday 9 am – 6 pm\nSaturday 10 am – 2 pm, 3 pm – 4 pm"
    )
    assert week_in_words(OpeningHours(week=((), nine, (), nine, nine, (), nine)), "de_DE") == (
        "Tuesday 9:00–18:00\nThursday to Friday 9:00–18:00\nSunday 9:00–18:00"
    )
    assert week_in_words(OpeningHours(), "en_US") == ""
