"""What every guided step has in common: it keeps what is typed, says what will happen, and is taken once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Self, TypeVar

from msgspec.structs import replace

from bookwish_desk.actions import telling_facts
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import NeedsApproval, Refused, ShopError
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms.inputs import YES, Input, Values, filled
from bookwish_desk.ui.order_steps.state import Asked, Mail, Saying, StepState
from bookwish_desk.ui.order_steps.words import left_to_do

if TYPE_CHECKING:
    from bookwish_desk.ui.order_steps.finding import TitleSearch
    from bookwish_desk.ui.station import Station

T = TypeVar("T")

OTHER = "other"
TELL = "tell"
COMMENT = "comment"
USUAL = Telling()
_HOWS = (("usual", "Tell as usual"), ("silent", "Say nothing"), ("send", "Send, with these words"))
FINISH = "Finish this first, then scan again."


class Wrong(Exception):
    """What was typed in one field is not right."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key, self.sentence = key, sentence


class Asking:
    """A form that asks until it is done with. `render` gets each state.

    Texts are kept by the keys of the inputs, also of those not asked just now: nothing typed is lost.
    """

    state: Any

    def __init__(self, station: Station) -> None:
        self.station = station
        self.texts: dict[str, str] = {}
        self.render: Callable[[Any], None] = lambda _state: None
        self._errors: dict[str, str] = {}
        self._open = False

    def ask(self) -> Asked:
        """Return what is asked now."""
        raise NotImplementedError

    @property
    def at(self) -> int:
        """Return the moment, ms UTC."""
        return self.station.lanes.store.clock()

    @property
    def show_money(self) -> Callable[[int], str]:
        """Return how the shop writes amounts."""
        return self.station.settings.money.show

    def show(self, **changes: object) -> None:
        """Show the state with these changes, asked anew."""
        asked = self.ask()
        asked = replace(asked, inputs=filled(asked.inputs, Values(self.texts), self._errors))
        self.state = replace(self.state, asked=asked, **changes)
        self.render(self.state)

    def changed(self, values: Values) -> None:
        """Take what is typed; a card number is refused at once."""
        self.texts.update(values.texts)
        self._errors = {}
        for key, text in values.texts.items():
            try:
                self.check_text(key, text)
            except Refused as refused:
                self._errors[key] = refused.message
        self.show(notice="")

    def check_text(self, _key: str, text: str) -> None:
        """Raise Refused for a card number in a field."""
        plain(text)

    def look_for(self, search: TitleSearch, words: str) -> None:
        """Look for a title as it is typed; a card number is taken away."""
        try:
            plain(words)
        except Refused as refused:
            search.clear()
            self.show(notice=refused.message, tone="error")
        else:
            search.typed(words)

    def freed(self, wanted: Callable[[Store, Actor], Outcome[T]]) -> Callable[[Store, Actor], Outcome[T]]:
        """Return the action so that the sheet can be used again where a manager does not approve it."""

        def act(store: Store, actor: Actor) -> Outcome[T]:
            try:
                return wanted(store, actor)
            except NeedsApproval:
                self.station.lanes.home(lambda: self.show(busy=False))
                raise

        return act

    def refuse(self, key: str, sentence: str) -> None:
        """Say what is wrong, beside its field where there is one."""
        if not self._open:
            self.station.say(sentence, "error")
            return
        shown = any(i.key == key and i.kind != "toggle" for i in self.state.asked.inputs)
        self._errors = {key: sentence} if shown else {}
        self.show(
            busy=False, notice="" if shown else sentence, tone="error", wrong=self.state.wrong + int(shown)
        )

    # Reading what is typed

    def text(self, key: str, default: str = "") -> str:
        """Return what stands in a field, or what it starts with."""
        return self.texts.get(key, default).strip()

    def on(self, key: str, default: bool = False) -> bool:
        """Say whether a toggle is on, or starts so."""
        return self.texts.get(key, YES if default else "") == YES

    def cents(self, key: str, default: int) -> int:
        """Return a typed amount in cents. Raises Wrong for none."""
        money = self.station.settings.money
        try:
            return money.read(self.text(key, money.plain(default)))
        except Refused as refused:
            raise Wrong(key, refused.message) from None

    def reason(self, key: str, none: str) -> str:
        """Return the reason that was chosen or typed. Raises Wrong, saying `none`, where there is none."""
        chosen = self.text(key)
        if chosen == OTHER:
            chosen, key = self.text(f"{key}_words"), f"{key}_words"
        if not chosen:
            raise Wrong(key, none)
        return chosen

    def reasons(self, key: str, label: str, usual: Iterable[str]) -> tuple[Input, ...]:
        """Return the question for a reason: one of the usual ones, or another in words."""
        options = (("", "Choose why"), *((r, r) for r in usual), (OTHER, "Another reason"))
        asked = Input(key, label, "choice", options=options, half=True)
        if self.text(key) != OTHER:
            return (replace(asked, half=False),)
        return (asked, Input(f"{key}_words", "In your words", half=True, limit=200))

    # Telling the customer

    def telling_inputs(self) -> tuple[Input, ...]:
        """Return the questions whether the customer hears of it, and in which words."""
        how = Input(TELL, "The customer", "choice", value="usual", options=_HOWS)
        if self.text(TELL) != "send":
            return (how,)
        return (how, Input(COMMENT, "Your words to the customer", "lines", limit=2_000))

    def tells(self, telling: Telling) -> Self:
        """Begin with what was chosen before of what the customer hears; to be called before it is shown."""
        self.texts |= {TELL: telling.how, COMMENT: telling.comment}
        return self

    @property
    def telling(self) -> Telling:
        """Return whether the customer hears of it."""
        how = self.text(TELL)
        if how == "send":
            return Telling("send", self.text(COMMENT))
        return Telling("silent") if how == "silent" else Telling()


class StepPresenter(Asking):
    """Asks for one step with an order until it is taken. `render` gets each state.

    A step says what it asks (`ask`), what it does (`action`) and which field a refusal is about (`fields`).
    """

    title = ""
    said = "Recorded."
    fields: dict[str, str] = {}  # noqa: RUF012

    def __init__(self, station: Station, order: Order) -> None:
        super().__init__(station)
        self.order = order
        self.state = StepState(title=self.title)
        self._said: tuple[object, ...] | None = None

    # What a step is

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Return what is to be done. Raises Wrong where something is typed wrongly."""
        raise NotImplementedError

    def saying(self) -> Saying | None:
        """Return the notice that it would bring, None where there is none to show."""
        if not self.telling.asked:
            return None
        settings, order = self.station.settings, self.order
        return Saying("message", lambda: telling_facts.of(settings, order), order, self.telling)

    # The sheet

    def open(self) -> None:
        """Take scans away from the screen behind, and ask about the order as the books have it now."""
        self._open = True
        self.station.own_scans(self)
        self.show()
        self.reload()

    def reload(self) -> None:
        """Read the order again: it may have been changed since it was shown."""

        def reading(store: Store) -> Order:
            with store.read() as conn:
                return orders.load(conn, self.order.id)

        def there(order: Order) -> None:
            if self._open and order != self.order:
                self.order = order
                self.show()

        self.station.lanes.read(reading, then=there, failed=self._refused, latest="order-step")

    def close(self) -> None:
        """Give scans back; what is still under way is not shown any more."""
        self._open = False
        self.station.release_scans(self)
        self.station.lanes.drop("order-mail")

    def scanned(self, _code: str) -> None:
        """Say that a scan does nothing here."""
        self.show(notice=FINISH, tone="warn")

    def show(self, **changes: object) -> None:
        """Show the state with these changes, and what the customer would be sent."""
        written = [i for i in self.ask().inputs if i.kind == "lines"]
        lost = any(self.text(i.key, i.value) not in ("", i.value.strip()) for i in written)
        super().show(typed=lost, **changes)
        self._preview()

    def _preview(self) -> None:
        """Write the message that the customer would get, off the GUI thread."""
        saying, settings = self.saying(), self.station.settings
        about = (saying.kind, saying.order, saying.telling, saying.subject, saying.about) if saying else None
        if about == self._said:
            return
        self._said = about

        def writing(_store: Store, _stale: Callable[[], bool]) -> Mail | None:
            # Imported here: it brings what fills in the wording of notices.
            from bookwish_desk.ui.order_steps.mails import preview

            if saying is None:
                return None
            return preview(
                settings, saying.order, saying.kind, saying.facts(), saying.telling, saying.subject
            )

        def written(mail: Mail | None) -> None:
            if self._open:
                self.state = replace(self.state, mail=mail)
                self.render(self.state)

        self.station.lanes.search(writing, then=written, latest="order-mail", lane="desk")

    def submit(self, values: Values) -> None:
        """Do it, unless something is wrong: then say so beside the field."""
        if self.state.busy or not self.state.asked.verb:
            return
        self.changed(values)
        if self._errors:
            self.show(wrong=self.state.wrong + 1)
            return
        try:
            wanted = self.action()
        except Wrong as wrong:
            self.refuse(wrong.key, wrong.sentence)
            return
        except Refused as refused:
            self._refused(refused)
            return
        self.show(busy=True)
        self.station.act(self.freed(wanted), then=self._taken, failed=self._refused)

    def _taken(self, value: Any) -> None:
        order = value if isinstance(value, Order) else self.order
        self.station.say(" ".join(filter(None, (self.done_words(order), self.to_do(order)))))
        if self._open:
            self.state = replace(self.state, busy=False, done=True)
            self.render(self.state)

    def done_words(self, _order: Order) -> str:
        """Return what is said when it is done."""
        return self.said

    def to_do(self, order: Order) -> str:
        """Return what is then left to do."""
        left = left_to_do(order, self.at, self.show_money)
        return f"Still to do: {left}" if left else ""

    def _refused(self, error: ShopError) -> None:
        self.refuse(self.fields.get(error.code, ""), error.message)
