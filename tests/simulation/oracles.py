"""What must be true of a simulated world, whatever went wrong in it: each oracle returns what is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from bookwish_desk.actions.checking import BOOKS as CHECKS
from bookwish_desk.db import conflicts, netbox, online, orders
from bookwish_desk.shop.online import OnlineOrder
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_words import find_word
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.upload import SaleUpload
from tests.simulation.far_shop import STEPS
from tests.simulation.people import People
from tests.simulation.world import POISON, Register, World, kept

RANK = {word: place for place, word in enumerate(
    ("pending", "confirmed", "processing", "ready_for_pickup", "shipped", "delivered")
)}  # fmt: skip
STATES = {"in_checkout": 0, "pending": 1, "confirmed": 2, "processing": 3, "completed": 4, "cancelled": 5}
_order = msgspec.json.Decoder(Order)


class Watch:
    """Watches a desk while it syncs: what is heard from the store may raise what is known, never lower it."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], str] = {}
        self.fallen: list[str] = []

    def look(self, register: Register, *, syncing: bool) -> None:
        """Compare the orders of a desk with how they were at the last look."""
        for order_id, body in kept(register.store, "SELECT id, body FROM orders"):
            key = register.number, str(order_id)
            before = self._known.get(key)
            if before == body:
                continue
            self._known[key] = str(body)
            if before is not None and syncing:
                self._compare(_order.decode(before), _order.decode(body))

    def _compare(self, was: Order, now: Order) -> None:
        lower = [
            f"{name} of {was.number} fell from {a} to {b}"
            for name, a, b in (
                ("state", STATES[was.state], STATES[now.state]),
                ("captured", was.payment.captured_cents, now.payment.captured_cents),
                ("refunded", was.payment.refunded_cents, now.payment.refunded_cents),
                ("copies gone", was.gone, now.gone),
                (
                    "ready",
                    int(was.ready_at > 0 and not now.gone and now.state != "cancelled"),
                    int(now.ready_at > 0) if was.ready_at > 0 else 0,
                ),
            )
            if b < a
        ]
        self.fallen += lower


def everything(world: World, people: People, watch: Watch) -> list[str]:
    """Return what is wrong with a world that has come to rest."""
    found = list(_sales(world)) + list(_steps(world)) + list(_stock(world, people))
    for register in world.registers:
        found += [f"R{register.number}: {x}" for x in _register(world, register)]
    found += [f"a rank fell: {x}" for x in watch.fallen]
    found += [f"{x} left the shop after its cancellation was known" for x in people.shipped_late]
    return found


# ---- the store ----


def _sold(world: World) -> Iterator[tuple[Register, Sale]]:
    """Yield every counter sale with something sold, as the outbox of its desk or its books have it."""
    from bookwish_desk.db import sales

    for register in world.registers:
        with register.store.read() as conn:
            for (sale_id,) in kept(register.store, "SELECT id FROM sales ORDER BY number"):
                sale = sales.by_id(conn, str(sale_id))
                assert sale is not None
                if any(x.quantity > 0 for x in sale.lines):
                    yield register, sale


def _sales(world: World) -> Iterator[str]:
    """Expect every completed sale at the store exactly once, to the cent, and no other."""
    there = Counter(world.far.sale_ids)
    by_id = dict(zip(world.far.sale_ids, world.far.sales, strict=True))
    for register, sale in _sold(world):
        poison = any(x.sku == POISON.sku for x in sale.lines if x.quantity > 0)
        times = there.pop(sale.id, 0)
        if times != (0 if poison else 1):
            yield f"sale {sale.receipt} is at the store {times} times"
        elif not poison:
            far = by_id[sale.id]
            ours = sum(x.net_cents for x in sale.lines if x.quantity > 0)
            theirs = sum(x.quantity * (x.price_cents or 0) for x in far.lines)
            if ours != theirs:
                yield f"sale {sale.receipt} came to {ours} here and {theirs} there"
            with register.store.read() as conn:
                link = online.sale_link(conn, sale.id)
                told = conflicts.find(conn, "variance", sale.id) is not None
            total = sum(x.total_cents for x in sale.lines if x.quantity > 0)
            if link is None and not _left(register, sale.id) and not _taken(world, far.id):
                yield f"sale {sale.receipt} is at the store, and the desk does not know it"
            elif far.total_cents != total and not told and not _decided(register, "variance", sale.id):
                yield f"sale {sale.receipt} differs by {(far.total_cents or 0) - total} cents, unsaid"
    for sale_id, times in there.items():
        yield f"a sale that no desk made is at the store {times} times ({sale_id})"
    refunds = Counter(x[0] for x in world.far.refunds)
    yield from (f"return {x} is at the store {n} times" for x, n in refunds.items() if n > 1)


def _steps(world: World) -> Iterator[str]:
    """Expect no order in the store to have taken a step that its table does not know."""
    for step in world.far.steps:
        if step.became not in STEPS[step.was]:
            yield f"{step.order_id} went from {step.was} to {step.became} in the store, by {step.by}"


def _stock(world: World, people: People) -> Iterator[str]:
    """Expect the store's stock to be what it was, less its live orders, with all that moved here."""
    if world.far.abilities.stock != "delta":
        return  # a number that is set cannot be below none, and somebody may come between: see `_counted`
    for item in world.far.items.values():
        live = sum(
            x.quantity
            for o in world.far.orders.values()
            if o.status != "cancelled"
            for x in o.lines
            if x.inventory_id == item.id
        )
        moved = sum(_moved(register, item.isbn) for register in world.registers)
        expected = world.far.started[item.id] - live + moved
        known = any(_stuck(r, item.isbn) for r in world.registers)
        # Without keys a change that was not ours may look just like ours; then the difference is said.
        known = known or (not world.far.abilities.key and any(_said(r, item.isbn) for r in world.registers))
        if item.quantity != expected and not known:
            yield f"{item.title}: the store has {item.quantity}, and should have {expected}"


def _moved(register: Register, sku: str) -> int:
    """Return by how many copies a desk moved its stock since it was connected, not for the store's orders."""
    rows = kept(
        register.store,
        "SELECT coalesce(sum(m.quantity), 0) FROM stock_moves m LEFT JOIN orders o ON o.number = m.ref"
        " WHERE m.sku = ? AND m.id > ? AND NOT (m.cause = 'order' AND o.source = 'bookwish')",
        sku,
        register.moves_before,
    )
    return int(rows[0][0])


def _stuck(register: Register, sku: str) -> bool:
    """Say whether a change of this stock waits for a person, who can see it."""
    with register.store.read() as conn:
        jobs = netbox.unfinished(conn, 200)
    return any(job.kind == "stock" and job.ref == sku for job in jobs if job.state in netbox.STUCK) or any(
        job.kind in ("sale", "refund") and sku in job.payload.decode()
        for job in jobs
        if job.state in netbox.STUCK
    )


def _cancelled_here_only(register: Register, sku: str) -> bool:
    """Say whether a person sees an order of this SKU that the store still has, with its copies."""
    with register.store.read() as conn:
        left = conflicts.of_kind(conn, "cancel_there")
        stuck = [job for job in netbox.unfinished(conn, 200) if job.kind == "cancel"]
        there = [orders.load(conn, ref) for ref in {*(c.subject for c in left), *(job.ref for job in stuck)}]
    return any(line.sku == sku for order in there for line in order.lines)


def _said(register: Register, sku: str) -> bool:
    with register.store.read() as conn:
        return conflicts.find(conn, "stock", sku) is not None or _decided(register, "stock", sku)


def _left(register: Register, sale_id: str) -> bool:
    """Say whether a person has looked for a sale in the store, and said that it is there."""
    sql = "SELECT 1 FROM outbox WHERE channel = 'net' AND kind = 'sale' AND ref = ? AND state = 'dropped'"
    return bool(kept(register.store, sql, sale_id))


def _taken(world: World, far_id: str) -> bool:
    """Say whether another register holds a sale there for its own: one just like it."""
    if world.far.abilities.reference:
        return False
    sql = "SELECT 1 FROM online_sales WHERE far_id = ?"
    return any(kept(register.store, sql, far_id) for register in world.registers)


def _decided(register: Register, kind: str, subject: str) -> bool:
    """Say whether a person has decided a difference."""
    sql = "SELECT 1 FROM conflicts WHERE kind = ? AND subject = ? AND staff <> ''"
    return bool(kept(register.store, sql, kind, subject))


# ---- one desk ----


def _register(world: World, register: Register) -> Iterator[str]:
    with register.store.read() as conn:
        for name, check in CHECKS:
            finding = check(register.store, conn)
            if finding.state == "fault":
                yield f"doctor, {name}: {finding.sentence} {finding.details[:3]}"
    yield from _drained(register)
    for far in world.far.orders.values():
        yield from _order_heard(register, far)
    yield from _counted(world, register)


def _drained(register: Register) -> Iterator[str]:
    with register.store.read() as conn:
        for job in netbox.unfinished(conn, 200):
            if job.state in ("new", "sending"):
                yield f"{job.kind} of {job.ref} is still {job.state}: {job.status}"
            elif job.state in ("refused", "dead") and not job.status:
                yield f"{job.kind} of {job.ref} is {job.state} without a word why"
            elif job.kind == "sale" and job.state != "uncertain":
                upload = netbox.upload_of(job)
                assert isinstance(upload, SaleUpload)
                if not any(x.sku == POISON.sku for x in upload.sale.lines):
                    yield f"sale {upload.sale.receipt} is {job.state}: {job.status}"


def _order_heard(register: Register, far: OnlineOrder) -> Iterator[str]:
    """Expect every order to be known as the store has it, or the difference to be said."""
    with register.store.read() as conn:
        link = online.order_link(conn, "bookwish", far.id)
        if link is None:
            yield f"order {far.number} ({far.status}) never came"
            return
        said = conflicts.of_order(conn, link.order_id)
        order = _order.decode(
            kept(register.store, "SELECT body FROM orders WHERE id = ?", link.order_id)[0][0]
        )
        decided = kept(
            register.store, "SELECT 1 FROM conflicts WHERE order_id = ? AND staff <> ''", link.order_id
        )
        stuck = [j for j in netbox.about(conn, link.order_id) if j.state in (*netbox.STUCK, "dropped")]
    if (link.far.status, link.far.instructions, link.far.address) != (
        far.status,
        far.instructions,
        far.address,
    ):
        ours = link.far.status, link.far.instructions, link.far.address and link.far.address.line1
        theirs = far.status, far.instructions, far.address and far.address.line1
        yield f"order {far.number} is known as {ours}, and is {theirs} there"
    elif not said and not decided and not stuck:
        heard = find_word("bookwish", far.status)
        if not heard.fits(order):
            yield f"order {far.number} is {far.status} there and {order.state} here, unsaid"
        elif order.state == "cancelled" and far.status != "cancelled":
            yield f"order {far.number} is cancelled here and {far.status} there, unsaid"
        elif _word(order) > RANK.get(far.status, 9):
            yield f"order {far.number} is further here than {far.status} there, unsaid"
        elif order.open and far.address is not None and order.address != far.address:
            yield f"order {far.number} goes to {order.address} here and {far.address} there, unsaid"
    if far.status == "cancelled" and order.open and not said and not decided:
        yield f"order {far.number} is cancelled there, and still open here, unsaid"


def _word(order: Order) -> int:
    from bookwish_desk.shop.order_words import word

    found = word(order, "bookwish")
    return RANK.get(found.key, -1) if found is not None and found.key not in ("pending", "confirmed") else -1


def _counted(world: World, register: Register) -> Iterator[str]:
    """Expect every difference of stock to have a conflict."""
    for item in world.far.items.values():
        rows = kept(register.store, "SELECT on_hand FROM items WHERE sku = ?", item.isbn)
        here = unsure = 0
        for (body,) in kept(register.store, "SELECT body FROM orders WHERE source = 'bookwish'"):
            order = _order.decode(body)
            copies = sum(x.open for x in order.lines if x.sku == item.isbn)
            here += copies
            unsure += copies if order.state == "pending" else 0
        # A store cannot offer less than none; whether it holds back what is not paid yet nobody says.
        least, there = int(rows[0][0]) - here, max(0, item.quantity)
        most = max(0, least + unsure)
        difference = min(0, most - there) or max(0, max(0, least) - there)
        with register.store.read() as conn:
            said = conflicts.find(conn, "stock", item.isbn) is not None
        if (
            difference
            and not said
            and not _decided(register, "stock", item.isbn)
            and not _stuck(register, item.isbn)
            and not _cancelled_here_only(register, item.isbn)
        ):
            yield f"{item.title}: {difference} more here than there, unsaid"
