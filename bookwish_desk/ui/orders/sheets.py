"""The small sheets of the order screen: other acts, what the customer hears, what passes unpaid, photos."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImageReader, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from bookwish_desk.ui.orders.detail_state import DetailView, Photo
from bookwish_desk.ui.widgets import Button, Field, Label, NoteField, Scroll, Sheet

_HOW = (
    ("usual", "As usual", "What the shop's settings say for the step"),
    ("silent", "Say nothing", "The step is kept, no e-mail goes out"),
    ("send", "Send, with these words", "An e-mail goes out, with what you write"),
)
_PHOTO = 620
_JPEG = b"\xff\xd8\xff"
_DANGER = ("cancel", "release", "abandon")


def acts_sheet(parent: QWidget, view: DetailView, then: Callable[[str], object]) -> Sheet:
    """Offer everything else that can be done with the order; what cannot be is named with its reason."""
    sheet = Sheet(parent, f"{view.number}: what else?", width=720)
    grid = QGridLayout()
    grid.setSpacing(8)

    def chosen(act: str) -> Callable[[], None]:
        def go() -> None:
            sheet.accept()
            then(act)

        return go

    possible = [o for o in view.offers if not o.why_not]
    for place, offer in enumerate(possible):
        button = Button(offer.words, kind="danger" if offer.act in _DANGER else "plain")
        button.clicked.connect(chosen(offer.act))
        grid.addWidget(button, place // 2, place % 2)
    sheet.body.addLayout(grid)
    blocked = [o for o in view.offers if o.why_not]
    if blocked:
        sheet.body.addWidget(Label("Not possible now", "strong"))
        scroll = Scroll(spacing=6)
        for offer in blocked:
            scroll.column.addWidget(Label(f"{offer.words}: {offer.why_not}", "small", "soft", wrap=True))
        scroll.column.addStretch(1)
        scroll.setMinimumHeight(min(44 * len(blocked), 240))
        sheet.body.addWidget(scroll, 1)
    sheet.add_button("Close")
    return sheet


def telling_sheet(parent: QWidget, how: str, comment: str, then: Callable[[str, str], object]) -> Sheet:
    """Ask what the customer hears of the next step (WSM-15, WSM-16)."""
    sheet = Sheet(parent, "What does the customer hear of the next step?", width=560)
    text = NoteField("Your words", comment, lines=4)
    buttons: dict[str, Button] = {}
    chosen = [how]

    def choose(which: str) -> None:
        chosen[0] = which
        for key, button in buttons.items():
            button.setChecked(key == which)
        text.setVisible(which == "send")

    for key, words, hint in _HOW:
        button = Button(words)
        button.setCheckable(True)
        button.clicked.connect(lambda _on=False, key=key: choose(key))
        buttons[key] = button
        sheet.body.addWidget(button)
        sheet.body.addWidget(Label(hint, "small", "soft"))
    sheet.body.addWidget(text)
    choose(how)

    def done() -> None:
        if chosen[0] == "send" and not text.text().strip():
            text.set_error("Write what the customer should know.")
            text.setFocus()
            return
        then(chosen[0], text.text())
        sheet.accept()

    sheet.add_button("Cancel")
    sheet.add_button("Keep it", "primary", done)
    return sheet


def unpaid_sheet(parent: QWidget, why: str, then: Callable[[str], object]) -> Sheet:
    """Say that an order is not paid, and let it pass with a reason: a manager is asked then."""
    sheet = Sheet(parent, "This order is not paid")
    sheet.add_text(why)
    sheet.add_text("A manager can let it pass. The reason is kept with the order.")
    reason = Field("Reason", limit=200)
    sheet.body.addWidget(reason)

    def done() -> None:
        if not reason.text().strip():
            reason.set_error("Say why it may pass.")
            reason.select()
            return
        sheet.accept()
        then(reason.text())

    sheet.add_button("Leave it", "plain")
    sheet.add_button("Let it pass", "danger", done)
    sheet.focus_on(reason.edit)
    return sheet


def photo_sheet(parent: QWidget, photos: tuple[Photo, ...]) -> Sheet:
    """Show the photos of an order with their notes."""
    sheet = Sheet(parent, "Photos", width=_PHOTO + 60)
    scroll = Scroll()
    for photo in photos:
        picture = _picture(photo.picture)
        if picture is None:
            scroll.column.addWidget(Label("This photo cannot be shown.", tone="soft"))
        else:
            shown = QLabel()
            shown.setTextFormat(Qt.TextFormat.PlainText)
            shown.setPixmap(picture)
            shown.setAccessibleName(f"Photo: {photo.note}" if photo.note else "Photo")
            row = QHBoxLayout()
            row.addWidget(shown)
            row.addStretch(1)
            scroll.column.addLayout(row)
        scroll.column.addWidget(Label(photo.note or "No note", tone="soft", wrap=True))
    scroll.column.addStretch(1)
    scroll.setMinimumHeight(460)
    sheet.body.addWidget(scroll, 1)
    sheet.add_button("Close")
    return sheet


def _picture(jpeg: bytes) -> QPixmap | None:
    """Return a photo no wider than the sheet, or None for what is none: it is never decoded at full size."""
    if not jpeg.startswith(_JPEG):
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(jpeg))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"jpeg"))
    size = reader.size()
    if not size.isValid():
        return None
    if size.width() > _PHOTO:
        reader.setScaledSize(QSize(_PHOTO, max(1, size.height() * _PHOTO // size.width())))
    image = reader.read()
    return None if image.isNull() else QPixmap.fromImage(image)
