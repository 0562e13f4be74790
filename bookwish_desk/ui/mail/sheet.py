"""The small form that asks to which address something is to go; it commits by itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.ui.widgets import Field, Sheet

MOST = 254
"""The longest address there is (RFC 5321)."""


class AddressSheet(Sheet):
    """Asks for one e-mail address. `submit` gets it; call `sent` or `refused` when that has ended."""

    def __init__(self, parent: QWidget, title: str, text: str, proposed: str) -> None:
        super().__init__(parent, title, width=560)
        self.add_text(text)
        self.address = Field("E-mail address", proposed, "anna@example.com", limit=MOST)
        self.body.addWidget(self.address)
        self.submit: Callable[[str], None] = lambda _address: None
        self.add_button("Cancel")
        # No Enter: a scanner types it, and what is sent cannot be taken back.
        self.add_button("Send", "primary", self._submit, "email.send")
        self.focus_on(self.address.edit)

    def _submit(self) -> None:
        self.address.set_error("")
        self.show_notice("")
        self.set_busy(True)
        self.submit(self.address.text())

    def sent(self) -> None:
        """Close: it is in the outbox."""
        self.accept()

    def refused(self, error: ShopError) -> None:
        """Say what is wrong, beside the address where it is that."""
        self.set_busy(False)
        if error.facts.get("field") == "email":
            self.address.set_error(error.message)
            self.address.edit.setFocus()
        else:
            self.show_notice(error.message)
