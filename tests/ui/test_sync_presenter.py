"""What the Sync screen says and does, without its widgets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import connecting, deciding, uploading
from bookwish_desk.db import conflicts, netbox
from bookwish_desk.settings import Settings
from bookwish_desk.shop.conflict import CHOICES, Kind
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import StockMove
from bookwish_desk.shop.online import Abilities, OnlineSettings
from bookwish_desk.shop.sync_state import Pass, Progress, RateBudget, SyncState
from bookwish_desk.shop.upload import StatusUpload, StockUpload
from bookwish_desk.ui.sync import differences, words
from bookwish_desk.ui.sync.presenter import SyncPresenter
from bookwish_desk.ui.sync.state import MOST_ROWS, Asked, SyncView
from tests.support.online_desk import CONNECTED, FakeDemo, OnlineCounter
from tests.support.orders import made, received
from tests.support.shops import NOON, hire, station_for

Answer = Callable[[str, str], None]
S = Settings(online=CONNECTED)


class Board(OnlineCounter):
    """A counter with the Sync screen's presenter in front."""

    def __init__(self, folder: Path, demo: FakeDemo | None = None, **more: Any) -> None:
        super().__init__(folder, demo=demo, **more)
        self.presenter = SyncPresenter(self.station)
        self.seen: list[SyncView] = []
        self.asked: list[tuple[Asked, Answer]] = []
        self.opened: list[str] = []
        self.presenter.render = self.seen.append
        self.presenter.on_ask = lambda asked, answer: self.asked.append((asked, answer))
        self.presenter.on_order = self.opened.append
        self.presenter.on_receipt = self.opened.append
        self.presenter.on_sign_in = lambda: self.opened.append("sign in")
        self.presenter.on_set_up = lambda: self.opened.append("set up")

    @property
    def view(self) -> SyncView:
        return self.presenter.state

    def count(self, part: str) -> int:
        return dict(self.view.counts)[part]  # type: ignore[index]

    def verbs(self) -> list[str]:
        return [v.words for v in self.view.card.verbs]

    def become(self, **changes: Any) -> None:
        """Be in another state, seen at once."""
        self.online.become(**changes)
        self.presenter.rested()


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


# ---- the headline ----


@pytest.mark.parametrize(
    ("state", "kinds", "sentence", "more", "light"),
    [
        (SyncState(way="ok", heard_at=NOON - 12_000), {},
         "Everything is at the store. Last heard 12 s ago.", "", "ok"),
        (SyncState(way="ok", heard_at=NOON - 12_000, passes=(
            Pass(kind="first", began_at=NOON - 9, ended_at=NOON - 8, words="Not <b>you</b>."),)), {},
         "The last reading of orders broke off. Last heard 12 s ago.", "Not <b>you</b>.", "warn"),
        (SyncState(way="ok", heard_at=NOON - 1_000, waiting=37), {"sale": 37},
         "37 sales go up now. Last heard 1 s ago.", "", "ok"),
        (SyncState(way="ok", heard_at=NOON - 1_000, waiting=1), {"sale": 1},
         "1 sale goes up now. Last heard 1 s ago.", "", "ok"),
        (SyncState(way="ok", heard_at=NOON, uncertain=1, refused=2, conflicts=1), {},
         "Everything else is at the store. Last heard 0 s ago.",
         "Waiting for you: 1 difference to decide, 1 uncertain, 2 refused.", "warn"),
        (SyncState(way="away", away_since=NOON - 120_000, waiting=37, next_try_at=NOON + 60_000,
                   words="The connection was refused."), {"sale": 37},
         "No connection since 10:11 AM. 37 sales wait. Selling goes on.",
         "The connection was refused. It is tried again at 10:14 AM.", "warn"),
        (SyncState(way="away", waiting=41), {"sale": 37, "status": 4},
         "No connection. 37 sales and 4 order statuses wait. Selling goes on.", "", "warn"),
        (SyncState(way="limited", next_try_at=NOON + 60_000), {},
         "The store asked to wait until 10:14 AM. Nothing is lost.", "", "warn"),
        (SyncState(way="signed_out", waiting=2), {"sale": 2},
         "Sign in again at the store. 2 sales wait. Nothing is lost.", "", "error"),
        (SyncState(way="paused"), {},
         "Paused. Nothing goes up or comes down, and nothing is lost.", "", "warn"),
        (SyncState(way="standby"), {}, "Another register talks to the store.", "", "ok"),
        (SyncState(way="starting"), {}, "Waiting for the store's first answer.", "", "off"),
        (SyncState(way="none"), {}, "No online store is connected.", "", "off"),
        (SyncState(way="ok", heard_at=NOON, no_orders="The store shows only your own purchases."), {},
         "The import of orders has stopped. Last heard 0 s ago.",
         "The store shows only your own purchases.",
         "error"),
    ],
)  # fmt: skip
def test_how_it_stands_is_one_plain_sentence(
    state: SyncState, kinds: dict[str, int], sentence: str, more: str, light: str
) -> None:
    said = words.headline(state, kinds, NOON, S)
    assert (said.sentence, said.more, said.light) == (sentence, more, light)


def test_a_server_that_says_too_much_is_cut_short() -> None:
    loud = SyncState(way="away", words="\x1b[2J<b>" + "no " * 5_000, away_since=NOON)
    said = words.headline(loud, {}, NOON, S)
    assert len(said.more) <= words.MOST_WORDS
    assert "\x1b" not in said.more


@pytest.mark.parametrize(
    ("off", "warned"), [(119_999, False), (-119_999, False), (120_000, True), (-7_200_000, True)]
)
def test_clocks_that_differ_are_warned_of_with_what_to_do(off: int, warned: bool) -> None:
    found = words.warnings(SyncState(way="ok", clock_off_ms=off))
    assert bool(found) == warned
    if warned:
        assert "Set its date and time" in found[0]
        assert ("behind the store's" if off > 0 else "ahead of the store's") in found[0]


def test_without_a_keyring_it_is_said_that_somebody_signs_in_after_a_restart() -> None:
    (said,) = words.warnings(SyncState(way="ok", keeps_sign_in=False))
    assert "after a restart somebody must sign in again" in said


def test_every_ability_is_said_both_ways() -> None:
    plain = words.ability_rows(Abilities(stock="none"))
    rich = words.ability_rows(
        Abilities(
            feed=True, long_poll=25, changed_since=True, key=True, reference=True, precondition=True,
            refunds=True, my_stores=True,
        )
    )  # fmt: skip
    assert [name for name, _, _ in plain] == [name for name, _, _ in rich]
    assert not any(can for _, can, _ in plain)
    assert all(can for _, can, _ in rich)
    assert all(one[2] != other[2] for one, other in zip(plain, rich, strict=True))


def test_every_kind_of_difference_has_its_words() -> None:
    assert set(differences.KINDS) == set(get_args(Kind)) == set(CHOICES)


def test_seconds_are_counted_while_it_is_looked_at(board: Board) -> None:
    board.presenter.shown()
    assert "12 s ago" in board.view.headline.sentence
    board.clock.at += 8_000
    board.presenter.tick()
    assert "20 s ago" in board.view.headline.sentence
    board.presenter.hidden()
    seen = len(board.seen)
    board.presenter.tick()
    board.online.become(waiting=3)
    assert len(board.seen) == seen, "nobody looks"
    assert board.online.watching == []


def test_what_changes_by_the_hundred_is_read_once_in_a_while(board: Board) -> None:
    board.presenter.shown()
    board.online.become(waiting=1)
    board.differ("variance", "a")
    board.station.changed(frozenset({"conflicts"}))
    assert board.count("differences") == 0, "read a moment ago"
    board.presenter.rested()
    assert board.count("differences") == 1


# ---- without a store ----


def test_without_a_store_it_says_so_and_leads_to_where_one_is_connected(tmp_path: Path) -> None:
    board = Board(tmp_path, online=OnlineSettings())
    board.presenter.shown()
    assert not board.view.connected
    assert board.view.headline.sentence == "No online store is connected."
    board.presenter.set_up()
    assert board.opened == ["set up"]


def test_a_store_that_was_connected_just_now_is_about_to_start(board: Board) -> None:
    board.station.online = None
    board.presenter.shown()
    assert board.view.headline.sentence == "Waiting for the store's first answer."
    assert board.view.why_not_now == "There is no connection to the store now."
    board.presenter.sync_now()
    board.presenter.demo_run()
    board.presenter.first_import()


# ---- differences ----


def test_a_difference_shows_both_values_who_when_and_the_rule(board: Board) -> None:
    order = received(board.store, board.actor, made("BW-20260921-AB12"))
    board.differ(
        "status", order.id, order_id=order.id, sentence="Order BW-20260921-AB12 is shipped here.",
        ours="Shipped", theirs="Cancelled", rule="A carrier's scan beats a cancellation.",
    )  # fmt: skip
    board.presenter.shown()
    card = board.view.card
    assert card.texts[0] == "Order BW-20260921-AB12 is shipped here."
    assert "Rule applied meanwhile: A carrier's scan beats a cancellation." in card.texts
    assert [(s.whose, s.value) for s in card.sides] == [("Here", "Shipped"), ("In the store", "Cancelled")]
    assert card.sides[0].by.startswith("Olive Owner, ")
    assert card.sides[1].by.startswith("heard ")
    assert board.verbs() == ["Follow the store", "Keep ours"]
    board.presenter.open()
    assert board.opened == [order.id]


def test_a_decided_difference_goes_at_once_and_the_next_is_chosen(board: Board) -> None:
    board.differ("variance", "one")
    board.differ("variance", "two")
    board.presenter.shown()
    first = board.view.selected
    board.presenter.do("resolve:noted")
    assert [r.key for r in board.view.rows] == [board.view.selected]
    assert board.view.selected != first
    assert board.count("differences") == 1
    board.presenter.do("resolve:noted")
    assert board.view.rows == ()
    assert board.view.empty == "The shop and the store agree."
    board.presenter.do("resolve:noted")
    (one, two) = deciding.closed(board.store)
    assert {one.choice, two.choice} == {"noted"}


@pytest.mark.capability("BW+11")
def test_a_cancellation_is_sent_only_after_it_was_said_that_the_store_refunds(board: Board) -> None:
    order = received(board.store, board.actor, made("BW-20260921-CD34", source="bookwish"))
    board.differ(
        "cancel_there", order.id, order_id=order.id, choices=("send", "done_there"),
        sentence="Order BW-20260921-CD34 was cancelled here. The store still has it.",
    )  # fmt: skip
    board.presenter.shown()
    assert board.verbs() == ["Cancel it in the store", "It is cancelled there"]
    board.presenter.do("resolve:send")
    ((asked, answer),) = board.asked
    assert asked.title == "Cancel it in the store?"
    assert any("gives the customer the money back" in text for text in asked.texts)
    assert any("cannot be undone" in text for text in asked.texts)
    assert board.waiting() == [], "nothing before the answer"
    assert board.count("differences") == 1
    answer("", "Changed their mind")
    (job,) = board.waiting()
    assert job.kind == "cancel"
    assert b"Changed their mind" in job.payload
    assert board.count("differences") == 0


def test_what_was_settled_meanwhile_is_said(board: Board) -> None:
    found = board.differ("variance", "one")
    board.presenter.shown()
    with board.store.write() as tx:
        conflicts.close_decided(tx, found, choice="noted", staff="", reason="")
    board.presenter.do("resolve:noted")
    assert "no difference any more" in board.view.notice
    assert board.view.rows == ()


def test_staff_who_may_not_ask_a_manager(tmp_path: Path) -> None:
    board = Board(tmp_path)
    with board.store.write() as tx:
        tx.conn.exec_driver_sql("DELETE FROM role_permissions WHERE permission = 'sync.decide'")
    sam = hire(board.store, "staff")
    station, front = station_for(board.store, sam, "Sam Staff", "staff")
    station.online = board.online
    presenter = SyncPresenter(station)
    board.differ("variance", "one")
    presenter.shown()
    presenter.do("resolve:noted")
    ((needs, _given),) = front.asked
    assert needs.facts["permission"] == "sync.decide"
    assert len(presenter.state.rows) == 1


# ---- many alike ----


def put_many(board: Board, number: int) -> None:
    board.differ("stock", *(f"sku-{place}" for place in range(number)))


def test_hundreds_alike_are_one_row_that_is_gone_into(board: Board) -> None:
    put_many(board, MOST_ROWS + 12)
    board.differ("variance", "one")
    board.presenter.shown()
    assert [r.what for r in board.view.rows] == ["Something differs about one.", "212 counts differ"]
    assert board.count("differences") == 213
    board.presenter.choose("enter:stock")
    assert board.verbs() == ["Show each of them"]
    board.presenter.do("enter:stock")
    assert board.view.inside == "212 counts differ"
    assert len(board.view.rows) == MOST_ROWS
    assert board.view.foot == "The oldest 200 of 212 are listed."
    assert board.verbs() == ["Send our count", "Take the store's count", "Leave it"]
    board.presenter.go_back()
    assert (board.view.inside, board.view.selected) == ("", "enter:stock")
    board.presenter.go_back()
    assert board.front.screen == "orders"


def test_all_alike_are_noted_after_one_question(board: Board) -> None:
    put_many(board, 7)
    board.presenter.shown()
    board.presenter.enter()
    board.presenter.do("all:stock")
    ((asked, answer),) = board.asked
    assert [choice for choice, _ in asked.choices] == ["send", "count", "noted"]
    assert any("cannot be undone" in text for text in asked.texts)
    answer("noted", "")
    assert board.view.rows == ()
    assert (board.view.inside, board.view.notice) == ("", "Decided 7.")


def test_all_alike_are_carried_out_one_by_one(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    put_many(board, MOST_ROWS + 50)
    done: list[str] = []
    real = deciding.resolve

    def resolve(store: Any, actor: Any, conflict_id: str, choice: Any, reason: str = "") -> Any:
        done.append(choice)
        return real(store, actor, conflict_id, "noted")

    monkeypatch.setattr(deciding, "resolve", resolve)
    board.presenter.shown()
    board.presenter.do("all:stock")
    board.asked[0][1]("send", "")
    assert done == ["send"] * 250
    assert board.view.notice == "Decided 250."
    assert board.count("differences") == 0


def test_all_alike_can_be_stopped_and_say_what_stopped_them(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(board, 9)
    real, calls = deciding.resolve, []

    def resolve(store: Any, actor: Any, conflict_id: str, choice: Any, reason: str = "") -> Any:
        calls.append(conflict_id)
        if len(calls) == 2:
            assert [v.words for v in (board.view.card.many,) if v] == ["Stop"]
            assert board.verbs() == []
            board.presenter.do("stop")
        if len(calls) == 4:
            raise Refused("elsewhere", "The store takes its stock from elsewhere.")
        return real(store, actor, conflict_id, "noted")

    monkeypatch.setattr(deciding, "resolve", resolve)
    board.presenter.shown()
    board.presenter.do("all:stock")
    board.asked[0][1]("send", "")
    assert board.view.notice == "Stopped. 2 were decided."
    assert board.count("differences") == 7
    board.presenter.choose("enter:stock")
    board.presenter.do("all:stock")
    board.asked[1][1]("send", "")
    assert board.view.notice == "The store takes its stock from elsewhere. 1 were decided."


# ---- uncertain and refused ----


def test_what_is_uncertain_is_looked_up_sent_again_or_discarded(board: Board) -> None:
    sale = board.sell()
    (job,) = board.waiting()
    board.end(job, "uncertain", "The connection broke.")
    board.presenter.shown()
    board.presenter.show_part("uncertain")
    card = board.view.card
    assert card.title.startswith(f"Sale {sale.receipt}, $18.50, ")
    assert card.texts[0].startswith("It was sent at ")
    assert "nobody knows whether the store took it" in card.texts[0]
    assert "The store was not looked at yet." in card.texts
    assert (card.quote, card.who_said) == ("The connection broke.", "What is known")
    assert board.verbs() == ["Look up in the store", "Send again", "Discard"]
    board.presenter.do("look")
    assert board.online.asked == [("look", job.id)]
    board.presenter.do("again")
    asked, answer = board.asked[0]
    assert any("there twice" in text for text in asked.texts)
    answer("", "")
    assert "looked for in the store first" in board.view.notice
    assert board.count("uncertain") == 1
    uploading.looked(board.store, job.id, "Not found.", 60_000)
    board.presenter.rested()
    board.presenter.shown()
    assert any("looked for in the store once, in vain" in text for text in board.view.card.texts)
    board.presenter.do("leave")
    asked, answer = board.asked[1]
    assert asked.reason == "needed"
    answer("", "Typed in by hand")
    assert board.count("uncertain") == 0
    assert board.waiting() == []
    board.presenter.open()
    assert board.opened == []


def test_without_a_connection_nothing_can_be_looked_up_and_it_says_why(board: Board) -> None:
    board.sell()
    board.end(board.waiting()[0], "uncertain", "x")
    board.online.become(way="away")
    board.presenter.shown()
    board.presenter.show_part("uncertain")
    assert board.view.card.verbs[0].why_not == "There is no connection to the store now."
    board.presenter.do("look")
    assert board.online.asked == []


def test_what_was_refused_shows_the_servers_words_as_such_and_cut(board: Board) -> None:
    board.sell()
    (job,) = board.waiting()
    board.end(job, "refused", "<a href='x'>No</a>\x00 such book. " * 1_000)
    board.presenter.shown()
    board.presenter.show_part("refused")
    card = board.view.card
    assert card.who_said == "The store said"
    assert card.quote.startswith("<a href='x'>No</a> such book.")
    assert len(card.quote) <= words.MOST_WORDS
    assert len(board.view.rows[0].second) <= 200
    assert board.verbs() == ["Send again", "Look up in the store", "Discard"]
    board.presenter.open()
    assert board.opened == ["R1-000001"]
    board.presenter.do("again")
    assert board.asked == [], "nothing of it was done there: it is sent at once"
    assert board.count("refused") == 0
    assert [j.state for j in board.waiting()] == ["new"]


def test_what_was_never_sent_is_not_called_the_stores_answer(board: Board) -> None:
    with board.store.write() as tx:
        netbox.post(tx, [("o", StatusUpload("o", "shipped"))], state="refused", status="No tracking number.")
    board.presenter.shown()
    board.presenter.show_part("refused")
    assert board.view.card.texts == ("It was not sent: the store would not take it like this.",)
    assert (board.view.card.who_said, board.view.card.quote) == ("Why", "No tracking number.")


def test_what_cannot_be_read_is_still_listed_and_can_be_discarded(board: Board) -> None:
    board.sell()
    (job,) = board.waiting()
    board.end(job, "refused", "No.")
    with board.store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE outbox SET payload = ? WHERE id = ?", (b"{", job.id))
    board.presenter.shown()
    board.presenter.show_part("refused")
    assert board.view.rows[0].what == "Something that cannot be read"


# ---- what waits ----


def test_what_waits_is_counted_by_kind_and_never_listed_row_by_row(board: Board) -> None:
    board.sell()
    with board.store.write() as tx:
        netbox.post(
            tx,
            [
                (f"sku-{n}", upload)
                for n in range(3_000)
                for upload in (StockUpload(f"sku-{n}", -2, "count"),)
            ],
        )
    board.presenter.shown()
    board.presenter.show_part("waiting")
    assert [(r.key, r.aside) for r in board.view.rows] == [("stock", "3,000"), ("sale", "1")]
    assert board.view.card.texts[:2] == (
        "3,000 stock changes go to the store by themselves, the oldest first.",
        "The oldest: sku-0: 2 copies fewer (counted).",
    )
    assert board.count("waiting") == 3_001
    assert board.view.foot == ""


def test_stock_moves_are_told_by_their_title(board: Board) -> None:
    with board.store.write() as tx:
        uploading.stock_moved(tx, [StockMove("9780156701600", 1, "receive", NOON)])
    board.presenter.shown()
    board.presenter.show_part("waiting")
    assert "1 copy more (received)" in board.view.card.texts[1]


# ---- passes and the store ----


def test_passes_say_what_they_read_and_why_they_broke_off(board: Board) -> None:
    board.online.state = replace(
        board.online.state,
        passes=(
            Pass(
                kind="orders", began_at=NOON - 3_000, ended_at=NOON, complete=True, seen=12, changed=2,
                left_out=3,
            ),
            Pass(kind="stock", began_at=NOON - 9_000, ended_at=NOON, seen=4, words="502 <i>Bad</i> gateway"),
            Pass(kind="compare", began_at=NOON, seen=4, missing=("BW-1", "BW-2")),
        ),
    )  # fmt: skip
    board.presenter.shown()
    board.presenter.show_part("passes")
    assert [(r.what, r.badge) for r in board.view.rows] == [
        ("What changed", "Complete"), ("Stock", "Broke off"), ("Nightly compare", "Goes on"),
    ]  # fmt: skip
    assert board.view.rows[0].second == "12 read · 2 new or changed · 3 of other stores left out"
    board.presenter.choose(board.view.rows[1].key)
    assert board.view.card.quote == "502 <i>Bad</i> gateway"
    board.presenter.choose(board.view.rows[2].key)
    assert any("BW-1, BW-2. Nothing was done about it." in text for text in board.view.card.texts)


def test_the_store_shows_its_rate_limit_the_clocks_and_who_talks_to_it(board: Board) -> None:
    board.online.state = replace(
        board.online.state, budget=RateBudget(100, 12, NOON + 60_000), clock_off_ms=5_000
    )
    board.presenter.shown()
    board.presenter.show_part("store")
    rows = {r.key: r for r in board.view.rows}
    assert rows["name"].what == "Tern Books"
    assert rows["budget"].second.startswith("12 of 100 requests are left until ")
    assert rows["budget"].badge == "Nearly used up"
    assert rows["clock"].second == "The store's clock is 5 s ahead of this computer's."
    assert rows["lease"].badge == "This register"
    board.become(way="standby", budget=RateBudget())
    rows = {r.key: r for r in board.view.rows}
    assert rows["lease"].badge == "Another register"
    assert rows["budget"].second == "The store has named none."
    assert board.view.why_not_now == "Another register talks to the store."


# ---- the whole of it ----


def test_it_is_paused_and_goes_on(board: Board) -> None:
    board.presenter.shown()
    board.presenter.sync_now()
    assert board.online.asked == [("now",)]
    board.presenter.pause()
    assert board.store.settings.online.paused
    assert board.view.paused
    assert board.view.headline.sentence.startswith("Paused.")
    board.presenter.sync_now()
    assert board.online.asked == [("now",)], "it is paused"
    board.presenter.pause()
    assert not board.view.paused
    assert not connecting.resume(board.store, board.actor).value.paused


def test_signing_in_is_offered_only_when_it_is_needed(board: Board) -> None:
    board.presenter.shown()
    board.presenter.sign_in()
    assert board.opened == []
    board.become(way="signed_out")
    assert board.view.signed_out
    assert board.view.why_not_now == "Sign in first."
    board.presenter.sign_in()
    assert board.opened == ["sign in"]


def test_the_first_import_is_stopped_and_goes_on(board: Board) -> None:
    board.online.become(first=Progress(1_200, 5_000, "orders"))
    board.presenter.shown()
    assert board.view.first is not None
    assert (board.view.first.words, board.view.first.percent) == (
        "First import: 1,200 of 5,000 orders read.", 24,
    )  # fmt: skip
    board.presenter.first_import()
    assert board.online.asked == [("cancel_first",)]
    board.become(first_stopped=True, first=Progress(7, 0, "stock"))
    assert board.view.first.words == "The first import was stopped: 7 titles read."
    assert board.view.first.percent is None
    board.presenter.first_import()
    assert board.online.asked[-1] == ("now",)


def test_the_store_of_a_demonstration_is_stopped_started_and_ordered_from(tmp_path: Path) -> None:
    demo = FakeDemo()
    board = Board(tmp_path, demo)
    board.presenter.shown()
    assert board.view.demo is not None
    assert board.view.demo.running
    board.presenter.demo_order()
    board.presenter.demo_run()
    assert not demo.running
    assert "stopped" in board.view.demo.words
    board.presenter.demo_order()
    assert demo.ordered == 1, "a store that is dead takes no order"
    board.presenter.demo_run()
    assert demo.running
