"""The sections about orders without a window: what is kept, what is refused, and a test message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from bookwish_desk.keychain import Keychain, keep_mail_password, mail_password
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.mail import MailSettings, Message
from bookwish_desk.shop.notice_kinds import BY_THEMSELVES, KINDS, Kind, Wording
from bookwish_desk.shop.opening_hours import OpeningHours
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.order_words import NEEDED, WORDS, word
from bookwish_desk.shop.promises import PROMISES, Event, Unit, deadlines
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Actor
from bookwish_desk.sync.mail import Sent
from bookwish_desk.ui.forms.inputs import YES, Values
from bookwish_desk.ui.settings.mail_presenter import MailPresenter
from bookwish_desk.ui.settings.order_names import SINCE, UNITS, facts_of, goes, said_of
from bookwish_desk.ui.settings.order_presenter import OrderEditorsPresenter, slip_picture
from bookwish_desk.ui.settings.presenter import SettingsPresenter
from bookwish_desk.ui.settings.state import OtherDay
from tests.support.keyrings import FakeKeyring
from tests.support.letters import kinds
from tests.support.orders import made, received, shelved, stepped
from tests.support.shops import NOON
from tests.support.staffed import StaffedShop

SERVER = {"host": "smtp.example.com", "security": "starttls", "port": "587", "sender": "shop@example.com"}
DAY = ((540, 1080),)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StaffedShop]:
    shop = StaffedShop(tmp_path / "shop")
    yield shop
    shop.store.close()


class Opened:
    """The sections as somebody sees them; what is sent is kept, and answered with `answer`."""

    def __init__(self, shop: StaffedShop, actor: Actor | None = None) -> None:
        self.shop = shop
        self.station, self.front = shop.station(actor or shop.owner)
        self.ring = FakeKeyring()
        self.sent: list[tuple[Message, MailSettings, Secret]] = []
        self.answer = Sent("sent", answer="250 OK")
        self.presenter = SettingsPresenter(self.station)
        self.orders = OrderEditorsPresenter(self.presenter)
        self.mail = MailPresenter(self.presenter, self.send, lambda: self.chain)
        self.wrong: list[str] = []
        self.mail.wrong_address = self.wrong.append
        self.presenter.shown()

    @property
    def chain(self) -> Keychain:
        return Keychain(self.ring)

    @property
    def state(self):
        return self.presenter.state

    @property
    def settings(self):
        return self.shop.store.settings

    def send(self, message: Message, mail: MailSettings, password: Secret, deadline: float) -> Sent:
        self.sent.append((message, mail, password))
        return self.answer

    def open(self, section, password: str = "", **typed: str) -> Values:
        """Open a section and return what stands in its form when this was typed."""
        self.presenter.open_section(section)
        there = {i.key: i.value for i in self.state.inputs if i.kind != "password"}
        return Values({**there, **typed}, {"password": Secret(password)} if section == "mail" else {})

    def save(self, section, password: str = "", **typed: str) -> None:
        """Type into a section and save it."""
        self.presenter.save(self.open(section, password, **typed))

    def error(self, key: str) -> str:
        return next(i.error for i in self.state.inputs if i.key == key)


@pytest.fixture
def opened(shop: StaffedShop) -> Opened:
    return Opened(shop)


# ---- opening hours ----


def test_opening_hours_are_typed_and_said_back(opened: Opened) -> None:
    opened.save("hours", day_0="9-18", day_4="9 am - 1 pm, 2 pm - 6 pm")
    assert opened.state.notice == "Saved."
    assert opened.settings.hours.week == (DAY, (), (), (), ((540, 780), (840, 1080)), (), ())
    shown = {i.key: i.value for i in opened.state.inputs}
    assert (shown["day_0"], shown["day_6"]) == ("9 am – 6 pm", "")  # as people of en_US write it
    assert shown["day_4"] == "9 am – 1 pm, 2 pm – 6 pm"
    ((_, _, body),) = [e for e in opened.shop.journal() if e[0] == "settings.changed"]
    assert body["to"]["week"][0] == [[540, 1080]]


def test_what_are_no_hours_is_said_beside_the_day(opened: Opened) -> None:
    opened.save("hours", day_1="9-5", day_2="nine")
    assert opened.error("day_1").startswith("The shop opens before it closes")
    assert opened.error("day_2").startswith("Type when the shop opens and closes")
    assert opened.error("day_0") == ""
    assert opened.settings.hours == OpeningHours()


def test_closed_and_special_days_are_kept_with_the_hours(opened: Opened) -> None:
    values = opened.open("hours", day_0="9-18")
    days = (OtherDay("2026-12-24", ((540, 780),)), OtherDay("2026-12-25"))
    opened.orders.change_days(days, values)
    assert opened.state.dirty
    opened.presenter.save(values)
    assert opened.settings.hours.special == (("2026-12-24", ((540, 780),)),)
    assert opened.settings.hours.closed == {"2026-12-25"}
    assert opened.state.drafts.days == days


def test_days_without_a_week_are_refused_beside_them(opened: Opened) -> None:
    values = opened.open("hours")
    opened.orders.change_days((OtherDay("2026-12-25"),), values)
    opened.presenter.save(values)
    assert opened.state.draft_error == "Say first when the shop is open in an ordinary week."
    assert opened.state.notice == "Not saved. Look at what is marked."


def test_what_follows_from_the_hours_is_said_while_they_are_typed(opened: Opened) -> None:
    values = opened.open("hours")
    assert "every day counts" in opened.state.follows
    week = {f"day_{n}": "9-18" for n in range(5)}
    opened.orders.typed(Values({**values.texts, **week}))
    assert opened.state.follows == "A promise of 2 working days from Friday 5 pm ends Tuesday 6 pm."
    opened.orders.typed(Values({**week, "day_0": "9-"}))
    assert opened.state.follows == ""
    opened.presenter.open_section("mail")
    opened.orders.typed(Values())
    assert opened.state.follows == ""


# ---- promises ----


@pytest.mark.capability("IC-05")
def test_after_how_long_a_checkout_is_given_up_can_be_changed(opened: Opened) -> None:
    values = opened.open("promises")
    usual = next(p for p in opened.state.drafts.promises if p.id == "checkout")
    assert (usual.unit, usual.most) == ("months", 1)
    longer = replace(usual, unit="days", soon=10, most=10)
    kept = tuple(longer if p.id == "checkout" else p for p in opened.state.drafts.promises)
    opened.orders.change_promises(kept)
    opened.presenter.save(values)
    assert opened.state.notice == "Saved."
    checkout = made(state="in_checkout", placed_at=NOON)
    s = opened.settings
    (deadline,) = deadlines(checkout, s.opening, s.promises)
    assert (deadline.at - NOON) / 86_400_000 == 10
    (before,) = deadlines(checkout, s.opening, PROMISES)
    assert before.at > deadline.at
    opened.orders.change_promises(tuple(replace(p, active=False) for p in kept))
    opened.presenter.save(values)
    assert deadlines(checkout, s.opening, opened.settings.promises) == ()


def test_a_wrong_promise_is_refused_in_the_section(opened: Opened) -> None:
    values = opened.open("promises")
    opened.orders.change_promises(tuple(replace(p, most=0) for p in PROMISES))
    opened.presenter.save(values)
    assert opened.state.draft_error == "Type a number from 1 to 2000 for the latest."
    assert opened.settings.promises == PROMISES


def test_every_unit_and_event_has_its_words() -> None:
    assert set(UNITS) == set(get_args(Unit))
    assert set(SINCE) == set(get_args(Event))


# ---- statuses ----


def lives() -> tuple[Order, ...]:
    """Return orders in states that are far apart."""
    states: tuple[Any, ...] = ("in_checkout", "abandoned", "pending", "confirmed", "processing", "completed")
    return tuple(made(state=state) for state in states) + tuple(
        made(state="cancelled", fraud=fraud) for fraud in (False, True)
    )


@pytest.mark.capability("WSM-12")
def test_statuses_that_the_shop_does_not_use_are_hidden(opened: Opened) -> None:
    values = opened.open("statuses")
    opened.orders.change_hidden(("wsm.processing", "wsm.held"))
    opened.presenter.save(values)
    assert opened.settings.hidden_statuses == ("wsm.held", "wsm.processing")
    started = made(state="processing", source="wsm")
    hidden = frozenset(s.removeprefix("wsm.") for s in opened.settings.hidden_statuses)
    before, after = word(started, "wsm"), word(started, "wsm", hidden)
    assert before is not None and after is not None
    assert (before.label, after.label) == ("Processing", "New")
    (entry,) = [e for e in opened.shop.journal() if e[0] == "settings.changed"]
    assert entry[2] == {"from": [], "to": ["wsm.held", "wsm.processing"]}


@pytest.mark.capability("WSM-12")
def test_whatever_a_shop_hides_every_order_keeps_a_word(opened: Opened) -> None:
    values = opened.open("statuses")
    every = tuple(f"{v}.{w.key}" for v, words in WORDS.items() for w in words)
    opened.orders.change_hidden(every)
    opened.presenter.save(values)
    assert opened.state.draft_error.endswith("stays: some orders have no other status.")
    opened.orders.change_hidden(tuple(s for s in every if s.partition(".")[2] not in NEEDED))
    opened.presenter.save(values)
    assert opened.state.notice == "Saved."
    for vocabulary in WORDS:
        start = f"{vocabulary}."
        hidden = frozenset(
            s.removeprefix(start) for s in opened.settings.hidden_statuses if s.startswith(start)
        )
        for order in lives():
            has_one = word(order, vocabulary) is not None
            assert (word(order, vocabulary, hidden) is not None) == has_one, (vocabulary, order.state)


# ---- notices ----


@pytest.mark.capability("WSM-17")
@pytest.mark.parametrize("on", [True, False])
def test_each_stage_tells_the_customer_only_where_the_shop_wants_it(opened: Opened, on: bool) -> None:
    opened.save("mail", **SERVER)
    stages: tuple[Kind, ...] = ("processing", "ready_to_ship", "shipped", "delivered")
    values = opened.open("notices")
    opened.orders.change(replace(opened.state.drafts, notices=stages if on else ()))
    opened.presenter.save(values)
    assert opened.settings.notices == (stages if on else ())
    store, owner = opened.shop.store, opened.shop.owner
    shelved(store, owner)
    order = stepped(
        store,
        owner,
        received(store, owner, made(source="wsm", kind="ship")),
        "start",
        "pick",
        "check",
        "pack",
    )
    parcel = order.parcels[0].id
    stepped(store, owner, order, Step("ship", parcel=parcel, tracking="1", carrier="Post"), "deliver")
    assert kinds(store) == (list(stages) if on else [])


def test_a_shop_words_a_notice_itself_and_goes_back_to_the_usual_words(opened: Opened) -> None:
    values = opened.open("notices", review_link="example.com/review", review_days="14")
    own = Wording("ready", "Come, {{ number }}!", "It is here, {{ customer }}.")
    opened.orders.change(
        replace(opened.state.drafts, wordings=(own,), carriers=(("Post", "post.example/?n=#"),))
    )
    opened.presenter.save(values)
    s = opened.settings
    assert s.wordings == (own,)
    assert (s.review_link, s.review_days) == ("https://example.com/review", 14)
    assert s.tracking_links == (("Post", "https://post.example/?n=#"),)
    opened.orders.change(replace(opened.state.drafts, wordings=(KINDS["ready"].wording,)))
    opened.presenter.save(values)
    assert opened.settings.wordings == ()


def test_words_are_tried_with_the_shops_own_name(opened: Opened) -> None:
    shown: list[tuple[str, str]] = []
    wrong: list[tuple[str, str]] = []

    def attempt(subject: str, body: str) -> None:
        words = Wording("ready", subject, body)
        opened.orders.try_words(words, lambda *x: shown.append(x), lambda *x: wrong.append(x))

    attempt("From {{ shop }}", "Hello {{ customer }}")
    assert shown == [("From Alder & Ash Books", "Hello Anna Reader")]
    attempt("From {{ shop }}", "Hello\n{{ nobody }}")
    attempt("{{ }}", "Hello")
    assert [part for part, _ in wrong] == ["body", "subject"]
    assert wrong[0][1].startswith("In the text: Line 2: “nobody” is not known here")


@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_can_be_put_into_the_words(opened: Opened, kind: Kind) -> None:
    facts = facts_of(kind)
    assert all(fact.meaning for fact in facts)
    written = "".join(fact.written for fact in facts if "." not in fact.name)
    answers: list[Any] = []
    opened.orders.try_words(
        Wording(kind, "x", f"x {written}"), lambda *x: answers.append("shown"), lambda *x: answers.append(x)
    )
    assert answers == ["shown"]


def test_who_tells_a_notice_where_we_do_not_is_said() -> None:
    for kind in ("ready", "shipped", "cancelled"):
        assert said_of(kind).startswith("BookWish tells its customers itself")
    assert "BookWish" not in said_of("delivered")
    assert {goes(kind, ("ready",)) for kind in BY_THEMSELVES} == {"Yes", "No"}
    assert (goes("message", ()), goes("digest", ())) == ("By hand", "To staff")


# ---- mail ----


def test_the_mail_server_is_kept_and_its_password_in_the_keyring_only(opened: Opened) -> None:
    opened.save("mail", "s3cret pass", user="desk", **SERVER)
    assert opened.state.notice == "Saved."
    mail = opened.settings.mail
    assert (mail.host, mail.user, mail.sender) == ("smtp.example.com", "desk", "shop@example.com")
    assert mail_password(opened.chain, opened.settings.shop_id, mail) == Secret("s3cret pass")
    kinds = [kind for kind, _, _ in opened.shop.journal()]
    assert kinds.count("settings.mail_password") == 1
    assert "s3cret" not in repr(opened.shop.journal()) + repr(opened.state)
    opened.shop.store.close()
    for file in (opened.shop.store.folder).rglob("*"):
        if file.is_file():
            assert b"s3cret" not in file.read_bytes(), file


def test_without_typing_it_the_password_stays(opened: Opened) -> None:
    opened.save("mail", "pass", user="desk", **SERVER)
    opened.save("mail", sender_name="Corner Books")
    assert opened.state.notice == "Saved."
    assert mail_password(opened.chain, opened.settings.shop_id, opened.settings.mail) == Secret("pass")
    assert opened.state.keyring == ""


def test_another_server_or_user_needs_its_own_password(opened: Opened) -> None:
    opened.save("mail", "pass", user="desk", **SERVER)
    for change in ({"host": "smtp.example.org"}, {"user": "another"}):
        opened.save("mail", **change)
        assert opened.error("password").startswith("Type the password of this user")
    assert opened.settings.mail.host == "smtp.example.com"
    opened.save("mail", user="")
    assert opened.settings.mail.user == ""
    assert opened.ring.kept == {}


def test_a_password_belongs_to_a_user(opened: Opened) -> None:
    opened.save("mail", "pass", **SERVER)
    assert opened.error("user") == "Type the user to whom this password belongs."
    assert opened.ring.kept == {}


@pytest.mark.parametrize(("port", "after"), [("587", "465"), ("2525", "2525")])
def test_the_usual_port_follows_the_encryption(opened: Opened, port: str, after: str) -> None:
    values = opened.open("mail", host="smtp.example.com", port=port)
    opened.mail.typed(values)
    assert next(i.value for i in opened.state.inputs if i.key == "host") == ""
    opened.mail.typed(Values({**values.texts, "security": "tls"}))
    shown = {i.key: i.value for i in opened.state.inputs}
    assert (shown["port"], shown["host"]) == (after, "smtp.example.com")
    opened.presenter.open_section("papers")
    before = opened.state
    opened.mail.typed(values)
    assert opened.state == before


def test_a_keyring_that_does_not_keep_it_is_said_beside_the_password(opened: Opened) -> None:
    opened.ring.fault = RuntimeError("locked")
    opened.save("mail", "pass", user="desk", **SERVER)
    assert opened.error("password").startswith("All is saved but the password. The keyring cannot be used.")
    assert opened.state.notice == "All is saved but the password."
    assert opened.settings.mail.user == "desk"
    assert "settings.mail_password" not in [kind for kind, _, _ in opened.shop.journal()]
    opened.presenter.open_section("mail")
    assert opened.state.keyring.startswith("The keyring cannot be used.")
    opened.ring.fault = None
    opened.presenter.open_section("mail")
    assert opened.state.keyring.startswith("The keyring of this computer holds no password")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"host": "two words"}, "host", "mail server"),
        ({"sender": "shop"}, "sender", "e-mail address"),
        ({"reply_to": "a, b"}, "reply_to", "e-mail address"),
        ({"port": ""}, "port", "port"),
        ({"security": "none"}, "security", "encryption"),
        ({"staff_mail": "anna@example.com\nben"}, "staff_mail", "e-mail address"),
        ({"digest_hour": ""}, "digest_hour", "hour"),
    ],
)
def test_what_is_wrong_with_mail_is_said_beside_its_field(
    opened: Opened, typed: dict[str, str], field: str, words: str
) -> None:
    opened.save("mail", **{**SERVER, **typed})
    assert words in opened.error(field)
    assert opened.settings.mail == MailSettings()


@pytest.mark.capability("BW+07")
@pytest.mark.parametrize("how", ["immediate", "digest", "both"])
def test_staff_hear_at_once_or_once_a_day_as_they_prefer(opened: Opened, how: str) -> None:
    typed = {"staff_mail": " anna@example.com\n\nben@example.com", "staff_notice": how, "digest_hour": "7"}
    opened.save("mail", **SERVER, **typed, order_sound="")
    s = opened.settings
    assert s.staff_mail == ("anna@example.com", "ben@example.com")
    assert (s.staff_notice, s.digest_hour, s.order_sound) == (how, 7, False)
    received(opened.shop.store, opened.shop.owner, made())
    assert kinds(opened.shop.store).count("new_order") == (0 if how == "digest" else 2)
    opened.save("mail", order_sound=YES)
    assert opened.settings.order_sound


# ---- a test message ----


def test_a_test_message_goes_with_what_stands_in_the_form(opened: Opened) -> None:
    values = opened.open("mail", "typed", user="desk", **SERVER)
    opened.mail.try_out(" me@example.com ", values)
    ((message, mail, password),) = opened.sent
    assert (message.to, mail.host, password) == ("me@example.com", "smtp.example.com", Secret("typed"))
    assert "Alder & Ash Books" in message.subject
    trial = opened.state.trial
    assert (trial.busy, trial.tone) == (False, "ok")
    assert trial.words.endswith("Look whether it arrives. It said: 250 OK")
    assert opened.settings.mail == MailSettings()
    assert "settings.mail_tried" in [kind for kind, _, _ in opened.shop.journal()]


def test_a_test_message_reaches_a_real_server(opened: Opened) -> None:
    from bookwish_desk.sync.mail import send
    from tests.sync.mail_servers import Inbox, real_server

    inbox = Inbox()
    opened.mail = MailPresenter(opened.presenter, send, lambda: opened.chain)
    with real_server(inbox) as port:
        local = {"host": "localhost", "security": "none", "port": str(port), "sender": "shop@example.com"}
        opened.mail.try_out("me@example.com", opened.open("mail", **local))
    assert opened.state.trial.tone == "ok"
    assert "queued as 4711" in opened.state.trial.words
    ((taken,),) = [inbox.taken]
    assert (taken.mail_from, taken.rcpt_tos) == ("shop@example.com", ["me@example.com"])
    assert b"Test message from Alder & Ash Books" in (taken.original_content or b"")


def test_a_test_takes_the_password_from_the_keyring(opened: Opened) -> None:
    server = MailSettings("smtp.example.com", user="desk", sender="shop@example.com")
    keep_mail_password(opened.chain, opened.settings.shop_id, server, Secret("kept"))
    opened.mail.try_out("me@example.com", opened.open("mail", user="desk", **SERVER))
    assert opened.sent[0][2] == Secret("kept")


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ("login", "password"),
        ("certificate", "host"),
        ("unreachable", "host"),
        ("encryption", "security"),
        ("sender", "sender"),
        ("recipient", ""),
    ],
)
def test_what_the_server_does_not_like_stands_beside_its_field(
    opened: Opened, fault: str, field: str
) -> None:
    opened.answer = Sent("failed", fault, "It did not work.", "535 5.7.8 no")
    opened.mail.try_out("me@example.com", opened.open("mail", **SERVER))
    assert opened.state.trial.words == "It did not work. It said: 535 5.7.8 no"
    assert opened.state.trial.tone == "error"
    assert {i.key for i in opened.state.inputs if i.error} == ({field} if field else set())
    assert not opened.state.dirty


def test_a_test_that_cannot_begin_says_why(opened: Opened) -> None:
    opened.mail.try_out("me@example.com", opened.open("mail"))
    assert "mail server" in opened.error("host")
    opened.mail.try_out("me", opened.open("mail", **SERVER))
    assert opened.wrong == ["Type one e-mail address, as in anna@example.com."]
    opened.ring.fault = StorageError("keyring", "x")
    opened.mail.try_out("me@example.com", opened.open("mail", user="desk", **SERVER))
    assert opened.state.trial.tone == "error"
    assert opened.sent == []


def test_nobody_waits_for_the_answer_after_stopping(opened: Opened) -> None:
    waiting: list[Any] = []

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(opened.station.lanes, name)

        def work(self, job: Any, *, then: Any, failed: Any, lane: str) -> None:
            waiting.append(lambda: then(job()))

    values = opened.open("mail", **SERVER)
    real, opened.station.lanes = opened.station.lanes, Slow()  # type: ignore[assignment]
    real_act = real.act
    Slow.act = lambda self, *a, **k: real_act(*a, **k)  # type: ignore[attr-defined]
    opened.mail.try_out("me@example.com", values)
    opened.station.lanes = real
    assert opened.state.trial.busy
    opened.mail.stop()
    assert not opened.state.trial.busy
    waiting[0]()
    assert opened.state.trial.words.startswith("Nobody waits")


def test_who_may_not_change_settings_sends_no_test(shop: StaffedShop) -> None:
    opened = Opened(shop, shop.clerk)
    opened.mail.try_out("me@example.com", opened.open("mail", **SERVER))
    assert [needs.facts["permission"] for needs, _ in opened.front.asked] == ["settings.edit"]
    assert opened.sent == []


# ---- papers ----


def test_order_papers_are_set_with_a_picture(opened: Opened) -> None:
    values = opened.open("papers")
    first = opened.state.slip
    assert first.startswith(b"\x89PNG")
    opened.orders.typed(Values({**values.texts, "slip_insert": "Thank you for reading."}))
    assert opened.state.slip != first
    opened.presenter.save(Values({"page_size": "a4", "slip_insert": "Thank you for reading."}))
    assert (opened.settings.page_size, opened.settings.slip_insert) == ("a4", "Thank you for reading.")
    assert slip_picture(opened.settings) == opened.state.slip
