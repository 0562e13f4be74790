"""A shop that writes e-mail, and what it wrote, for tests of notices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import mailing
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.db import mailbox, orders
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.letter import Composed, Told, compose
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.notice_kinds import Kind
from bookwish_desk.shop.notices import NoticeFacts
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.receipt import Letterhead
from bookwish_desk.shop.staff import Actor
from tests.support.shops import FrozenClock, found_shop

EVERY: tuple[Kind, ...] = get_args(Kind)
HERE = MailSettings(host="127.0.0.1", port=25, security="none", sender="shop@example.com")


def mailing_shop(folder: Path, clock: Callable[[], int] | None = None, **more: Any) -> tuple[Store, Actor]:
    """Found a shop that tells customers of everything; `more` are other settings of it."""
    facts: dict[str, Any] = {"shop_name": "Test Books", "mail": HERE, "notices": EVERY, **more}
    return found_shop(folder, Settings(**facts), clock=clock or FrozenClock())


def mails(store: Store) -> tuple[Job, ...]:
    """Return every message in the books, oldest first."""
    with store.read() as conn:
        ids = [row[0] for row in conn.exec_driver_sql("SELECT id FROM outbox WHERE channel = 'mail'")]
        found = mailbox.by_ids(conn, sorted(ids))
    return tuple(found[i] for i in sorted(found))


def kinds(store: Store) -> list[str]:
    """Return the kinds of all messages, oldest first."""
    return [job.kind for job in mails(store)]


def states(store: Store) -> list[str]:
    """Return the states of all messages, oldest first."""
    return [job.state for job in mails(store)]


def composed(job: Job) -> Composed:
    """Return the message that a row makes."""
    return compose(mailbox.letter_of(job), job.id, job.created_at)


def told(store: Store, order: Order) -> list[Told]:
    """Return what the history of an order says of notices."""
    with store.read() as conn:
        history = orders.history(conn, order.id)
    return [msgspec.json.decode(e.body, type=Told) for e in history if e.kind == mailing.TOLD]


def posted(store: Store, *addresses: str, kind: Kind = "message", text: str = "Hello.") -> list[str]:
    """Put a message to each address into the outbox; return the ids of the rows."""
    about = NoticeFacts(Letterhead("Test Books"), number="B-1", comment=text)
    with store.write() as tx:
        return [mailing.post_letter(tx, kind, to, about, ref="x", register=1) for to in addresses]


def at_port(store: Store, port: int, **more: Any) -> None:
    """Let the shop's mail server be on this port of this computer."""
    with store.write() as tx:
        mail = replace(tx.settings.mail, port=port, **more)
        keep_settings(tx, replace(tx.settings, mail=mail), ("mail",))
