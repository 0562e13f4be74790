"""What scanners send becomes the text of a scan: whole, cut off, in pieces, or rubbish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.hardware.scanning.scan_reports import (
    LONGEST,
    Joining,
    Line,
    ScanPart,
    read_report,
    text_of,
)

CODE = b"9780306406157"


def report(data: bytes, aim: bytes = b"]E0", more: bool = False) -> bytes:
    """Return an input report as scanners send it."""
    return bytes([2, len(data)]) + aim + data.ljust(56, b"\0") + b"\0\0" + bytes([more])


# ---- HID-POS ----


def test_a_report_has_its_aim_identifier_and_its_data() -> None:
    assert read_report(report(CODE)) == ScanPart("]E0", CODE, False)
    assert read_report(report(b"X" * 56, b"]Q1", more=True)) == ScanPart("]Q1", b"X" * 56, True)
    assert read_report(report(CODE, b"\0\0\0")) == ScanPart("", CODE, False)
    assert read_report(report(CODE, b"E0]")) == ScanPart("", CODE, False)
    assert read_report(report(CODE)[:-1] + b"\xfe") == ScanPart("]E0", CODE, False)


@pytest.mark.parametrize("size", [0, 1, 4, 5, 17])
def test_a_report_that_is_cut_off_is_none(size: int) -> None:
    assert read_report(report(CODE)[:size]) is None


def test_a_report_that_is_shorter_than_the_most_may_be_whole() -> None:
    assert read_report(report(CODE)[:18]) == ScanPart("]E0", CODE, False)


@pytest.mark.parametrize("rubbish", [b"\0" * 64, b"\3" + report(CODE)[1:], bytes([2, 57]) + report(CODE)[2:]])
def test_rubbish_is_none(rubbish: bytes) -> None:
    assert read_report(rubbish) is None


@given(st.binary(max_size=80))
def test_any_report_is_read_or_refused(data: bytes) -> None:
    part = read_report(data)
    assert part is None or (len(part.data) <= 56 and part.aim in ("", data[2:5].decode("ascii", "ignore")))


def test_parts_are_joined() -> None:
    joining = Joining()
    link = b"https://example.org/01/09780306406157?" + b"a" * 70
    assert joining.add(report(link[:56], b"]Q1", more=True)) is None
    assert joining.waiting
    assert joining.add(report(link[56:], b"]Q1")) == "]Q1" + link.decode()
    assert not joining.waiting
    assert joining.add(report(CODE)) == "]E0" + CODE.decode()


def test_a_broken_part_takes_its_scan_with_it() -> None:
    joining = Joining()
    assert joining.add(report(b"978", more=True)) is None
    assert joining.add(b"\2\x70") is None
    assert joining.add(report(CODE)) == "]E0" + CODE.decode()


def test_a_report_of_another_number_breaks_nothing() -> None:
    joining = Joining()
    assert joining.add(report(b"978", more=True)) is None
    assert joining.add(b"\7\1\1") is None
    assert joining.add(b"") is None
    assert joining.add(report(b"0306406157")) == "]E09780306406157"


def test_an_empty_scan_is_none_and_an_endless_one_is_cut() -> None:
    joining = Joining()
    assert joining.add(report(b"")) is None
    assert joining.add(report(b"\r\n")) is None
    for _ in range(1_000):
        assert joining.add(report(b"7" * 56, more=True)) is None
    assert joining.add(report(b"7")) == "]E0" + "7" * LONGEST


# ---- serial ----


def test_an_end_is_cr_or_lf_or_both() -> None:
    line = Line()
    assert line.add(b"978\r") == ["978"]
    assert line.add(b"\n979\r\n") == ["979"]
    assert line.add(b"]E01\n\n]E02\r\r") == ["]E01", "]E02"]
    assert line.add(b"97803064") == []
    assert line.waiting
    assert line.add(b"06157") == []
    assert line.end() == "9780306406157"
    assert not line.waiting
    assert line.end() == ""


def test_an_endless_line_is_cut() -> None:
    line = Line()
    for _ in range(1_000):
        assert line.add(b"7" * 100) == []
    assert line.add(b"\n") == ["7" * LONGEST]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x02]E09780306406157\x03", "]E09780306406157"),
        (b"\0\0978\0", "978"),
        (b"\x1b@978", "@978"),
        (b"]C10109780306406157\x1d21A", "]C10109780306406157\x1d21A"),
        ("Łódź".encode(), "Łódź"),
        (b"caf\xe9", "caf\xe9"),
        (b" 978 \t", "978"),
        ("978\u202e\u200b".encode(), "978"),
    ],
)
def test_garbage_goes_and_what_means_something_stays(data: bytes, text: str) -> None:
    assert text_of(data) == text


@given(st.binary(max_size=2_000))
def test_any_bytes_give_text_that_can_be_shown(data: bytes) -> None:
    text = text_of(data)
    assert len(text) <= LONGEST
    assert all(c.isprintable() or c == "\x1d" for c in text)
