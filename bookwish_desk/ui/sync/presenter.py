"""Runs the Sync screen: how it stands, what waits for a person, and what people decide about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace

from bookwish_desk.actions import deciding, uploading
from bookwish_desk.shop.conflict import Choice, Kind
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.sync_state import SyncState
from bookwish_desk.ui.pacing import Rests
from bookwish_desk.ui.sync import differences, reading, uploads, words
from bookwish_desk.ui.sync.alike import STOP, AllAlike
from bookwish_desk.ui.sync.reading import Ask, Board
from bookwish_desk.ui.sync.state import PARTS, Asked, Card, DemoStrip, Part, SyncRow, SyncView, Verb

if TYPE_CHECKING:
    from bookwish_desk.ui.online_work import OnlineWork
    from bookwish_desk.ui.station import Station

TICK_MS = 1_000
"""Seconds are counted this often: "last heard 12 s ago"."""
REST_MS = 400
"""While much goes up, lists are read anew no oftener than this."""

_CONCERN = frozenset({"net", "conflicts", "settings"})
_NO_BOARD = Board((), {}, "", {}, {}, {})
_WHY_NOT_NOW = {
    "paused": "It is paused. Go on first.",
    "signed_out": "Sign in first.",
    "standby": "Another register talks to the store.",
}

Answer = Callable[[str, str], None]


class SyncPresenter:
    """Shows how syncing stands. `render` gets each state.

    `on_ask` shows a question and calls back with a choice and a reason; `on_order` and `on_receipt` open
    what a row is about; `on_sign_in` and `on_set_up` lead to where that is done; `on_leave` goes back.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = SyncView()
        self.render: Callable[[SyncView], None] = lambda _view: None
        self.on_ask: Callable[[Asked, Answer], object] = lambda _asked, _answer: None
        self.on_order: Callable[[str], None] = lambda _order: None
        self.on_receipt: Callable[[str], None] = lambda _receipt: None
        self.on_sign_in: Callable[[], None] = lambda: None
        self.on_set_up: Callable[[], None] = lambda: None
        self._board = _NO_BOARD
        self._inside: Kind | None = None
        self._alike = AllAlike(station, self._alike_told)
        self._shown = self._ticking = False
        self._loads = Rests(station.lanes.later, REST_MS, self._load, lambda: self._shown)
        self._unwatch: list[Callable[[], None]] = []
        station.on_change(self._changed)

    @property
    def _online(self) -> OnlineWork | None:
        return self.station.online

    @property
    def sync(self) -> SyncState:
        """Return how it stands, as far as is known: a store that was connected just now is about to start."""
        online, settings = self._online, self.station.settings.online
        state = online.state if online is not None else SyncState()
        if not settings.connected:
            return replace(state, way="none")
        if settings.paused:
            return replace(state, way="paused")
        return replace(state, way="starting") if state.way in ("none", "paused") else state

    # ---- coming and going ----

    def shown(self) -> None:
        """Follow how it stands, and read what is listed."""
        self._shown = True
        online = self._online
        if online is not None and not self._unwatch:
            self._unwatch.append(online.watch(lambda _state: self._load_soon()))
            if online.demo is not None:
                self._unwatch.append(online.demo.watch(self._refresh))
        self._refresh()
        self._load()
        self._wait()

    def hidden(self) -> None:
        """Follow nothing any more; what went wrong last is forgotten."""
        self._shown = False
        for stop in self._unwatch:
            stop()
        self._unwatch.clear()
        self.state = replace(self.state, notice="")

    def _wait(self) -> None:
        if not self._ticking:
            self._ticking = True
            self.station.lanes.later(TICK_MS, self.tick)

    def tick(self) -> None:
        """Count the seconds since the store was heard: one more has passed."""
        self._ticking = False
        if self._shown:
            self._refresh()
            self._wait()

    # ---- reading ----

    def _changed(self, nouns: frozenset[str]) -> None:
        if nouns & _CONCERN:
            self._load_soon()

    def _load_soon(self) -> None:
        if self._shown and not self._loads.soon():
            self._refresh()

    def rested(self) -> None:
        """Read again what changed meanwhile: a moment has passed since the last time."""
        self._loads.rested()

    def _load(self) -> None:
        ask, settings = Ask(self.state.part, self._inside, self._why_no_look()), self.station.settings
        self.station.lanes.read(
            lambda store: reading.board(store, ask, settings),
            then=lambda board: self._loaded(ask, board),
            latest="sync-board",
        )

    def _loaded(self, ask: Ask, board: Board) -> None:
        if (ask.part, ask.inside) != (self.state.part, self._inside):
            return
        if self._inside and not board.differing.get(self._inside):
            self._leave_group()
            return
        self._board = board
        self._refresh()

    def _why_no_look(self) -> str:
        return uploads.NO_CONNECTION if self.sync.way in ("away", "starting", "none") else self._why_not_now()

    def _why_not_now(self) -> str:
        return _WHY_NOT_NOW.get(self.sync.way, "") if self._online is not None else uploads.NO_CONNECTION

    # ---- showing ----

    def _refresh(self, **changes: object) -> None:
        """Show what is known, with these changes."""
        sync, board, part = self.sync, self._board, self.state.part
        settings, now = self.station.settings, self.station.lanes.store.clock()
        rows, cards = self._rows(sync, now)
        selected = str(changes.pop("selected", self.state.selected))
        if all(r.key != selected for r in rows):
            selected = self._beside(selected, rows)
        counts = tuple((p, board.counts[p]) for p in PARTS if p in board.counts)
        self.state = replace(
            self.state,
            connected=sync.connected,
            headline=words.headline(sync, board.waiting, now, settings),
            warnings=words.warnings(sync),
            counts=counts,
            rows=rows,
            empty=reading.EMPTY[part],
            foot=board.foot,
            inside=self._inside_words(),
            selected=selected,
            card=self._card(cards.get(selected)),
            paused=sync.way == "paused",
            signed_out=sync.way == "signed_out",
            why_not_now=self._why_not_now(),
            first=words.first_import(sync.first, sync.first_stopped) if sync.connected else None,
            demo=self._demo(),
            **changes,
        )
        self.render(self.state)

    def _rows(self, sync: SyncState, now: int) -> tuple[tuple[SyncRow, ...], dict[str, Card]]:
        settings = self.station.settings
        if self.state.part == "passes":
            rows = tuple(words.pass_row(p, now, settings) for p in sync.passes)
            return rows, {words.pass_key(p): words.pass_card(p, now, settings) for p in sync.passes}
        if self.state.part == "store":
            rows = words.store_rows(sync, now, settings)
            return rows, {r.key: words.store_card(r) for r in rows}
        return self._board.rows, dict(self._board.cards)

    def _beside(self, gone: str, rows: tuple[SyncRow, ...]) -> str:
        """Return the row that took the place of one that is done: the next in the list, else the last."""
        if not rows:
            return ""
        before = [r.key for r in self.state.rows]
        place = before.index(gone) if gone in before else 0
        return rows[min(place, len(rows) - 1)].key

    def _card(self, found: Card | None) -> Card:
        if self._alike.running:
            # Nothing else is decided meanwhile: the row that is chosen may be the one that is decided now.
            return replace(found or Card(), verbs=(), many=Verb(STOP, "Stop"))
        part = self.state.part
        return found or Card(title=PARTS[part], texts=(reading.ABOUT[part],))

    def _inside_words(self) -> str:
        if self._inside is None:
            return ""
        return differences.group_name(self._inside, self._board.differing.get(self._inside, 0))

    def _demo(self) -> DemoStrip | None:
        demo = self._online.demo if self._online is not None else None
        if demo is None:
            return None
        running = demo.running
        said = (
            "It runs beside the desk. Stop it and go on selling."
            if running
            else "It is stopped, as in an outage."
        )
        return DemoStrip(running, said)

    # ---- parts and rows ----

    def show_part(self, part: Part) -> None:
        """List another part."""
        self._inside, self._board = None, replace_rows(self._board)
        self.state = replace(self.state, part=part, rows=(), selected="", notice="")
        self._refresh()
        self._load()

    def choose(self, key: str) -> None:
        """Show a row whole."""
        if key != self.state.selected:
            self._refresh(selected=key, notice="")

    def enter(self, key: str = "") -> None:
        """Go into a group of differences: Enter on its row, or its verb."""
        wanted = key or self.state.selected
        if wanted.startswith(differences.ENTER):
            self._inside = cast("Kind", wanted.removeprefix(differences.ENTER))
            self.state = replace(self.state, selected="", notice="")
            self._load()

    def _leave_group(self) -> None:
        gone, self._inside = self._inside, None
        self.state = replace(self.state, selected=f"{differences.ENTER}{gone}", rows=())
        self._load()

    def go_back(self) -> None:
        """Leave the group, or the screen."""
        if self._inside is not None:
            self._leave_group()
        else:
            self.station.show_screen("orders")

    def open(self) -> None:
        """Open the order or the receipt that the chosen row is about."""
        kind, _, ref = self.state.card.opens.partition(":")
        if kind == "order":
            self.on_order(ref)
        elif kind == "receipt":
            self.on_receipt(ref)

    # ---- deciding ----

    def do(self, verb_id: str) -> None:
        """Do what is offered for the chosen row, asking first where that is needed."""
        card = self.state.card
        verb = next((v for v in (*card.verbs, card.many) if v is not None and v.id == verb_id), None)
        if verb is None or verb.why_not:
            return
        if verb.asks is None:
            self._carry_out(card.key, verb_id, "", "")
        else:
            self.on_ask(verb.asks, lambda choice, reason: self._carry_out(card.key, verb_id, choice, reason))

    def _carry_out(self, key: str, verb: str, choice: str, reason: str) -> None:
        if verb == STOP:
            self._alike.stop()
        elif verb.startswith(differences.ENTER):
            self.enter(verb)
        elif verb.startswith(differences.RESOLVE):
            decided = cast("Choice", verb.removeprefix(differences.RESOLVE))
            self._act(lambda store, actor: deciding.resolve(store, actor, key, decided, reason))
        elif verb.startswith(differences.ALL):
            self._alike.run(cast("Kind", verb.removeprefix(differences.ALL)), cast("Choice", choice))
        elif verb == uploads.LOOK:
            self._look_up(key)
        else:
            verdict = cast("uploading.Verdict", verb)
            self._act(lambda store, actor: uploading.decide(store, actor, key, verdict, reason))

    def _act(self, action: Callable[..., Any]) -> None:
        self.station.act(action, then=lambda _none: self._decided(), failed=self._refused)

    def _decided(self) -> None:
        self.state = replace(self.state, notice="")
        self._load()

    def _refused(self, error: ShopError) -> None:
        self._refresh(notice=error.message, tone="warn")
        self._load()

    def _look_up(self, job_id: str) -> None:
        if self._online is not None:
            self._online.look_up(job_id)
            self._refresh(
                notice="The store is being looked at. What comes of it stands here in a moment.", tone="info"
            )

    def _alike_told(self, notice: str, tone: str) -> None:
        self._refresh(notice=notice, tone=tone)
        if not self._alike.running:
            self._load()

    # ---- the whole of it ----

    def sync_now(self) -> None:
        """Send and fetch at once."""
        if self._online is not None and not self.state.why_not_now:
            self._online.sync_now()
            self._refresh(notice="")

    def pause(self) -> None:
        """Pause, or go on."""
        from bookwish_desk.actions import connecting

        change = connecting.resume if self.state.paused else connecting.pause
        self.station.act(change, then=self._kept, failed=self._refused)

    def _kept(self, online: OnlineSettings) -> None:
        self.station.settings = replace(self.station.settings, online=online)
        self._decided()

    def sign_in(self) -> None:
        """Ask for the password of the store."""
        if self.state.signed_out:
            self.on_sign_in()

    def set_up(self) -> None:
        """Go to where the store is connected."""
        self.on_set_up()

    def first_import(self) -> None:
        """Stop the first import, or go on with it."""
        if self._online is None or self.state.first is None:
            return
        if self.state.first.stopped:
            self._online.sync_now()
        else:
            self._online.cancel_first()

    def demo_run(self) -> None:
        """Kill the store of the demonstration, or start it again."""
        demo = self._online.demo if self._online is not None else None
        if demo is not None:
            if demo.running:
                demo.stop()
            else:
                demo.start()
            self._refresh()

    def demo_order(self) -> None:
        """Let a customer of the demonstration order something now."""
        demo = self._online.demo if self._online is not None else None
        if demo is not None and demo.running:
            demo.order_now()
            self.station.say("A customer is ordering at the demonstration store.")


def replace_rows(board: Board) -> Board:
    """Return the board without the rows of its part: another part is about to be read."""
    return board._replace(rows=(), cards={}, foot="")
