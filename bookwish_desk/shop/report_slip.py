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
    """Set a row on narrow paper: label and figure on one line, named cells between them beneath."""
    between = list(enumerate(zip(section.columns, cells, strict=True)))[1:-1]
    label = " ".join([cells[0], *(cell for _, (name, cell) in between if cell and not name)])
    facts = [
        cell if place in section.texts else f"{name.lower()} {cell}"
        for place, (name, cell) in between
        if cell and name
    ]
    if not cells[-1] and len(facts) == 1:
        return [Pair(label, facts[0], bold=strong)]
    out: list[Element] = [Pair(label, cells[-1], bold=strong) if cells[-1] else Words(label, bold=strong)]
    if facts:
        out.append(Pair(", ".join(facts), "", indent=2))
    return out
