"""E-mail as rows of the outbox: putting letters in, moving them through their states, deciding about them.

Sending is `mailer`. Which notice a change of an order brings is `actions.telling`.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.people import name_of, register_name
from bookwish_desk.actions.permits import present
from bookwish_desk.actions.posting import letterhead
from bookwish_desk.db import mailbox, orders, sales
from bookwish_desk.db.mailbox import MailCount
from bookwish_desk.db.outbox import Job, State
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.letter import Letter, Told
from bookwish_desk.shop.mail import mail_address
from bookwish_desk.shop.notice_kinds import KINDS, Kind, Wording
from bookwish_desk.shop.notices import NoticeFacts
from bookwish_desk.shop.receipt import Letterhead, sale_receipt
from bookwish_desk.shop.slip import Code, Logo
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.week_words import week_in_words

MOST_DAYS = 3
"""After so many days of trying a message is given up; a person may send it again."""
FEWEST_TRIES = 10
"""None is given up before so many tries: the days may have passed while the desk was off."""

DAY_MS = 86_400_000
STOPPED = "The desk stopped while this was being sent. It may have been sent: ask before you send it again."
NO_MAIL = "E-mail is not set up. Name the mail server on the Settings screen first."
TOLD = "notice"
"""What the history of an order calls a notice."""

Verdict = Literal["again", "leave"]


def is_set_up(settings: Settings) -> bool:
    """Say whether the shop has named a mail server."""
    return bool(settings.mail.host)


def mail_head(settings: Settings) -> Letterhead:
    """Return how the shop presents itself in a message: no logo, and none of what stands on receipts."""
    return replace(letterhead(settings), logo=b"", text="", policy="")


def shop_facts(settings: Settings) -> NoticeFacts:
    """Return the facts of the shop that every notice may name."""
    return NoticeFacts(mail_head(settings), shop_hours=week_in_words(settings.opening, settings.locale))


def wording_of(settings: Settings, kind: Kind) -> Wording | None:
    """Return how the shop words a kind of notice, None where it has left the first wording."""
    return next((w for w in settings.wordings if w.kind == kind), None)


def post_letter(
    tx: Tx,
    kind: Kind,
    to: str,
    facts: NoticeFacts,
    *,
    ref: str,
    register: int,
    to_name: str = "",
    subject: str = "",
) -> str:
    """Put a letter with the shop's wording of this moment into the outbox; return the row's id."""
    letter = Letter(kind, to, facts, to_name, wording_of(tx.settings, kind), subject)
    return _post(tx, letter, ref, register)


def _post(tx: Tx, letter: Letter, ref: str, register: int) -> str:
    row = new_id()
    mailbox.post(tx, row, letter, ref=ref, register=register)
    return row


# ---- receipts ----


@action
def email_receipt(tx: Tx, actor: Actor, receipt: str, address: str) -> str:
    """Send the receipt of a sale, return or exchange to an address; return the row's id.

    Raises Refused for an address that is none, for a receipt that nobody knows, and where the shop has no
    mail server.
    """
    present(tx, actor)
    if not is_set_up(tx.settings):
        raise Refused("no_mail", NO_MAIL)
    to = mail_address(address)
    sale = sales.by_receipt(tx.conn, receipt)
    if sale is None:
        raise Refused("no_sale", f"Receipt {receipt} is not in this shop's books.", receipt=receipt)
    slip = sale_receipt(
        sale,
        letterhead(tx.settings),
        clerk=name_of(tx.conn, sale.staff),
        register=register_name(tx.conn, sale.register),
    )
    # A picture and bars are no text: the number stands among the receipt's first lines.
    elements = tuple(x for x in slip.elements if not isinstance(x, Logo | Code))
    facts = replace(
        shop_facts(tx.settings),
        number=sale.receipt,
        customer=_greeting(sale.customer, to),
        placed_at=sale.completed_at,
        total_cents=sale.total_cents,
    )
    letter = Letter(
        "receipt",
        to,
        facts,
        facts.customer,
        wording_of(tx.settings, "receipt"),
        slip=replace(slip, elements=elements),
    )
    row = _post(tx, letter, sale.receipt, actor.register)
    tx.record(
        "receipt.emailed", staff=actor.staff, register=actor.register, ref=sale.receipt, body={"job": row}
    )
    return row


def _greeting(customer: Customer | None, to: str) -> str:
    """Return the customer's name for a receipt that goes to them, not to an address of somebody else."""
    known = customer is not None and customer.email.strip().casefold() == to.casefold()
    return customer.name if customer is not None and known else ""


# ---- sending, for `mailer` ----


def due(store: Store) -> tuple[Job, ...]:
    """Return the messages whose time has come, oldest first; see `mailbox.due`."""
    with store.read() as conn:
        return mailbox.due(conn, store.clock())


def waiting_until(store: Store) -> int | None:
    """Return when the next message is due, or None when none waits."""
    with store.read() as conn:
        return mailbox.next_moment(conn)


def counted(store: Store) -> MailCount:
    """Return how many messages wait and how many are stuck."""
    with store.read() as conn:
        return mailbox.count(conn)


def unfinished(store: Store) -> tuple[Job, ...]:
    """Return the messages that are stuck or wait."""
    with store.read() as conn:
        return mailbox.unfinished(conn)


@action
def recover(tx: Tx, register: int) -> int:
    """After a crash: what was being sent is uncertain, and a person decides; say how many these are."""
    return mailbox.stop(tx, register, STOPPED)


@action
def begin(tx: Tx, job: Job, register: int, unusable: str = "") -> bool:
    """Commit `sending` before the first byte goes out; False: somebody else was first.

    `unusable` is why the shop's own wording was not used: the journal remembers it.
    """
    begun = mailbox.move(
        tx, job.id, "sending", job.status, was="new", attempts=job.attempts + 1, register=register
    )
    if begun and unusable:
        body = {"kind": job.kind, "why": unusable}
        tx.record("mail.wording_unusable", staff="", register=register, ref=job.id, body=body)
    return begun


@action
def end(tx: Tx, job_id: str, state: State, status: str) -> None:
    """Record how sending ended for good: done, refused or uncertain, with the server's words."""
    mailbox.move(tx, job_id, state, status, was="sending")


@action
def put_back(tx: Tx, job: Job, status: str, wait_ms: int) -> None:
    """Let a message that nobody has taken be tried again after `wait_ms`, or be given up after MOST_DAYS."""
    if tx.at - job.created_at >= MOST_DAYS * DAY_MS and job.attempts + 1 >= FEWEST_TRIES:
        given_up = f"It was tried for {MOST_DAYS} days. {status}"
        mailbox.move(tx, job.id, "dead", given_up, was="sending")
        return
    wait = min(max(0, wait_ms), mailbox.MOST_WAIT_MS)
    mailbox.move(tx, job.id, "new", status, was="sending", next_try_at=tx.at + wait)


@action
def keep_for_later(tx: Tx, job: Job, status: str) -> None:
    """Put a message back as if it had not been tried: something must be set up first, it is not to blame."""
    mailbox.move(tx, job.id, "new", status, was="sending", attempts=job.attempts, next_try_at=tx.at)


@action
def cannot_be_written(tx: Tx, job: Job, status: str) -> None:
    """Give up a message that no text can be made of."""
    mailbox.move(tx, job.id, "dead", status, was="new")


@action
def try_now(tx: Tx, actor: Actor) -> int:
    """Let every message that waits be tried at once; say how many these are."""
    present(tx, actor)
    return mailbox.try_now(tx)


# ---- deciding ----


@action
def decide(tx: Tx, actor: Actor, job_id: str, verdict: Verdict) -> None:
    """Send a message again, the same to the last letter, or leave it.

    Raises Refused when it is being sent just now or was settled meanwhile.
    """
    present(tx, actor)
    job = _undecided(tx, job_id)
    if verdict == "again":
        moved = mailbox.move(tx, job_id, "new", "", was=job.state, attempts=0, next_try_at=tx.at)
        tx.touch(mailbox.RETRY)
    else:
        moved = mailbox.move(tx, job_id, "dropped", "Somebody left it unsent.", was=job.state)
    assert moved
    _record(tx, actor, job, verdict)


@action
def send_elsewhere(tx: Tx, actor: Actor, job_id: str, address: str) -> str:
    """Send a message to another address instead, and return the id of the new row.

    It is another message: the first one is left. Raises Refused for an address that is none.
    """
    present(tx, actor)
    job = _undecided(tx, job_id)
    to = mail_address(address)
    row = _post(tx, replace(mailbox.letter_of(job), to=to), job.ref, actor.register)
    tx.touch(mailbox.RETRY)
    mailbox.move(tx, job_id, "dropped", "Sent to another address.", was=job.state)
    _record(tx, actor, job, "elsewhere")
    if is_of_order(job) and orders.by_ids(tx.conn, [job.ref]):
        told = Told(mailbox.letter_of(job).kind, (row,))
        orders.record(tx, job.ref, TOLD, staff=actor.staff, register=actor.register, body=told)
    return row


def is_of_order(job: Job) -> bool:
    """Say whether a message is about an order, whose id is then its `ref`."""
    return job.kind not in ("receipt", "digest")


def _undecided(tx: Tx, job_id: str) -> Job:
    job = mailbox.by_ids(tx.conn, [job_id]).get(job_id)
    if job is None or job.state not in ("new", *mailbox.STUCK):
        raise Refused("settled", "This e-mail is being sent or was settled meanwhile.")
    return job


def _record(tx: Tx, actor: Actor, job: Job, verdict: str) -> None:
    body = {"was": job.state, "verdict": verdict, "kind": job.kind}
    tx.record("mail.decided", staff=actor.staff, register=actor.register, ref=job.id, body=body)


# ---- in words ----


def about(job: Job) -> str:
    """Return what a message is: Ready to collect, BW-20260921-AB12."""
    try:
        letter = mailbox.letter_of(job)
    except msgspec.DecodeError:
        return "E-mail that cannot be read"
    return ", ".join(x for x in (KINDS[letter.kind].name, clean(letter.facts.number, 60)) if x)


def job_words(job: Job) -> str:
    """Return how a message stands, in a sentence or two."""
    said = f" {job.status}" if job.status else ""
    match job.state:
        case "new":
            return (
                f"It was not sent yet and is tried again.{said}" if job.attempts else "It waits to be sent."
            )
        case "sending":
            return "It is being sent."
        case "done":
            return "It was sent."
        case "uncertain":
            return job.status or "It may have been sent."
        case "refused":
            return f"It was refused.{said}"
        case "dropped":
            return job.status
    return f"It was not sent.{said}"


def job_badge(job: Job) -> str:
    """Return how a message stands, in a word or two."""
    badges: dict[State, str] = {
        "new": "Waiting", "sending": "Sending", "done": "Sent",
        "uncertain": "Perhaps sent", "refused": "Refused", "dead": "Not sent", "dropped": "Left",
    }  # fmt: skip
    return badges.get(job.state, "")
