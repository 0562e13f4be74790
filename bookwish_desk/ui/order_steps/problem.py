"""Runs the guided sheet for a problem of an order: what happened, to which copies, what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bookwish_desk.actions import problems
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.new_order import NewLine
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_problem import (
    ANSWER_NAMES,
    CAUSE_NAMES,
    KIND_NAMES,
    USUAL_CAUSE,
    WITH_COPIES,
    Answer,
    Problem,
    ProblemKind,
    answers,
    next_steps,
    room,
    usual_cents,
)
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms.inputs import YES, Input, Values
from bookwish_desk.ui.order_steps.asking import StepPresenter, Wrong
from bookwish_desk.ui.order_steps.finding import NO_ITEM, TitleSearch
from bookwish_desk.ui.order_steps.problem_notice import saying_of
from bookwish_desk.ui.order_steps.problem_words import REASONS, consequences, possible_kinds
from bookwish_desk.ui.order_steps.state import Asked, Saying

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

Options = tuple[tuple[str, str], ...]

_COSTS = (("labour", "Labour"), ("postage", "Postage"), ("replacement", "Replacement"))
_KEPT = ("kind", "note", "costs", "cost_labour", "cost_postage", "cost_replacement", "tell", "comment")
"""What is asked of every kind of problem."""

_BACK: Options = (("", "No copy is here"), ("restock", "They can be sold"), ("damaged", "They are damaged"))


class ProblemPresenter(StepPresenter):
    """Asks about a problem step by step: only what belongs to what was answered before is asked."""

    title = "Something is wrong"
    fields = {"reason": "why", "picture": ""}  # noqa: RUF012

    def __init__(
        self, station: Station, order: Order, line_id: str = "", kind: ProblemKind | None = None
    ) -> None:
        super().__init__(station, order)
        self._line_id = line_id
        self._known = kind
        self._picture = b""
        self.replacement = TitleSearch(station, self._found, self._picked, "order-replacement")

    # What was answered

    @property
    def kind(self) -> ProblemKind | None:
        """Return what happened, as far as it was said."""
        kinds = possible_kinds(self.order)
        usual = "misrouted" if self._troubled else "out_of_stock" if self._short else ""
        chosen = self.text("kind", self._known or usual)
        return next((k for k in kinds if k == chosen), None)

    @property
    def _troubled(self) -> str:
        """Return the parcel with which something is wrong by its carrier's word, or nothing."""
        return next((p.id for p in self.order.parcels if p.trouble), "")

    @property
    def _short(self) -> bool:
        return any(x.short for x in self.order.lines)

    @property
    def _corrects(self) -> bool:
        """Say whether the stock is usually corrected: not again for copies known to be missing."""
        return not self._short

    @property
    def gone(self) -> bool:
        """Say whether a damaged copy had left the shop."""
        if self.kind != "damaged":
            return False
        here = any(room(x, "damaged") > 0 for x in self.order.lines)
        away = any(room(x, "damaged", gone=True) > 0 for x in self.order.lines)
        return away and (not here or self.on("gone"))

    @property
    def answer(self) -> Answer:
        """Return what is done about it: at first the usual."""
        assert self.kind is not None
        can = answers(self.kind, gone=self.gone)
        chosen = self.text("answer")
        return next((a for a in can if a == chosen), can[0])

    @property
    def lines(self) -> tuple[OrderLine, ...]:
        """Return the lines that the problem can be about."""
        if self.kind is None or self.kind not in WITH_COPIES:
            return ()
        kind, gone = self.kind, self.gone
        return tuple(x for x in self.order.lines if room(x, kind, gone=gone) > 0)

    def _usual_copies(self, line: OrderLine) -> int:
        if self.kind == "out_of_stock" and self._short:
            return line.short
        if self._line_id:
            return int(line.id == self._line_id)
        return int(len(self.lines) == 1)

    def copies(self) -> tuple[tuple[str, int], ...]:
        """Return the copies that it is about, as far as numbers are typed."""
        found = []
        for line in self.lines:
            typed = self.text(f"copies_{line.id}", str(self._usual_copies(line)))
            if typed.isdigit() and int(typed):
                found.append((line.id, int(typed)))
        return tuple(found)

    # What is asked

    def ask(self) -> Asked:
        """Ask what happened, then what belongs to it."""
        kinds = possible_kinds(self.order)
        if not kinds:
            return Asked(("Nothing can be reported about this order any more.",))
        options = (("", "Choose what happened"), *((k, KIND_NAMES[k]) for k in kinds))
        first = Input("kind", "What happened?", "choice", self.kind or "", options=options)
        if self.kind is None:
            return Asked((), (first,), verb="Settle it")
        inputs = [first, *self._copy_inputs(), *self._answer_inputs(), *self._more_inputs()]
        problem = self._problem_so_far()
        outcome = consequences(self.order, problem, self.at, self.show_money)
        return Asked((), tuple(inputs), outcome, verb="Settle it")

    def _copy_inputs(self) -> list[Input]:
        inputs = []
        here = any(room(x, "damaged") > 0 for x in self.order.lines)
        if self.kind == "damaged" and here and any(room(x, "damaged", gone=True) for x in self.order.lines):
            inputs.append(Input("gone", "The customer has them already", "toggle"))
        for line in self.lines:
            assert self.kind is not None
            most = room(line, self.kind, gone=self.gone)
            hint, value = f"Copies, up to {most}", str(self._usual_copies(line))
            inputs.append(Input(f"copies_{line.id}", line.title, "count", value, hint, most=most, half=True))
        return inputs

    def _answer_inputs(self) -> list[Input]:
        assert self.kind is not None
        can = answers(self.kind, gone=self.gone)
        inputs = []
        if len(can) > 1:
            options: Options = tuple((a, ANSWER_NAMES[a]) for a in can)
            inputs.append(Input("answer", "What is done about it?", "choice", self.answer, options=options))
        if self.kind == "misrouted":
            away = tuple(
                (p.id, p.tracking or p.untracked or "Parcel") for p in self.order.parcels if p.shipped_at
            )
            first = self._troubled or away[0][0]
            inputs.append(Input("parcel", "Which parcel?", "choice", first, options=away))
        if self.kind == "wrong_item":
            hint = "Scan it, or type its code; empty where nobody knows"
            inputs.append(Input("sent_sku", "What was sent instead", hint=hint, limit=40, half=True))
        if self.kind in ("wrong_item", "missing_item", "returned") or self.gone:
            options = _BACK if self.kind != "missing_item" else (*_BACK[:1], ("restock", "It turned up here"))
            inputs.append(Input("back", "Copies that are here again", "choice", options=options, half=True))
        return inputs + self._inputs_of_answer()

    def _inputs_of_answer(self) -> list[Input]:
        if self.kind == "delay" or self.answer == "wait":
            label = "New day" if self.kind == "delay" else "Expected on"
            hint = "Such as 2026-11-24" + ("" if self.kind == "delay" else "; empty where nobody knows")
            inputs = [
                Input("expected_on", label, value=self.order.expected_on, hint=hint, limit=10, half=True)
            ]
            if self.answer == "wait":
                inputs.append(Input("on_order", "They are on order", "toggle", half=True))
            return inputs
        money = self.station.settings.money
        if self.answer == "swap" and (item := self.replacement.item) is not None:
            price = money.plain(item.price_cents or 0)
            return [Input(f"price_{item.sku}", f"Price of {item.title}", "amount", price)]
        if self.answer == "refund":
            cents = usual_cents(self.order, Problem(kind=self.kind or "returned", copies=self.copies()))
            hint = "Empty for the price of the copies"
            return [Input("cents", "Given back", "amount", money.plain(cents) if cents else "", hint)]
        return []

    def _more_inputs(self) -> list[Input]:
        assert self.kind is not None
        inputs = list(self.reasons("why", "Why? The customer may read it", REASONS[self.kind]))
        causes = tuple(CAUSE_NAMES.items())
        inputs.append(Input("cause", "Cause", "choice", USUAL_CAUSE[self.kind], options=causes, half=True))
        inputs.append(Input("note", "Note for the shop", limit=300, half=True))
        if self.kind == "out_of_stock":
            on = YES if self._corrects else ""
            inputs.append(Input("correct_stock", "Correct the stock to what is there", "toggle", on))
        inputs.append(Input("costs", "It cost the shop something", "toggle"))
        if self.on("costs"):
            inputs += [Input(f"cost_{key}", words, "amount", half=True) for key, words in _COSTS]
        return [*inputs, *self.telling_inputs()]

    # What is done

    def _problem_so_far(self) -> Problem:
        """Return the problem without what is typed wrongly or not yet."""
        try:
            return self.problem()
        except (Wrong, Refused):
            assert self.kind is not None
            return Problem(
                kind=self.kind, answer=self.answer, copies=self.copies(), gone=self.gone,
                expected_on=self.text("expected_on"), swap=self.replacement_line(0),
            )  # fmt: skip

    def replacement_line(self, cents: int | None = None) -> NewLine | None:
        """Return the line that takes the place of the copies. Raises Wrong for a price that is none."""
        item = self.replacement.item
        if item is None or self.answer != "swap":
            return None
        price = self.cents(f"price_{item.sku}", item.price_cents or 0) if cents is None else cents
        return NewLine(
            title=item.title,
            sku=item.sku,
            ean=item.ean,
            detail=item.copy_words or item.authors,
            quantity=max(1, sum(n for _, n in self.copies())),
            price_cents=price,
            tax_class=item.tax_class,
            street_date=item.street_date,
        )

    def problem(self) -> Problem:
        """Return the problem as it is typed. Raises Wrong for a field that is not right."""
        if self.kind is None:
            raise Wrong("kind", "Choose what happened.")
        paid = {key: self._cost(f"cost_{key}") for key, _ in _COSTS}
        why = self.text("why_words") if self.text("why") == "other" else self.text("why")
        return Problem(
            kind=self.kind,
            answer=self.answer,
            copies=self.copies(),
            gone=self.gone,
            reason=why,
            note=self.text("note"),
            expected_on=self.text("expected_on", self.order.expected_on) if self._has_day else "",
            on_order=self.answer == "wait" and self.on("on_order"),
            swap=self.replacement_line(),
            correct_stock=self.on("correct_stock", self._corrects),
            back=self._back(),
            sent_sku=self._sent if self.kind == "wrong_item" else "",
            cents=self.cents("cents", 0) if self.answer == "refund" and self.text("cents") else 0,
            parcel=self.text("parcel", self._troubled) if self.kind == "misrouted" else "",
            picture=self._picture,
            cause=next(c for c in CAUSE_NAMES if c == self.text("cause", USUAL_CAUSE[self.kind])),
            labour_cents=paid["labour"],
            postage_cents=paid["postage"],
            replacement_cents=paid["replacement"],
        )

    def _cost(self, key: str) -> int:
        return self.cents(key, 0) if self.on("costs") and self.text(key) else 0

    @property
    def _sent(self) -> str:
        """Return the code of what was sent instead as the books write it, however it was typed."""
        scan = barcode.parse(self.text("sent_sku"))
        return scan.code if scan.ean is not None else self.text("sent_sku")

    @property
    def _has_day(self) -> bool:
        return self.kind == "delay" or self.answer == "wait"

    def _back(self) -> Any:
        asked = self.kind in ("wrong_item", "missing_item", "returned") or self.gone
        return self.text("back") if asked and self.text("back") in ("restock", "damaged") else ""

    def changed(self, values: Values) -> None:
        """Take what is typed; what belonged to another kind of problem is forgotten."""
        if self.kind is not None and values.text("kind") not in ("", self.kind):
            kept = {key: text for key, text in values.texts.items() if key in _KEPT}
            self.texts = {key: text for key, text in self.texts.items() if key in _KEPT}
            values = Values(kept)
        super().changed(values)

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Settle it, in one commit."""
        problem, telling, order_id = self.problem(), self.telling, self.order.id
        return lambda store, actor: problems.report(store, actor, order_id, problem, telling)

    def _refused(self, error: Any) -> None:
        field = str(error.facts.get("field", ""))
        line = error.facts.get("line") or (self.lines[0].id if self.lines else "")
        item = self.replacement.item
        keys = {
            "copies": f"copies_{line}",
            "reason": "why",
            "cents": "cents",
            "swap": f"price_{item.sku}" if item else "",
            "price_cents": f"price_{item.sku}" if item else "",
        }
        self.refuse(keys.get(field, field), error.message)

    def done_words(self, order: Order) -> str:
        """Say what is left to do."""
        return " ".join(("Settled.", *next_steps(order, self._problem_so_far())))

    def to_do(self, _order: Order) -> str:
        """Say nothing more: what is left was said."""
        return ""

    def saying(self) -> Saying | None:
        """Return the notice that a problem brings."""
        if self.kind is None:
            return None
        problem, settings = self._problem_so_far(), self.station.settings
        return saying_of(settings, self.order, problem, self.telling, self.at)

    # Another title, and scans

    def show(self, **changes: object) -> None:
        """Show the state, with the search where another title is wanted."""
        swaps = self.kind is not None and self.answer == "swap"
        if swaps:
            line = next((x for x in self.lines if any(x.id == y for y, _ in self.copies())), None)
            self.replacement.propose(line)
        finding = self.replacement.state if swaps else None
        super().show(finding=finding, photos=self.kind is not None, **changes)

    def _found(self) -> None:
        if self._open:
            self.show()

    def _picked(self, _item: Item) -> None:
        self.show(notice="")

    def scanned(self, code: str) -> None:
        """Take a scan as what replaces the copies, or as what was sent instead."""
        if self.kind == "wrong_item":
            scan = barcode.parse(code)
            if scan.kind in NO_ITEM:
                self.show(notice=scan.reason or f"{scan.code} is not the code of an item.", tone="warn")
                return
            self.texts["sent_sku"] = scan.code
            self.show(notice="")
        elif self.kind is not None and self.answer == "swap":
            self.replacement.scanned(code, lambda sentence: self.show(notice=sentence, tone="warn"))
        else:
            super().scanned(code)

    def typed(self, words: str) -> None:
        """Look for another title as it is typed."""
        self.look_for(self.replacement, words)

    def close(self) -> None:
        """Give scans back, and look for nothing any more."""
        super().close()
        self.replacement.clear()

    # The photo

    def choose_photo(self, path: str) -> None:
        """Read a photo from a file, on a lane; nothing takes it away again."""
        if not path:
            self._picture = b""
            self.show(photo=b"", notice="")
            return

        def reading() -> bytes:
            # Imported here: what reads pictures is not needed before.
            from bookwish_desk.actions.photos import from_file

            return from_file(Path(path))

        def read(picture: bytes) -> None:
            self._picture = picture
            if self._open:
                self.show(photo=picture, notice="")

        self.station.lanes.work(
            reading, then=read, failed=lambda error: self.show(notice=error.message, tone="error")
        )
