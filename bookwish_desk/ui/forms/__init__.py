"""Forms that several screens share: described by values, built from `ui.widgets`, with no business in them.

A presenter says what is asked as a tuple of `Input`; `FormView` builds it, keeps what a person types and
hands it out as text. `PinEntry` takes a PIN, `TaxClasses` edits tax classes, `Paper` shows a recovery
code or key that somebody must write down.
"""

from bookwish_desk.ui.forms.form import FormView
from bookwish_desk.ui.forms.inputs import Input, Values
from bookwish_desk.ui.forms.paper import Paper
from bookwish_desk.ui.forms.pin_entry import PinEntry
from bookwish_desk.ui.forms.tax_classes import TaxClasses

__all__ = ["FormView", "Input", "Paper", "PinEntry", "TaxClasses", "Values"]
