"""The theme dresses the application: its own font with tabular figures, three themes, one short sheet."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QFontInfo, QFontMetrics, QPalette, QRawFont
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from bookwish_desk.resource import resource_path
from bookwish_desk.ui.theme import FONT_FILES, apply_theme, colours, font, style_sheet, theme_name
from bookwish_desk.ui.tokens import THEMES, TYPE


@pytest.mark.parametrize("bold", [False, True])
def test_the_bundled_font_has_tabular_figures(dressed: QApplication, bold: bool) -> None:
    shown = font(20, bold)
    assert QFontInfo(shown).family() == "IBM Plex Sans"
    assert QFontInfo(shown).styleName() == ("SemiBold" if bold else "Regular")
    metrics = QFontMetrics(shown)
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


def font_of(family: str) -> QFont:
    made = QFont()
    made.setFamilies([family])
    return made


def test_titles_of_the_world_have_glyphs(dressed: QApplication) -> None:
    own, fallback = (QRawFont.fromFont(font_of(family)) for family in TYPE.families)
    for character in "Łódź Ærø Øresund ß ğ ő ș č € £ − × …".replace(" ", ""):
        assert own.supportsCharacter(ord(character)), character
    for character in "東京村上春樹中文简体繁體カタカナひらがな한국어":
        assert fallback.supportsCharacter(ord(character)), character


def test_fonts_and_licences_are_there() -> None:
    for file in (*FONT_FILES, "IBMPlexSans-LICENSE.txt", "WenQuanYiMicroHei-LICENSE.txt"):
        assert resource_path("fonts", file).is_file()


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_dresses_everything(dressed: QApplication, qtbot: QtBot, name: str) -> None:
    apply_theme(dressed, name)
    table = THEMES[name]
    label, edit = QLabel("x"), QLineEdit()
    for widget in (label, edit):
        qtbot.addWidget(widget)
    assert theme_name() == name
    assert colours() == table
    assert dressed.palette().color(QPalette.ColorRole.Window).name() == table.paper
    label.ensurePolished()
    edit.ensurePolished()
    assert label.palette().color(label.foregroundRole()).name() == table.ink
    assert edit.palette().color(QPalette.ColorRole.Text).name() == table.ink
    assert edit.palette().color(QPalette.ColorRole.PlaceholderText).name() == table.ink_soft


def test_the_system_theme_is_one_of_ours(dressed: QApplication) -> None:
    apply_theme(dressed, "system")
    assert theme_name() in THEMES


def test_an_unknown_theme_is_an_error(dressed: QApplication) -> None:
    with pytest.raises(ValueError, match="sepia"):
        apply_theme(dressed, "sepia")


def test_the_style_sheet_is_short_and_of_tokens_only() -> None:
    sheet = style_sheet(THEMES["dark"])
    assert len(sheet.splitlines()) < 80
    colours_used = {
        word for word in sheet.replace(";", " ").replace("}", " ").split() if word.startswith("#")
    }
    assert colours_used <= set(THEMES["dark"])
