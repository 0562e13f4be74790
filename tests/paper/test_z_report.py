"""The Z report as PDF: what it says, on which paper, in which letters, and that it is written whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from bookwish_desk.paper.lettering import Lettering
from bookwish_desk.paper.z_report import write_z_report
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.till import TillEntry, TillReport
from tests.support.reports import MINUTE, x_report, z_report
from tests.support.shops import NOON

pytestmark = pytest.mark.capability("BW+05")


def written(report: TillReport, folder: Path, *, copy: bool = False) -> PdfReader:
    return PdfReader(write_z_report(report, folder / "reports" / f"{report.name}.pdf", copy=copy))


def text_of(pdf: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in pdf.pages)


def test_a_z_report_reads_back(tmp_path: Path) -> None:
    pdf = written(z_report(), tmp_path)
    text = text_of(pdf)
    for words in (
        "Harbour Lane Books",
        "12 Harbour Lane",
        "Z report 12",
        "Monday, September 21, 2026",
        "$57.44",
        "$148.95",
        "$148.20",
        "-$0.75",
        "The drawer is $0.75 short.",
        "State 6.25%",
        "Paid out: Stamps",
        "Maya Rodríguez 東京",
        "H1-000007 for Ann",
        "Receipt R1-000003 may have been printed",
        "$1,234,567.89",
        "01234567 89abcdef",
        "Page 1 of",
    ):
        assert words in text, words
    assert "COPY" not in text
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Z report 12, 2026-09-21"


def test_an_x_report_has_no_count_and_no_signature(tmp_path: Path) -> None:
    text = text_of(written(x_report(), tmp_path))
    assert "X report" in text
    assert "Should be in the drawer" in text
    for words in ("Counted", "Running total", "short"):
        assert words not in text


def test_a_copy_says_so(tmp_path: Path) -> None:
    assert text_of(written(z_report(), tmp_path, copy=True)).count("COPY") == 3  # head and both feet


@pytest.mark.parametrize(
    ("currency", "size"), [("USD", (612, 792)), ("CAD", (612, 792)), ("EUR", (595, 842)), ("JPY", (595, 842))]
)
def test_paper_is_what_the_country_uses(tmp_path: Path, currency: str, size: tuple[int, int]) -> None:
    box = written(z_report(currency=currency), tmp_path).pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


def test_yen_are_written_without_decimals(tmp_path: Path) -> None:
    text = text_of(written(z_report(currency="JPY", locale="ja_JP", zone="Asia/Tokyo"), tmp_path))
    assert "14,895" in text
    assert "148.95" not in text
    assert "2026年9月21日" in text


def test_all_fonts_are_embedded(tmp_path: Path) -> None:
    pdf = written(z_report(), tmp_path)
    fonts: list[Any] = []
    for page in pdf.pages:
        resources: Any = page["/Resources"]
        fonts += [font.get_object() for font in resources["/Font"].values()]
    used = [f for f in fonts if "Helvetica" not in f["/BaseFont"]]
    assert len({f["/BaseFont"] for f in used}) == 4
    assert all("/FontFile2" in f["/FontDescriptor"].get_object() for f in used)


def test_what_a_person_typed_is_shown_as_it_is(tmp_path: Path) -> None:
    nasty = TillEntry("paid_out", -1, NOON, "<i>Bob</i>", "<b>x</b> & \x1b@\x00 <font size=90> \u202egone")
    report = z_report(entries=(nasty,), shop="</para><b>Books</b>", address="&nbsp;<br/>\x07")
    text = text_of(written(report, tmp_path))
    assert "<b>x</b> & @ <font size=90> gone" in text
    assert "<i>Bob</i>" in text
    assert "</para><b>Books</b>" in text
    assert "&nbsp;<br/>" in text
    assert not {"\x1b", "\x00", "\u202e", "\x07"} & set(text)


def test_a_glyph_no_font_has_becomes_a_question_mark(tmp_path: Path) -> None:
    entry = TillEntry("paid_in", 1, NOON, "Łódź Ærø", "stickers \U0001f4da and Ελληνικά")
    text = text_of(written(z_report(entries=(entry,)), tmp_path))
    assert "Łódź Ærø" in text
    assert "stickers ? and Ελληνικά" in text


def test_a_long_day_runs_over_pages_and_loses_no_row(tmp_path: Path) -> None:
    entries = tuple(
        TillEntry("paid_in", n, NOON + n * MINUTE, "Olive Owner", f"Reason {n} {'and more ' * (n % 20)}end")
        for n in range(150)
    )
    pdf = written(z_report(entries=entries), tmp_path)
    assert len(pdf.pages) > 4
    text = " ".join(text_of(pdf).split())
    assert [n for n in range(150) if f"Reason {n} " not in text] == []
    assert text.count("Drawer movements, continued") >= 2
    assert f"Page {len(pdf.pages)} of {len(pdf.pages)}" in text


@pytest.mark.parametrize("word", ["W" * 400, "東" * 300, "<" * 300])
def test_a_word_that_does_not_fit_is_parted_inside_the_page(word: str) -> None:
    letters = Lettering()
    lines = letters.wrap(f"short {word}", 9, 200)
    assert "".join(lines).replace(" ", "") == f"short{word}"[: len("".join(lines).replace(" ", ""))]
    assert len(lines) > 2
    assert all(letters.width(line, 9) <= 200 for line in lines)


def test_nothing_runs_off_the_page(tmp_path: Path) -> None:
    wide = "W" * 80
    staff = replace(z_report().takings.staff[0], name=wide)
    report = z_report(
        entries=(TillEntry("paid_out", -99_999_999, NOON, wide, wide),),
        shop=wide,
        address=wide,
        register_name=wide,
        made_by=wide,
        takings=replace(z_report().takings, staff=(staff,)),
    )
    letters = Lettering()
    lefts: list[float] = []
    rights: list[float] = []

    def visit(text: str, _cm: object, matrix: list[float], _font: object, size: float) -> None:
        if words := text.strip():
            lefts.append(matrix[4])
            rights.append(matrix[4] + letters.width(words, size))

    pdf = written(report, tmp_path)
    for page in pdf.pages:
        page.extract_text(visitor_text=visit)
    assert len(lefts) > 50
    assert min(lefts) >= 47
    assert max(rights) <= 612 - 40


def test_it_is_written_whole_private_and_the_same_each_time(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "Z-1-12.pdf"
    write_z_report(z_report(), path)
    first = path.read_bytes()
    write_z_report(z_report(), path)
    assert path.read_bytes() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["Z-1-12.pdf"]


def test_a_disk_that_refuses_is_told_in_words_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "Z-1-12.pdf"
    write_z_report(z_report(), path)
    before = path.read_bytes()

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError) as refused:
        write_z_report(z_report(z_number=13), path)
    assert "books" in refused.value.message
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["Z-1-12.pdf"]


def test_reportlab_is_not_imported_with_the_module() -> None:
    code = "import sys, bookwish_desk.paper.z_report; sys.exit('reportlab' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root).returncode == 0
