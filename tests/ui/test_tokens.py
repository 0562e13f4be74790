"""The token table keeps its promises: contrast and target sizes in every theme."""

import pytest

from bookwish_desk.ui.tokens import SIZES, THEMES, Colours, contrast

GROUNDS = ("paper", "surface", "raised", "pressed", "selection")


def test_contrast_is_the_published_measure() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", ["ink", "ink_soft", "warn", "danger", "ok"])
def test_text_reaches_four_and_a_half(theme: str, ground: str, text: str) -> None:
    colours = THEMES[theme]
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("pay_ink", "pay"),
        ("pay_ink", "pay_raised"),
        ("primary_ink", "primary"),
        ("primary_ink", "primary_raised"),
        ("warn", "warn_fill"),
        ("danger", "danger_fill"),
        ("ok", "ok_fill"),
        ("ink", "warn_fill"),
        ("ink", "danger_fill"),
        ("ink", "ok_fill"),
    ],
)
def test_text_on_fills_reaches_four_and_a_half(theme: str, text: str, ground: str) -> None:
    colours = THEMES[theme]
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("edge", ["control_border", "focus"])
def test_borders_and_focus_reach_three(theme: str, ground: str, edge: str) -> None:
    colours = THEMES[theme]
    assert contrast(getattr(colours, edge), getattr(colours, ground)) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_solid_buttons_stand_out_from_their_ground(theme: str) -> None:
    colours = THEMES[theme]
    for fill in ("pay", "primary"):
        for ground in ("paper", "surface"):
            assert contrast(getattr(colours, fill), getattr(colours, ground)) >= 3


def test_every_colour_is_plain_rgb() -> None:
    for colours in THEMES.values():
        for name in Colours._fields:
            value = getattr(colours, name)
            assert len(value) == 7
            assert value.startswith("#")
            int(value[1:], 16)


def test_targets_are_generous() -> None:
    assert SIZES.target >= 48
    assert SIZES.tile >= 72
    assert SIZES.pay >= 72
    assert SIZES.row >= 48
