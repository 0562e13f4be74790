"""What people do in the simulated world: at the counter, with orders, in the store, and with what is asked.

Each thing is drawn from the episode's chance. What the rules of the desk refuse is simply not done.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import deciding, ordering, paying, placing, returning, selling, stocking, uploading
from bookwish_desk.db import conflicts, online, orders, sales
from bookwish_desk.db.outbox import Job
from bookwish_desk.shop import sold
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.new_order import NewLine, NewOrder
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_rules import allowed
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.secret import Secret
from tests.simulation.world import BOOKS, MINUTE, OWN, POISON, Register, World, kept
from tests.support import days

FORWARD: tuple[Verb, ...] = (
    "start", "allocate", "pick", "check", "pack", "ready", "hand_over", "ship", "deliver", "refund",
)  # fmt: skip
NAMES = ("Ada", "Ben", "Clara", "Dmitri")


class People:
    """Everybody who acts in a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = world.chance
        self.web_stock: dict[str, int] = {}
        """Copies that somebody added in the store itself, by its id of the item."""
        self.counted = False
        """Whether somebody has decided a difference of stock: from then on the sums are as decided."""
        self.shipped_late: list[str] = []
        self.typed = 0

    # ---- one step of the world ----

    def act(self) -> None:
        """Let somebody do something."""
        register = self.chance.choice(self.world.registers)
        here: list[tuple[int, Callable[[Register], None]]] = [
            (20, self.sell),
            (6, self.bring_back),
            (5, self.restock),
            (22, self.work),
            (3, self.type_in),
            (2, self.cancel_here),
            (4, self.decide),
            (3, self.decide_uploads),
            (3, self.sign_in),
        ]
        there: list[tuple[int, Callable[[], None]]] = [
            (14, self.order_online),
            (5, self.cancel_online),
            (5, self.edit_online),
            (5, self.serve_online),
            (4, self.deliver),
        ]
        weights = [w for w, _ in here] + [w * self.world.plan.online for w, _ in there]
        chosen = self.chance.choices(range(len(weights)), weights)[0]
        if chosen < len(here):
            here[chosen][1](register)
        else:
            there[chosen - len(here)][1]()

    def beside(self, register: Register) -> None:
        """Do something while a request of this desk is under way: a sale here, something in the store."""
        do = self.chance.choice((self.order_online, self.cancel_online, self.serve_online, None, None))
        if do is None:
            self.chance.choice((self.sell, self.work))(register)
        else:
            do()

    # ---- at the counter ----

    def sell(self, register: Register) -> None:
        chosen = self.chance.sample([x for x, _ in BOOKS] + [OWN], self.chance.choice((1, 1, 1, 2, 3)))
        lines = [(item, self.chance.choice((1, 1, 1, 2))) for item in chosen]
        if self.chance.random() < 0.04:
            lines = [(POISON, 1)]
        how = self.chance.choice(("cash", "cash", "card", "split"))
        store, actor = register.store, register.actor

        def do() -> None:
            self._finish(register)
            lines_here = [(item, n) for item, n in lines if self._on_hand(register, item) >= n]
            if lines_here:
                days.pay(store, actor, days.ring(store, actor, lines_here), how)

        self.world.on(register, f"sells {[(x.title, n) for x, n in lines]}", do)

    def _finish(self, register: Register) -> None:
        """Finish the sale that was open when the desk crashed: what was paid is kept, the rest is cash."""
        store, actor = register.store, register.actor
        draft = selling.current(store, register.number).draft
        if draft is None:
            return
        for tender in draft.tenders:
            if tender.state == "intended":
                draft = paying.remove_tender(store, actor, draft.id, tender.id).value.draft
                assert draft is not None
        if draft.payable and draft.tenders:
            days.pay(store, actor, draft)
        else:
            selling.void(store, actor, draft.id, "the computer stopped")

    def bring_back(self, register: Register) -> None:
        store, actor = register.store, register.actor
        known = kept(store, "SELECT id FROM sales WHERE kind <> 'return' ORDER BY number")
        if not known:
            return
        sale_id = str(self.chance.choice(known)[0])
        exchange = self.chance.random() < 0.3
        damaged = self.chance.random() < 0.2

        def do() -> None:
            self._finish(register)
            with store.read() as conn:
                sale = sales.by_id(conn, sale_id)
                assert sale is not None
                left = [r for r in sold.returnable(sale, sales.returned(conn, sale_id)) if r.left]
            if not left:
                return
            rung = returning.add(
                store, actor, "", sale_id, left[0].line.no, 1, "damaged" if damaged else "restock"
            ).value
            assert rung.draft is not None
            if exchange and self._on_hand(register, BOOKS[4][0]) > 0:
                days.pay(store, actor, days.ring(store, actor, [(BOOKS[4][0], 1)]))
            else:
                paying.pay_cash(store, actor, rung.draft.id, 0)

        self.world.on(register, "takes a book back", do)

    def restock(self, register: Register) -> None:
        store, actor = register.store, register.actor
        item = self.chance.choice(BOOKS)[0]
        if self.chance.random() < 0.6:
            self.world.on(register, "receives", lambda: stocking.receive(store, actor, item, 2))
            return
        off = self.chance.choice((-1, 1, 0))

        def count() -> None:
            there = max(0, self._on_hand(register, item) + off)
            stocking.count(store, actor, item, there, "counted")

        self.world.on(register, "counts", count)

    def _on_hand(self, register: Register, item: Item) -> int:
        rows = kept(register.store, "SELECT on_hand FROM items WHERE sku = ?", item.sku)
        return int(rows[0][0]) if rows else 0

    # ---- orders here ----

    def _mine(self, register: Register) -> list[Order]:
        """Return the open orders that are worked on at this register: each belongs to one of them."""
        with register.store.read() as conn:
            found = orders.open_orders(conn)
        many = len(self.world.registers)
        return [o for o in found if sum(o.number.encode()) % many == register.number - 1]

    def work(self, register: Register) -> None:
        found = self._mine(register)
        if not found:
            return
        order = self.chance.choice(found)
        possible = {a.verb for a in allowed(order, register.store.clock()) if not a.why_not}
        verbs = [v for v in FORWARD if v in possible]
        if not verbs:
            return
        verb = verbs[-1] if self.chance.random() < 0.7 else self.chance.choice(verbs)
        if self.chance.random() < 0.04 and "unready" in possible:
            verb = "unready"
        step = Step(verb, tracking="EX1" if verb == "ship" else "", reason="asked to")
        cancelled = self._heard_cancelled(register, order)

        def do() -> None:
            ordering.take(register.store, register.actor, order.id, step)
            if cancelled and verb in ("ship", "hand_over"):
                self.shipped_late.append(order.number)

        self.world.on(register, f"{verb} {order.number}", do)

    def _heard_cancelled(self, register: Register, order: Order) -> bool:
        with register.store.read() as conn:
            link = online.link_of(conn, order.id)
            decided = [c for c in conflicts.closed(conn, order.id) if c.staff]
        return link is not None and link.far.status == "cancelled" and not decided

    def cancel_here(self, register: Register) -> None:
        found = self._mine(register)
        if found:
            order = self.chance.choice(found)
            step = Step("cancel", reason="cannot be had")
            self.world.on(
                register,
                f"cancels {order.number}",
                lambda: ordering.take(register.store, register.actor, order.id, step),
            )

    def type_in(self, register: Register) -> None:
        item = self.chance.choice(BOOKS)[0]
        line = NewLine(
            title=item.title, sku=item.sku, ean=item.ean, quantity=1, price_cents=item.price_cents or 0
        )
        new = NewOrder(lines=(line,), source="phone", customer=Customer("", "Pat Phone"), paid="captured")
        unheard = [o for o in self.world.far.orders.values() if o.status == "confirmed"]
        if unheard and self.chance.random() < 0.5:
            # Somebody types in from an e-mail what the desk has not heard of yet, or has.
            far = self.chance.choice(unheard)
            if sum(far.number.encode()) % len(self.world.registers) != register.number - 1:
                return
            first = next(x for x, _ in BOOKS if x.sku == far.lines[0].isbn)
            line = replace(
                line,
                title=first.title,
                sku=first.sku,
                ean=first.ean,
                quantity=far.lines[0].quantity,
                price_cents=far.lines[0].price_cents,
            )
            if len(far.lines) > 1 or far.kind != "pickup":
                return
            new = replace(new, source="bookwish", number=far.number, lines=(line,))
        self.typed += 1
        self.world.on(
            register,
            f"types in {new.number or 'an order'}",
            lambda: placing.enter(register.store, register.actor, new),
        )

    # ---- what the desk asks people ----

    def decide(self, register: Register, everything: bool = False) -> None:
        """Decide a difference, or all of them."""
        with register.store.read() as conn:
            found = list(conflicts.all_open(conn))
        found = found if everything else found[:1]
        for one in found:
            choices = [c for c in one.choices if one.kind != "stock" or c == "noted"]
            if not choices:
                continue
            choice = self.chance.choice(choices)
            self.world.on(
                register,
                f"decides {one.kind} {one.subject}: {choice}",
                lambda one=one, choice=choice: deciding.resolve(  # type: ignore[misc]
                    register.store, register.actor, one.id, choice, "seen to"
                ),
            )

    def decide_uploads(self, register: Register, everything: bool = False) -> None:
        """Look into the store for what nobody knows of, and say what became of it."""
        for job in uploading.unfinished(register.store, 50):
            if job.state != "uncertain" or job.looks < 3:
                continue
            verdict = "leave" if self._is_there(job) else "again"
            self.world.on(
                register,
                f"decides {job.kind} {job.id[-6:]} ({job.status}): {verdict}",
                lambda job=job, verdict=verdict: uploading.decide(  # type: ignore[misc]
                    register.store, register.actor, job.id, verdict, "looked there"
                ),
            )
            if not everything:
                return

    def _is_there(self, job: Job) -> bool:
        """Look into the store as a person would: whether what a row says was carried out there."""
        if job.kind == "stock" and job.id not in self.world.far.arrived:
            sent = msgspec.json.decode(job.body)
            return (sent["item"], sent["had"], sent["target"]) in self.world.far.sets
        return job.id in self.world.far.arrived

    def sign_in(self, register: Register) -> None:
        if not register.wire.signed_in:
            register.wire.sign_in("desk@example.com", Secret("x"))
            register.engine.signed_in()

    # ---- in the store ----

    def order_online(self) -> None:
        world = self.world
        picked = self.chance.sample(list(world.far.items.values()), self.chance.choice((1, 1, 2)))
        lines = [(x, self.chance.choice((1, 1, 2))) for x in picked]
        kind, name = self.chance.choice(("pickup", "ship")), self.chance.choice(NAMES)
        world.note(f"{name} orders {[(x.title, n) for x, n in lines]} ({kind})")

        def pay(order_id: str) -> None:
            if world.far.orders[order_id].status == "pending":
                world.far.advance(order_id, "confirmed", "system")

        def place(stamped: int | None = None) -> None:
            order = world.far.place(lines, kind, name, stamped)
            if order is not None:
                world.later(self.chance.choice((1, 20_000, 3 * MINUTE)), lambda: pay(order.id))

        self._commit(place)

    def cancel_online(self) -> None:
        open_there = [
            o.id for o in self.world.far.orders.values() if o.status not in ("delivered", "cancelled")
        ]
        if open_there:
            order_id = self.chance.choice(open_there)
            self.world.note(f"a customer cancels {order_id}")
            self._commit(lambda stamped=None: self.world.far.customer_cancels(order_id, stamped))

    def _commit(self, do: Callable[..., object]) -> None:
        """Let the store commit now, or some time after the date that the change bears."""
        if not self.world.calm and self.chance.random() < self.world.plan.slow_rate:
            began = self.world.now
            self.world.later(self.chance.randrange(1_000, 45_000), lambda: do(stamped=began))
        else:
            do()

    def edit_online(self) -> None:
        open_there = [o for o in self.world.far.orders.values() if o.status not in ("delivered", "cancelled")]
        if not open_there:
            return
        order = self.chance.choice(open_there)
        silent = self.world.plan.silent_edits and self.chance.random() < 0.3
        if order.address is not None and self.chance.random() < 0.5:
            street = f"{self.chance.randrange(99)} Oak Street"
            changes = {"address": replace(order.address, line1=street)}
        else:
            changes = {"instructions": f"Ring {self.chance.randrange(9)} times"}  # type: ignore[dict-item]
        self.world.note(f"{order.id} is edited there {'silently' if silent else ''}")
        self.world.far.edit(order.id, silent=silent, **changes)

    def serve_online(self) -> None:
        """Let somebody of the shop do in the store itself what is usually done at the desk."""
        open_there = [o for o in self.world.far.orders.values() if o.status in ("confirmed", "processing")]
        if open_there:
            order = self.chance.choice(open_there)
            after = "ready_for_pickup" if order.kind == "pickup" else "shipped"
            status = "processing" if order.status == "confirmed" else after
            self.world.note(f"{order.id} becomes {status} there")
            self.world.far.advance(order.id, status, "web")

    def deliver(self) -> None:
        for order in list(self.world.far.orders.values()):
            if order.status == "shipped" and self.chance.random() < 0.5:
                self.world.far.advance(order.id, "delivered", "carrier")
