"""A form made from inputs: keeps what is typed until the presenter says otherwise, says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui.forms.inputs import YES, Input, Values
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    AmountField,
    Choice,
    CountField,
    Field,
    Label,
    NoteField,
    PasswordField,
    PinField,
    Toggle,
)

Control = Field | NoteField | Choice | CountField | Toggle


class FormView(QWidget):
    """The fields of a form, one under the other or in halves.

    `changed` when a person changes anything, `entered` on Enter in a field of one line.
    """

    changed = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SIZES.gap)
        self._inputs: tuple[Input, ...] = ()
        self._controls: dict[str, Control] = {}

    def show_inputs(self, inputs: tuple[Input, ...], *, fresh: bool = False) -> None:
        """Show these questions. What a person typed stays where neither question nor value is new.

        With `fresh` every value is put in again.
        """
        before = {i.key: i for i in self._inputs}
        focused, area = "", _scrolled(self)
        place = area.verticalScrollBar().value() if area else 0
        if [i.shape for i in inputs] != [i.shape for i in self._inputs]:
            focused = next((k for k, c in self._controls.items() if c.isAncestorOf(self.focusWidget())), "")
            if focused:
                # Else the focus goes on to the last field while the form is made anew, and the form with it.
                self.focusWidget().clearFocus()
            self._build(inputs)
            before = {}
        self._inputs = inputs
        for one in inputs:
            old = before.get(one.key)
            if fresh or old is None or (old.value, old.secret) != (one.value, one.secret):
                _put(self._controls[one.key], one)
            _set_error(self._controls[one.key], one.error)
        if focused in self._controls:
            control = self._controls[focused]
            control.setFocus()
            # Only once there is room for all of it again.
            QTimer.singleShot(0, control, partial(_bring_back, control, place))

    def values(self) -> Values:
        """Return what stands in the fields."""
        texts: dict[str, str] = {}
        pins: dict[str, Secret] = {}
        for key, control in self._controls.items():
            if isinstance(control, PinField | PasswordField):
                pins[key] = Secret(control.text())
            else:
                texts[key] = _text_of(control)
        return Values(texts, pins)

    def control(self, key: str) -> Control:
        """Return the control of one question; KeyError when it is not asked."""
        return self._controls[key]

    def focus_first(self) -> bool:
        """Go to the first field that is wrong, else to the first; False where there is none."""
        wrong = [i.key for i in self._inputs if i.error]
        for key in (*wrong, *self._controls):
            control = self._controls[key]
            if isinstance(control, Field | CountField):
                control.select()
            else:
                control.setFocus()
            # Only once there is room for what is wrong beneath it.
            QTimer.singleShot(0, control, partial(_bring_into_view, control))
            return True
        return False

    def _build(self, inputs: tuple[Input, ...]) -> None:
        old = self._boxes()
        while self._column.takeAt(0) is not None:
            pass
        for child in old:
            child.hide()
            child.deleteLater()
        self._controls = {}
        row: QHBoxLayout | None = None
        for one in inputs:
            control = self._made(one)
            self._controls[one.key] = control
            if not one.half:
                row = None
                self._column.addWidget(control)
                if one.kind == "toggle" and one.hint:
                    self._column.addWidget(Label(one.hint, "small", "soft", wrap=True))
                continue
            if row is None:
                box = QWidget()
                row = QHBoxLayout(box)
                row.setContentsMargins(0, 0, 0, 0)
                row.setSpacing(SIZES.gap)
                self._column.addWidget(box)
                row.addWidget(_top(control), 1)
                row.addStretch(1)
            else:
                row.takeAt(1)
                row.addWidget(_top(control), 1)
                row = None
        for made in self._boxes():
            # Made while the form is on the screen, a widget would appear only a moment later.
            if made not in old:
                made.show()

    def _boxes(self) -> list[QWidget]:
        return [child for child in self.children() if isinstance(child, QWidget)]

    def _made(self, one: Input) -> Control:
        control = _MAKERS[one.kind](one)
        if isinstance(control, Toggle):
            control.clicked.connect(self.changed)
        elif isinstance(control, Choice):
            control.picked.connect(lambda _id: self.changed.emit())
        elif isinstance(control, Field):
            control.changed.connect(lambda _text: self.changed.emit())
            control.entered.connect(self.entered)
        else:
            control.changed.connect(self.changed)
            if isinstance(control, CountField):
                control.entered.connect(self.entered)
        return control


def _top(control: QWidget) -> QWidget:
    """Keep a field at the top of its half, also when a sentence beneath its neighbour makes that higher.

    The field itself may get higher: in half the width a sentence takes more lines than one guesses.
    """
    control.setSizePolicy(control.sizePolicy().horizontalPolicy(), QSizePolicy.Policy.Minimum)
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(control)
    column.addStretch(1)
    return box


_MAKERS: dict[str, Callable[[Input], Control]] = {
    "text": lambda i: Field(i.label, hint=i.hint, limit=i.limit),
    "lines": lambda i: NoteField(i.label, hint=i.hint, lines=i.lines, limit=i.limit),
    "choice": lambda i: Choice(i.label, i.options, hint=i.hint),
    "toggle": lambda i: Toggle(i.label),
    "count": lambda i: CountField(i.label, None, least=i.least, most=i.most, hint=i.hint),
    "amount": lambda i: AmountField(i.label, hint=i.hint),
    "pin": lambda i: PinField(i.label, hint=i.hint),
    "password": lambda i: PasswordField(i.label, hint=i.hint),
}


def _bring_into_view(control: QWidget) -> None:
    """Scroll, where the form can be scrolled, until a field is seen with what is said of it."""
    if area := _scrolled(control):
        area.ensureWidgetVisible(control, 0, SIZES.gap)


def _bring_back(control: QWidget, place: int) -> None:
    """Scroll to where the form was, and from there until a field is seen."""
    if area := _scrolled(control):
        area.verticalScrollBar().setValue(place)
        area.ensureWidgetVisible(control, 0, SIZES.gap)


def _scrolled(widget: QWidget) -> QScrollArea | None:
    """Return what scrolls a widget, None where nothing does."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    return above


def _put(control: Control, one: Input) -> None:
    if isinstance(control, Toggle):
        control.setChecked(one.value == YES)
    elif isinstance(control, Choice):
        control.choose(one.value)
    elif isinstance(control, CountField):
        control.set_value(int(one.value) if one.value.isdigit() else None)
    elif isinstance(control, PinField | PasswordField):
        control.set_text(one.secret.reveal())
    else:
        control.set_text(one.value)


def _text_of(control: Control) -> str:
    if isinstance(control, Toggle):
        return YES if control.isChecked() else ""
    if isinstance(control, Choice):
        return control.chosen()
    if isinstance(control, CountField):
        value = control.value()
        return "" if value is None else str(value)
    return control.text()


def _set_error(control: Control, sentence: str) -> None:
    if not isinstance(control, Toggle):
        control.set_error(sentence)
