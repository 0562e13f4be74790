"""Words about devices: every condition of every kind has its sentence, and what to try next."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from bookwish_desk.shop.device import GOOD, PURPOSES, ROLES, Condition
from bookwish_desk.shop.device_symptoms import symptoms
from bookwish_desk.shop.device_words import BADGES, chip, sentence, steps
from bookwish_desk.shop.found import roles_at

CONDITIONS: tuple[Condition, ...] = get_args(Condition)
SCHEMES = ("tcp", "usb", "hid", "serial", "queue", "screen", "printer", "sim")
WAYS = [(role, scheme) for scheme in SCHEMES for role in roles_at(scheme)]


def is_prose(text: str) -> bool:
    """Say whether a text is whole sentences, with nothing left to fill in."""
    return text[0].isupper() and text[-1] in ".?!" and "{" not in text and "  " not in text


def test_paper_out_says_what_to_do_and_what_happens_then() -> None:
    said = sentence("receipt_printer", "paper_out")
    assert said == "Paper out. Put in a new roll; the receipt goes on by itself."
    assert (
        sentence("label_printer", "paper_out")
        == "Labels out. Put in a new roll; the label goes on by itself."
    )


def test_a_sentence_can_begin_with_the_name_of_the_device() -> None:
    assert sentence("scanner", "ready", "Counter scanner") == "Counter scanner: the scanner is ready."


@pytest.mark.parametrize(("role", "condition"), list(product(ROLES, CONDITIONS)))
def test_every_condition_of_every_kind_is_said_in_whole_sentences(role, condition) -> None:
    said = sentence(role, condition)
    assert is_prose(said)
    assert len(said) <= 110
    assert sentence(role, condition, "Näme").startswith("Näme: ")


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_has_a_mark_and_a_word_that_tells_it_from_others(condition) -> None:
    light, words = chip(condition)
    assert len(words) <= 16
    assert [c for c in CONDITIONS if chip(c)[1] == words] == [condition]
    assert (light == "error") <= (condition not in GOOD), "what can be printed on is not wrong"
    assert (condition in ("ready", "busy")) == (light == "ok")


def test_a_device_that_was_not_heard_of_is_neither_well_nor_wrong() -> None:
    assert chip(None) == ("off", "Not asked yet")


@pytest.mark.parametrize(("role", "scheme"), WAYS)
def test_whatever_is_wrong_there_is_something_to_try(role, scheme) -> None:
    for condition in CONDITIONS:
        tried = steps(role, condition, scheme, "Place X")
        if condition not in GOOD:
            assert tried, condition
        assert all(map(is_prose, tried)), condition
        assert len(set(tried)) == len(tried)
    assert steps(role, "ready", scheme) == ()


def test_steps_fit_the_way_in_which_the_device_is_connected() -> None:
    by_cable = steps("receipt_printer", "unplugged", "usb")
    assert any("another socket" in step for step in by_cable)
    by_network = steps("receipt_printer", "unreachable", "tcp", "192.168.1.50")
    assert any("192.168.1.50" in step for step in by_network)
    by_serial = steps("receipt_printer", "unreachable", "serial")
    assert not any("network" in step for step in by_serial)
    assert any("Speed" in step for step in by_serial)
    assert "system printer Zebra" in " ".join(
        steps("label_printer", "paused", "queue", "system printer Zebra")
    )


@pytest.mark.parametrize("role", ROLES)
def test_what_a_device_does_not_know_of_is_helped_with_too(role) -> None:
    known = symptoms(role)
    assert known
    assert len({s.words for s in known}) == len(known)
    for symptom in known:
        assert symptom.words[0].isupper() and symptom.words[-1].isalpha()
        assert symptom.steps and all(map(is_prose, symptom.steps))


def test_every_purpose_has_a_badge() -> None:
    assert list(BADGES) == list(PURPOSES)


def test_every_kind_of_device_can_be_somewhere() -> None:
    assert {role for role, _ in WAYS} == set(ROLES)
    assert roles_at("smoke") == ()
