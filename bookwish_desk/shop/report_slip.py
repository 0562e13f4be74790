"""X and Z reports as slips for the receipt printer: pure, in the same words as on the page and the screen."""

from __future__ import annotations

from bookwish_desk.shop.receipt import Letterhead, heading
from bookwish_desk.shop.slip import Element, Gap, Pair, Rule, Slip, Words
from bookwish_desk.shop.till import TillReport
from bookwish_desk.shop.till_words import Section, identity, sections, subtitle, title


def report_slip(report: TillReport, head: Letterhead, *, copy: bool = False) -> Slip:
    """Compose the slip of a report; `copy` marks one that was printed before."""
    out: list[Element] = [
        *heading(head),
        Gap(),
        Words(title(report), align="center", bold=True, large=True),
        Words(subtitle(report), align="center"),
        Gap(),
    ]
    out += [Pair(label, text) for label, text in identity(report)]
    for section in sections(report):
        out += [Rule(), Words(section.title, bold=True)]
        for row in section.rows:
            out += _row(section, row.cells, row.strong)
        if section.note:
            out.append(Words(section.note))
    if report.kind == "Z":
        out += [Gap(2), Words("Signature"), Gap(2), Rule()]
    return Slip(kind="report", ref=report.name, elements=tuple(out), copy=copy)


def _row(section: Section, cells: tuple[str, ...], strong: bool) -> list[Element]:
    """Set a row on narrow paper: label and figure on one line, what stands between them beneath."""
    label, between, figure = cells[0], cells[1:-1], cells[-1]
    out: list[Element] = [Pair(label, figure, bold=strong) if figure else Words(label, bold=strong)]
    facts = [
        f"{name.lower()} {cell}" if name and place not in section.texts else cell
        for place, (name, cell) in enumerate(zip(section.columns[1:-1], between, strict=True), 1)
        if cell
    ]
    if facts:
        out.append(Words("  " + ", ".join(facts)))
    return out
