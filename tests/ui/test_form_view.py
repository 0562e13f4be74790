"""A form made from inputs: what is said of a field can be read, whatever its width."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.ui.forms import FormView
from bookwish_desk.ui.forms.inputs import Input

LONG = (
    "The mail server does not accept the user name and the password. Check both in the settings. It said no."
)


def test_a_long_sentence_under_half_a_row_is_shown_whole(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    form = FormView()
    column = QVBoxLayout(page)
    column.addWidget(form)
    column.addStretch(1)
    page.resize(500, 500)
    inputs = (Input("user", "User", half=True), Input("password", "Password", "password", half=True))
    form.show_inputs(inputs)
    page.show()
    qtbot.waitExposed(page)
    form.show_inputs(tuple(replace(i, error=LONG) for i in inputs if i.key == "user") + inputs[1:])
    user, password = form.control("user"), form.control("password")
    qtbot.waitUntil(lambda: user.height() >= user.heightForWidth(user.width()))
    assert user.y() == password.y() == 0
