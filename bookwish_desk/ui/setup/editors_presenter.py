"""Runs what pages of the first start have besides fields: tax classes, logo, staff list and a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions.setting_up import NewPerson
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Role, pin_fault
from bookwish_desk.shop.tax import TaxClass
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.settings.extras_presenter import read_logo
from bookwish_desk.ui.settings.state import Done, Refusal
from bookwish_desk.ui.setup.steps import Answers
from bookwish_desk.ui.signin.presenter import ROLES

if TYPE_CHECKING:
    from bookwish_desk.ui.setup.presenter import SetupPresenter


class EditorsPresenter:
    """Puts what was edited among the answers at once: it is there when somebody comes back."""

    def __init__(self, setup: SetupPresenter) -> None:
        self._setup = setup

    @property
    def _answers(self) -> Answers:
        return self._setup.answers

    def change_classes(self, classes: tuple[TaxClass, ...]) -> None:
        """Take other tax classes."""
        tax = replace(self._answers.settings.tax, classes=classes)
        settings = replace(self._answers.settings, tax=tax)
        self._setup.answers = replace(self._answers, settings=settings, tax_touched=True)
        self._setup.show(classes=classes, tax_error="")

    def choose_logo(self, path: str) -> None:
        """Read a PNG and make it ready for receipts."""
        self._setup.lanes.work(
            lambda: read_logo(Path(path)),
            then=self._take_logo,
            failed=lambda error: self._setup.show(logo_error=error.message),
        )

    def remove_logo(self) -> None:
        """Print no logo."""
        self._take_logo(b"")

    def _take_logo(self, png: bytes) -> None:
        settings = replace(self._answers.settings, logo=png)
        self._setup.answers = replace(self._answers, settings=settings)
        self._setup.show(logo=png, logo_error="")

    def add_person(
        self, name: str, role: Role, pin: Secret, again: Secret, done: Done, refused: Refusal
    ) -> None:
        """Put somebody on the staff list."""
        kept = clean(name, 60)
        names = (clean(self._answers.owner, 60), *(p.name for p in self._answers.people))
        if not kept:
            refused("name", "Type a name.")
        elif kept.casefold() in {n.casefold() for n in names}:
            refused("name", f"There is already a {kept}. Add a letter or a second name.")
        elif fault := pin_fault(pin.reveal()):
            refused("pin", fault)
        elif pin != again:
            refused("again", "The two PINs differ. Type the same one twice.")
        else:
            self._list((*self._answers.people, NewPerson(kept, role, pin)))
            done()

    def remove_person(self, name: str) -> None:
        """Take somebody off the staff list again."""
        self._list(tuple(p for p in self._answers.people if p.name != name))

    def _list(self, people: tuple[NewPerson, ...]) -> None:
        self._setup.answers = replace(self._answers, people=people)
        self._setup.show(**editors_of(self._answers))

    def choose_stock(self, path: str) -> None:
        """Take a list to be imported when the shop is set up; an empty path takes it back."""
        fault = _fault(Path(path)) if path else ""
        if fault:
            self._setup.show(notice=fault, tone="error")
            return
        self._setup.answers = replace(self._answers, stock_csv=path)
        self._setup.show(stock=path, notice="")


def editors_of(answers: Answers) -> dict[str, object]:
    """Return what the editors show of the answers, as changes of the state."""
    return {
        "classes": answers.settings.tax.classes,
        "tax_error": "",
        "logo": answers.settings.logo,
        "logo_error": "",
        "people": tuple((p.name, ROLES[p.role]) for p in answers.people),
        "stock": answers.stock_csv,
    }


def _fault(path: Path) -> str:
    try:
        with path.open("rb"):
            return ""
    except OSError as fault:
        return f"The file cannot be read: {fault.strerror}."
