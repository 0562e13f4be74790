"""The test page of a document printer: one page, in the paper's size, with its letters and its ruler."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from bookwish_desk.paper.device_page import device_page


@pytest.mark.parametrize(("paper", "size"), [("letter", (612.0, 792.0)), ("a4", (595.28, 841.89))])
def test_it_is_one_page_of_the_paper_in_the_tray(paper, size) -> None:
    pdf = PdfReader(BytesIO(device_page("Harbour Lane Books", "Office", paper=paper)))
    (page,) = pdf.pages
    assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(size, abs=0.01)
    text = page.extract_text()
    for words in ("Harbour Lane Books", "Printer test", "Office", "Łódź", "東京", "100 mm long"):
        assert words in text, words


def test_names_from_outside_are_words_and_nothing_else() -> None:
    wild = "A\x1b@ <b>B</b> " + "W" * 300
    pdf = PdfReader(BytesIO(device_page(wild, wild, paper="letter")))
    (page,) = pdf.pages
    text = page.extract_text()
    assert "\x1b" not in text
    assert "<b>B</b>" in text


def test_the_same_page_has_the_same_bytes() -> None:
    assert device_page("S", "P", paper="a4") == device_page("S", "P", paper="a4")
