"""Calm movement of one number: started, followed, and stopped when nobody can see it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QVariantAnimation
from PySide6.QtWidgets import QStyle, QWidget


class Glide(QObject):
    """Moves a number for `widget` and calls `moved` at each step.

    Where the computer asks for no animations, or while the widget is hidden, it jumps to the end.
    """

    def __init__(self, widget: QWidget, moved: Callable[[], object], at: float = 0.0) -> None:
        super().__init__(widget)
        self._widget = widget
        self._moved = moved
        self._at = at
        self._animation = QVariantAnimation(self)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._step)
        widget.installEventFilter(self)

    @property
    def at(self) -> float:
        """Return where the number is now."""
        return self._at

    def is_moving(self) -> bool:
        """Say whether it is on its way."""
        return self._animation.state() == QVariantAnimation.State.Running

    def go(self, to: float, ms: int, start: float | None = None) -> None:
        """Move to `to` within `ms` milliseconds, from `start` or from where it is now."""
        self._animation.stop()
        if not self._widget.isVisible() or not animates(self._widget):
            self._step(to)
            return
        self._animation.setStartValue(float(self._at if start is None else start))
        self._animation.setEndValue(float(to))
        self._animation.setDuration(ms)
        self._animation.start()

    def finish(self) -> None:
        """Be at the end at once."""
        if self.is_moving():
            self._animation.stop()
            self._step(self._animation.endValue())

    def _step(self, value: float) -> None:
        self._at = float(value)
        self._moved()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide:
            self.finish()
        return False


def animates(widget: QWidget) -> bool:
    """Say whether this computer wants things to move: no when its animations are switched off."""
    return widget.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, widget) > 0
