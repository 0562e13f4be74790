"""What every presenter works with: lanes, who is signed in, approvals, messages, navigation, scans.

Made by `desk` and handed to each presenter; there is one for each window and no global one. Screens
do not know it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar, runtime_checkable

from msgspec.structs import replace

from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.barcode import Scan
from bookwish_desk.shop.errors import NeedsApproval, ShopError
from bookwish_desk.shop.label import LabelKind
from bookwish_desk.shop.staff import Actor, Person
from bookwish_desk.ui.addons import AddOns

if TYPE_CHECKING:
    from bookwish_desk.shop.customer_view import CustomerView
    from bookwish_desk.ui.online_work import OnlineWork
    from bookwish_desk.ui.shipping_work import ShippingWork
    from bookwish_desk.ui.wedge import Typed

T = TypeVar("T")
Failed = Callable[[ShopError], None]
Stale = Callable[[], bool]
Tone = Literal["ok", "warn", "error"]


class Work(Protocol):
    """The lanes as presenters use them; see `bookwish_desk.lanes.Lanes`."""

    @property
    def store(self) -> Store:
        """Return the store, for work that reads and writes on a lane of its own."""

    def act(
        self,
        action: Callable[[Store], Outcome[T]],
        *,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Do an action on the shop lane."""

    def read(
        self,
        reading: Callable[[Store], T],
        *,
        then: Callable[[T], None],
        failed: Failed | None = None,
        latest: str = "",
    ) -> None:
        """Read on the search lane; a newer read of the same `latest` name makes older ones moot."""

    def search(
        self,
        reading: Callable[[Store, Stale], T],
        *,
        then: Callable[[T], None],
        failed: Failed | None = None,
        latest: str,
        lane: str = "search",
    ) -> None:
        """Read what a newer read of the same `latest` name breaks off: `stale()` says that it came."""

    def drop(self, latest: str) -> None:
        """Break off what is read under this name."""

    def work(
        self,
        job: Callable[[], T],
        *,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        lane: str = "desk",
    ) -> None:
        """Do slow work (hashing, files, PDF) on a lane of its own."""

    def write_now(self, action: Callable[[Store], Outcome[T]]) -> T:
        """Do an action on the shop lane and wait for it: from another lane only."""

    def home(self, call: Callable[[], None]) -> None:
        """Run `call` on the GUI thread; may be called on any lane."""

    def later(self, ms: int, call: Callable[[], None]) -> None:
        """Run `call` on the GUI thread after `ms` milliseconds."""


class ScanOwner(Protocol):
    """Whoever takes scans now: exactly one presenter."""

    def scanned(self, code: str) -> None:
        """Take one scan; `code` is what the scanner sent."""


@runtime_checkable
class AddOnOwner(Protocol):
    """A scan owner to whom the small barcode beside the bigger one says something."""

    def addon(self, article: Scan) -> None:
        """Take the article that was scanned last, now with its add-on."""


class Front(Protocol):
    """What the window does for presenters."""

    def say(self, sentence: str, tone: Tone = "ok") -> None:
        """Show a sentence at the edge of the window for a moment."""

    def offer(self, sentence: str, verb: str, then: Callable[[], object]) -> None:
        """Show a sentence with a verb that acts on it, for a moment."""

    def show_screen(self, name: str) -> None:
        """Go to a screen: "sell", "sales", "stock", "till", "settings"."""

    def ask_approval(self, needs: NeedsApproval, given: Callable[[str], None]) -> None:
        """Ask a manager for a PIN; `given` gets the id of the approval. Nothing happens when refused."""


class Station:
    """One register's desk as presenters see it. `pepper` is what PINs are hashed with, from the keyring.

    `label_kind` is the kind of labels that was printed last, until the desk is closed. `mail_trouble` is what
    holds all e-mail up, in a sentence, empty where nothing does. `online` is the work with the online store,
    `shipping` that with carriers; both None until the desk has brought them in.
    """

    def __init__(self, lanes: Work, register: int, settings: Settings) -> None:
        self.lanes = lanes
        self.register = register
        self.settings = settings
        self.person: Person | None = None
        self.pepper: bytes | None = None
        self.front: Front | None = None
        self.label_kind: LabelKind = "price"
        self.mail_trouble = ""
        self.online: OnlineWork | None = None
        self.shipping: ShippingWork | None = None
        self._owners: list[ScanOwner] = []
        self._addons = AddOns()
        self._typed: Typed | None = None
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self._customers: list[Callable[[CustomerView], None]] = []
        self._view: Callable[[], CustomerView] = self._nothing_sold

    @property
    def actor(self) -> Actor:
        """Return who acts now; nobody when nobody is signed in (actions then refuse)."""
        return Actor(self.person.id if self.person else "", self.register)

    @property
    def prints_receipts(self) -> bool:
        """Say whether this register has a receipt printer."""
        return self.settings.device_for("receipts", self.register) is not None

    def act(
        self,
        action: Callable[[Store, Actor], Outcome[T]],
        *,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Do an action as whoever is signed in; where a manager must approve it, ask and do it again.

        `station.act(lambda store, actor: selling.void(store, actor, draft_id), then=..., failed=...)`
        """
        actor = self.actor

        def refused(error: ShopError) -> None:
            if isinstance(error, NeedsApproval) and self.front is not None:
                # Whoever asked may have locked the register meanwhile: nothing opens over the cover.
                if self.actor == actor:
                    self.front.ask_approval(error, again)
            elif failed is not None:
                failed(error)
            else:
                self.say(error.message, "error")

        def again(approval: str) -> None:
            approved = replace(actor, approval=approval)
            self.lanes.act(lambda store: action(store, approved), then=then, failed=failed or self._say)

        self.lanes.act(lambda store: action(store, actor), then=then, failed=refused)

    def _say(self, error: ShopError) -> None:
        self.say(error.message, "error")

    def say(self, sentence: str, tone: Tone = "ok") -> None:
        """Show a sentence for a moment."""
        if self.front is not None:
            self.front.say(sentence, tone)

    def offer(self, sentence: str, verb: str, then: Callable[[], object]) -> None:
        """Show a sentence for a moment, with a verb that does `then`."""
        if self.front is not None:
            self.front.offer(sentence, verb, then)

    def show_screen(self, name: str) -> None:
        """Go to another screen."""
        if self.front is not None:
            self.front.show_screen(name)

    def own_scans(self, owner: ScanOwner) -> None:
        """Give scans to `owner` until it releases them: the latest owner gets them, no other."""
        self.release_scans(owner)
        self._owners.append(owner)

    def release_scans(self, owner: ScanOwner) -> None:
        """Give scans back to whoever had them before."""
        self._owners = [o for o in self._owners if o is not owner]

    def scanned(self, code: str) -> None:
        """Hand a scan to its one owner. An add-on goes to owners that want it and is nothing to others."""
        if not self._owners:
            return
        owner, article = self._owners[-1], self._addons.article_of(code)
        if article is None:
            owner.scanned(code)
        elif isinstance(owner, AddOnOwner):
            owner.addon(article)
        self._typed = None

    def typed(self, how: Typed) -> None:
        """Hear how the scan was typed that is handed in next."""
        self._typed = how

    def came(self, code: str) -> Typed | None:
        """Return how the scan that is handed on now was typed; None: by a line of the scanner's own."""
        return self._typed if self._typed is not None and self._typed.text == code else None

    def on_change(self, listener: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Call `listener` with the nouns of every commit; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def changed(self, nouns: frozenset[str]) -> None:
        """Tell every listener what a commit touched."""
        for listener in tuple(self._listeners):
            listener(nouns)

    def on_customer(self, listener: Callable[[CustomerView], None]) -> Callable[[], None]:
        """Call `listener` with what the customer shall see, now and at each change; return what ends it."""
        self._customers.append(listener)
        listener(self.customer_view())
        return lambda: self._customers.remove(listener)

    def show_customer(self, view: Callable[[], CustomerView]) -> None:
        """Show the customer what `view` returns: it is only called where there is a display to show it on."""
        self._view = view
        if self._customers:
            seen = view()
            for listener in tuple(self._customers):
                listener(seen)

    def customer_view(self) -> CustomerView:
        """Return what the customer shall see now."""
        return self._view()

    def _nothing_sold(self) -> CustomerView:
        from bookwish_desk.shop.customer_view import idle_view

        return idle_view(self.settings.shop_name)
