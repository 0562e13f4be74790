"""What goes wrong with orders, settled in one transaction: copies, stock, money owed, history and notice.

Each problem has its answers (`shop.order_problem`). None of them moves money: what is to be given back is a
task of the order until it is recorded.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from bookwish_desk.actions import allocating, ordering, photos, placing, telling, uploading
from bookwish_desk.actions.action import Outcome, action
from bookwish_desk.actions.order_editing import Edited, promised_day, swapped, waiting
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import items, lookup, orders, stock
from bookwish_desk.db.link import query
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import StockCause, StockMove
from bookwish_desk.shop.notice_kinds import Kind as NoticeKind
from bookwish_desk.shop.notices import NoticeLine
from bookwish_desk.shop.order import Order, Parcel
from bookwish_desk.shop.order_copies import ROOM
from bookwish_desk.shop.order_edit import set_memo
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_problem import (
    CHOICES,
    Answer,
    Problem,
    Reported,
    checked,
    notice_of,
    usual_cents,
)
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.text import mask_cards

PROBLEM = "problem"
"""What the history of an order calls it."""

_SILENT = Telling("silent")
_PERMISSIONS: dict[Answer, str] = {"cancel": "order.cancel", "refund": "order.refund", "swap": "order.edit"}


def report(
    store: Store,
    actor: Actor,
    order_id: str,
    problem: Problem,
    how: Telling = Telling(),  # noqa: B008
) -> Outcome[Order]:
    """Settle a problem of an order in one transaction, and return the order as it is then.

    What follows for staff is said by `shop.order_problem.next_steps`. Needs "order.work", and for what gives
    something away the permission for that. Raises Refused with the fact `field` where something is missing.
    """
    picture = photos.as_jpeg(problem.picture) if problem.picture else b""
    return _report(store, actor, order_id, replace(problem, picture=picture), how)


@action
def _report(tx: Tx, actor: Actor, order_id: str, typed: Problem, how: Telling) -> Order:
    return reported(tx, actor, order_id, typed, how)


def reported(tx: Tx, actor: Actor, order_id: str, typed: Problem, how: Telling) -> Order:
    """Do what `report` does, as part of another action; a picture is a JPEG of ours already."""
    require(tx, actor, _permission(typed), f"{order_id} {typed.kind} {typed.answer}")
    if typed.answer == "swap" and typed.swap is not None:
        placing.may_sell_at(tx, actor, f"{order_id} {typed.kind} swap", typed.swap)
    order = orders.load(tx.conn, order_id)
    problem = checked(order, typed)
    settled = _Settling(tx, actor, order, problem, how)
    if problem.after:
        settled.after_it_left()
    elif problem.kind in ("out_of_stock", "damaged"):
        settled.while_it_is_here()
    elif problem.kind == "delay":
        settled.order = promised_day(tx, actor, order, problem.expected_on, _SILENT)
    elif problem.answer == "hold":
        settled.step(Step("hold", reason=problem.reason))
    return settled.kept()


def _permission(problem: Problem) -> str:
    if problem.answer == "replace" and problem.after:
        return "order.refund"
    return _PERMISSIONS.get(problem.answer, "order.work")


class _Settling:
    """One problem on its way through the books."""

    def __init__(self, tx: Tx, actor: Actor, order: Order, problem: Problem, how: Telling) -> None:
        self.tx = tx
        self.actor = actor
        self.order = order
        self.problem = problem
        self._telling = how
        self.replacement = ""
        self.refund_cents = 0
        self._skus: set[str] = set()

    def step(self, step: Step, how: Telling = _SILENT) -> None:
        """Take a step; usually the customer hears of it with the problem itself."""
        self.order = ordering.advanced(self.tx, self.actor, self.order, step, how)

    # ---- while the copies are in the shop ----

    def while_it_is_here(self) -> None:
        """Take copies that are missing or damaged from the order, then do what was chosen."""
        for line_id, copies in self.problem.copies:
            self._write_off(line_id, copies)
            line = self._line(line_id)
            missed = copies - (0 if self.problem.kind == "damaged" else min(copies, line.short))
            if missed:
                self.step(Step("short", copies=((line_id, missed),)))
        if self.problem.answer == "replace":
            skus = {self._line(x).sku for x, _ in self.problem.copies}
            allocating.share_out(self.tx, skus, of=self.order.id)
            self.order = orders.load(self.tx.conn, self.order.id)
        elif self.problem.answer == "wait":
            self._wait()
        elif self.problem.answer == "swap":
            ((line_id, copies),), swap = self.problem.copies, self.problem.swap
            assert swap is not None
            self.order = swapped(self.tx, self.actor, self.order, line_id, copies, swap, _SILENT)
        elif self.problem.answer == "cancel":
            before = self.order.refund_due_cents
            whole = sum(n for _, n in self.problem.copies) == self.order.live
            step = Step("cancel_copies", copies=self.problem.copies, reason=self.problem.reason)
            self.step(step, self._telling if whole else _SILENT)
            self.refund_cents = self.order.refund_due_cents - before

    def _write_off(self, line_id: str, copies: int) -> None:
        """Take off the stock what is damaged, or what the books have and the shelf has not."""
        line = self._line(line_id)
        if not allocating.is_stocked(self.tx, self.order, line.sku):
            return
        on_hand = int(query(self.tx.conn, _ON_HAND, (line.sku,)).fetchone()[0])
        if self.problem.kind == "damaged":
            self._move(line.sku, -min(copies, max(0, on_hand)), "damaged", line)
        elif self.problem.correct_stock:
            given_up = min(max(0, copies - line.short), ROOM["release"](line))
            promised = orders.promised_copies(self.tx.conn, line.sku) - given_up
            self._move(line.sku, -max(0, on_hand - promised), "adjust", line)

    def _wait(self) -> None:
        day = self.problem.expected_on
        for line_id, copies in self.problem.copies:
            self.order = waiting(self.tx, self.actor, self.order, line_id, day, copies)
            line = self._line(line_id)
            if self.problem.on_order and allocating.is_stocked(self.tx, self.order, line.sku):
                self._order_more(line, copies)
        if day:
            self.order = promised_day(self.tx, self.actor, self.order, day, _SILENT)

    def _order_more(self, line: OrderLine, copies: int) -> None:
        """Note copies as ordered from a supplier."""
        before = int(query(self.tx.conn, _ON_ORDER, (line.sku,)).fetchone()[0])
        stock.set_on_order(self.tx, line.sku, before + copies)
        body = {"title": line.title, "before": before, "after": before + copies}
        self._journal("item.ordered", line.sku, body)

    # ---- after they have left ----

    def after_it_left(self) -> None:
        """Put the stock right, then replace the copies or give money for them."""
        problem, copies = self.problem, self.problem.copies or self._in_parcel()
        self._put_back(copies)
        if problem.answer == "replace":
            self._replace(copies)
        elif problem.answer == "refund":
            cents = problem.cents or usual_cents(self.order, replace(problem, copies=copies))
            before = self.order.refund_due_cents
            if self._came_back:
                self.step(Step("take_back", copies=copies, cents=cents, reason=problem.reason))
            else:
                self.step(Step("grant", cents=cents, reason=problem.reason))
            self.refund_cents = self.order.refund_due_cents - before
        elif problem.answer == "trace":
            self._note_parcel()
        if problem.kind == "misrouted" and problem.answer != "trace":
            self._settle_parcels()
        if problem.answer != "refund" and self._came_back:
            self.step(Step("take_back", copies=copies, reason=problem.reason or problem.note or "came back"))

    @property
    def _came_back(self) -> bool:
        """Say whether the copies are with the shop again; a missing one that turned up never left it."""
        return bool(self.problem.back) and not self.problem.sent_sku and self.problem.kind != "missing_item"

    def _put_back(self, copies: tuple[tuple[str, int], ...]) -> None:
        """Bring into the stock what came back or never left, and take out what was sent instead."""
        problem = self.problem
        for line_id, number in copies:
            line = self._line(line_id)
            if problem.sent_sku and self.order.owner.name == "store":
                # The books took the right title from the shelf; the parcel took another.
                self._move(line.sku, number, "adjust", line)
                self._move_other(problem.sent_sku, -number)
                self._came(problem.sent_sku, number, None)
            elif problem.back:
                self._came(line.sku, number, line)

    def _came(self, sku: str, number: int, line: OrderLine | None) -> None:
        if not self.problem.back:
            return
        self._move(sku, number, "adjust", line)
        if self.problem.back == "damaged":
            self._move(sku, -number, "damaged", line)

    def _move_other(self, sku: str, by: int) -> None:
        """Move the stock of a title that is not in the order."""
        with self.tx.store.read() as conn:
            item = lookup.find(conn, sku, int(sku) if sku.isascii() and sku.isdigit() else None)
        if item is None:
            raise Refused("unknown", f"Nothing is known about {sku}.", field="sent_sku")
        items.keep(self.tx, item)
        if item.stocked:
            self._move(item.sku, by, "adjust", None)

    def _replace(self, copies: tuple[tuple[str, int], ...]) -> None:
        """Make an order of the shop's own for the copies, without a price."""
        order = self.order
        lines = tuple(
            OrderLine(new_id(), x.sku, x.title, number, 0, x.ean, x.detail, street_date=x.street_date)
            for x, number in ((self._line(line_id), number) for line_id, number in copies)
        )
        made = Order(
            id=new_id(),
            number=placing.own_number(self.tx, self.actor),
            source="counter",
            kind=order.kind,
            placed_at=self.tx.at,
            customer=order.customer,
            address=order.address,
            method=order.method,
            instructions=order.instructions,
            gift=order.gift,
            gift_message=order.gift_message,
            memo=f"Replacement for {order.number}",
            lines=lines,
            tax_included=order.tax_included,
        )
        placing.received(self.tx, self.actor, made, _SILENT)
        self.replacement = made.number

    def _in_parcel(self) -> tuple[tuple[str, int], ...]:
        """Return the copies in the parcel that is lost, or in all that are on their way."""
        found: dict[str, int] = {}
        for parcel in self._lost():
            for line_id, number in parcel.contents:
                found[line_id] = found.get(line_id, 0) + number
        return tuple(found.items())

    def _lost(self) -> tuple[Parcel, ...]:
        meant = self.problem.parcel
        return tuple(
            p for p in self.order.parcels if p.shipped_at and (p.id == meant if meant else not p.delivered_at)
        )

    def _settle_parcels(self) -> None:
        """Take what the carrier said is wrong for dealt with: the customer gets other copies, or money."""
        for parcel in self._lost():
            if parcel.trouble:
                self.step(Step("settle_parcel", parcel=parcel.id))

    def _note_parcel(self) -> None:
        """Write into the memo what is being traced, where the list of orders shows it."""
        names = ", ".join(p.tracking or p.untracked or "parcel" for p in self._lost())
        note = f"Tracing {names}" + (f": {self.problem.note}" if self.problem.note else "")
        note = mask_cards(note)  # the number of a parcel may look like a card's, which no memo may hold
        before = self.order
        after = set_memo(before, "; ".join(filter(None, (before.memo, note)))[-200:])
        ordering.keep(
            self.tx, self.actor, before, after, "edit.memo", Edited("", before.memo, after.memo), _SILENT
        )
        self.order = orders.load(self.tx.conn, before.id)

    # ---- for all of them ----

    def kept(self) -> Order:
        """Write the problem into the history, with the notice, and return the order."""
        problem, tx = self.problem, self.tx
        if self._skus:
            allocating.follow_stock(tx, self._skus)
            self.order = orders.load(tx.conn, self.order.id)
        file_id = ""
        if problem.picture:
            file_id = orders.keep_file(
                tx, self.order.id, staff=self.actor.staff, note=problem.note, picture=problem.picture
            )
        assert problem.cause
        costs = (problem.labour_cents, problem.postage_cents, problem.replacement_cents)
        body = Reported(
            kind=problem.kind,
            answer=problem.answer,
            cause=problem.cause,
            cost_cents=sum(costs),
            labour_cents=costs[0],
            postage_cents=costs[1],
            replacement_cents=costs[2],
            note=problem.note,
            reason=problem.reason,
            copies=problem.copies,
            new_date=problem.expected_on,
            refund_cents=self.refund_cents,
            replacement=self.replacement,
            picture=file_id,
        )
        notice = None if self.order.state == "cancelled" else notice_of(problem)
        how = _SILENT if notice or self.order.state == "cancelled" else self._telling
        ordering.keep(tx, self.actor, self.order, self.order, PROBLEM, body, how)
        if notice:
            self._tell(notice)
        return orders.load(tx.conn, self.order.id)

    def _tell(self, notice: NoticeKind) -> None:
        """Tell the customer of it; who chose only to tell them has chosen that."""
        problem, how = self.problem, self._telling
        if problem.answer == "tell" and how.how == "usual":
            how = replace(how, how="send")
        lines = tuple(NoticeLine(self._line(x).title, number) for x, number in problem.copies)
        telling.tell(
            self.tx,
            self.actor,
            self.order,
            notice,
            how,
            lines=lines,
            reason=problem.reason,
            alternatives=CHOICES if problem.answer == "tell" and problem.kind != "delay" else (),
            new_date=problem.expected_on,
            refund_cents=self.refund_cents,
        )

    def _line(self, line_id: str) -> OrderLine:
        line = self.order.line(line_id)
        if line is None:
            raise Refused("no_line", "That line is not in this order.", field="copies")
        return line

    def _move(self, sku: str, by: int, cause: StockCause, line: OrderLine | None) -> None:
        """Move stock with its reason; what no stock is kept of has none to move."""
        if not by or (line is not None and not allocating.is_stocked(self.tx, self.order, sku)):
            return
        reason = f"{self.problem.kind.replace('_', ' ')}, order {self.order.number}"
        on_hand = items.move(
            self.tx, sku, by, cause, staff=self.actor.staff, ref=self.order.number, reason=reason
        )
        uploading.stock_moved(self.tx, [StockMove(sku, by, cause, self.tx.at, ref=self.order.number)])
        title = line.title if line else sku
        self._journal("item.adjusted", sku, {"title": title, "by": by, "on_hand": on_hand, "reason": reason})
        self._skus.add(sku)

    def _journal(self, kind: str, ref: str, body: dict[str, Any]) -> None:
        self.tx.record(kind, staff=self.actor.staff, register=self.actor.register, ref=ref, body=body)


_ON_HAND = "SELECT on_hand FROM items WHERE sku = ?"
_ON_ORDER = "SELECT on_order FROM items WHERE sku = ?"
