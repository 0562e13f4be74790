"""Charts painted by hand: right heights, gaps, names that fit, odd numbers, and the same in sentences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.ui.theme import apply_theme, colours
from bookwish_desk.ui.widgets.charts import Chart, ChartView, Rank, RankView, Series

TICKS = ((0.0, "0"), (2.0, "2"), (4.0, "4"))
BARS = Chart(
    ("Mon", "Tue", "Wed", "Thu"),
    (Series("Orders", (1.0, 4.0, None, 2.0)),),
    TICKS,
    ("Mon: 1.", "Tue: 4.", "Wed: 0.", "Thu: 2."),
)
LINES = Chart(
    BARS.names,
    (Series("Median", (1.0, 2.0, None, 3.0), "line"), Series("9 of 10", (2.0, 4.0, None, 4.0), "dashed")),
    TICKS,
)


def painted(widget: QWidget, width: int = 320, height: int = 170) -> QImage:
    """Return a widget as it is painted in a size."""
    widget.resize(width, height)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colours().surface))
    widget.render(image)
    return image


def columns(image: QImage, ink: str) -> list[int]:
    """Return how many pixels of an ink there are in each column."""
    wanted = QColor(ink).rgb()
    return [sum(image.pixel(x, y) == wanted for y in range(image.height())) for x in range(image.width())]


def runs(counts: list[int], least: int) -> list[int]:
    """Return the greatest count of each run of columns that have more than a few pixels of an ink."""
    found: list[int] = []
    inside = False
    for count in counts:
        if count > least:
            found = [*found[:-1], max(found[-1], count)] if inside else [*found, count]
        inside = count > least
    return found


@pytest.fixture
def view(dressed: QApplication, qtbot: QtBot) -> ChartView:
    made = ChartView("Orders a day", "No order.")
    qtbot.addWidget(made)
    return made


def test_bars_are_as_high_as_their_numbers(view: ChartView) -> None:
    view.set_chart(BARS)
    one, four, two = runs(columns(painted(view, 400, 300), colours().control_border), 8)
    assert abs(four - 4 * one) <= 4
    assert abs(four - 2 * two) <= 3


def test_a_chart_says_what_it_shows(view: ChartView) -> None:
    assert view.accessibleName() == "Orders a day"
    view.set_chart(BARS)
    assert view.accessibleDescription() == "Mon: 1. Tue: 4. Wed: 0. Thu: 2."
    view.set_chart(Chart())
    assert view.accessibleDescription() == "No order."


def test_lines_differ_by_their_strokes_and_not_by_colour_alone(view: ChartView) -> None:
    """A solid line has ink in every column between its ends; a dashed one has gaps."""
    level = Chart(
        ("a", "b"),
        (Series("Flat", (1.0, 1.0), "line"), Series("Dashes", (3.0, 3.0), "dashed")),
        TICKS,
    )
    view.set_chart(level)
    image = painted(view, 400, 300)
    solid, dashed = (columns(image, ink)[160:300] for ink in (colours().ink, colours().focus))
    assert all(solid)
    assert any(dashed)
    assert not all(dashed)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_every_theme_has_its_own_inks(view: ChartView, dressed: QApplication, theme: str) -> None:
    apply_theme(dressed, theme)
    view.set_chart(LINES)
    image = painted(view)
    assert sum(columns(image, colours().ink)) > 20
    assert sum(columns(image, colours().focus)) > 20


NUMBERS = st.one_of(st.none(), st.floats(0, 1e9))


@settings(max_examples=30)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=40), st.integers(1, 500), st.integers(1, 300))
def test_whatever_the_numbers_and_the_room_it_is_painted(
    qapp: QApplication, values: list[tuple[float | None, float | None]], width: int, height: int
) -> None:
    view = ChartView("Orders", "No order.")
    most = max((v for pair in values for v in pair if v is not None), default=0)
    view.set_chart(
        Chart(
            tuple(f"Nov {n}" for n in range(len(values))),
            (Series("A", tuple(a for a, _ in values)), Series("B", tuple(b for _, b in values), "line")),
            ((0.0, "0"), (most, f"{most:g}")),
        )
    )
    painted(view, width, height)
    view.deleteLater()


def test_ranks_say_all_and_paint_what_has_room(dressed: QApplication, qtbot: QtBot) -> None:
    view = RankView("What went wrong", "Nothing went wrong.")
    qtbot.addWidget(view)
    view.set_ranks(tuple(Rank(f"Cause {n}", 9 - n, f"{9 - n} times") for n in range(9)))
    assert view.accessibleDescription().count("Cause") == 9
    image = painted(view, 300, 130)
    bars = [
        sum(image.pixel(x, y) == QColor(colours().control_border).rgb() for x in range(300))
        for y in range(130)
    ]
    widths = [w for before, w in zip([0, *bars], bars, strict=False) if w > 20 and before <= 20]
    assert len(widths) == 2  # a third place is taken by how many more there are
    assert abs(widths[1] - widths[0] * 8 / 9) < 4
    view.set_ranks(())
    assert view.accessibleDescription() == "Nothing went wrong."
    painted(view, 1, 1)
