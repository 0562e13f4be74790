"""Opening an online store the first time: what people type, where tokens are kept, what went wrong in words.

Everything here is slow (imports, keyring, network) and belongs on a lane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.online import OnlineSettings, StoreProfile

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.sync.bookwish.session import TokenBox
    from bookwish_desk.sync.port import OnlineStore, Reply

T = TypeVar("T")


def open_bookwish(settings: OnlineSettings, box: TokenBox, person: bool) -> OnlineStore:
    """Open a BookWish store. Slow (imports): call it on a lane. Raises Refused for what is no address."""
    from bookwish_desk.sync.bookwish.adapter import BookWish

    port = BookWish(settings.address, box, settings.store_id)
    return port.for_person() if person else port


def keyring_box(store: Store, settings: OnlineSettings) -> TokenBox | None:
    """Return what keeps tokens in the keyring of this computer; None for a demonstration, which has none.

    Raises StorageError where there is no keyring. Slow: call it on a lane.
    """
    from bookwish_desk.sync.bookwish.session import KeyringBox

    kept = store.settings
    if kept.demo:
        return None
    box = KeyringBox(kept.shop_id, settings.address, settings.email)
    box.load()
    return box


def typed(address: str, email: str) -> OnlineSettings:
    """Return what was typed as it is kept. Raises Refused with the fact `field`."""
    from bookwish_desk.sync.bookwish.address import store_address

    account = email.strip()
    if "@" not in account:
        raise Refused("email", "Type the e-mail address of the account.", field="email")
    try:
        return OnlineSettings(address=store_address(address), email=account)
    except Refused as refused:
        raise Refused(refused.code, refused.message, field="address") from refused


def named(port: OnlineStore, store_id: str) -> StoreProfile:
    """Return what a store says of itself in public, by its id; one that is not listed is called by that."""
    told = port.find_store(store_id).value or ()
    return next((x for x in told if x.id == store_id and x.name), StoreProfile(store_id, f"Store {store_id}"))


def got(reply: Reply[T], field: str) -> T:
    """Return what a reply brought. Raises Refused in the store's words, with what is to blame."""
    if reply.result == "done" and reply.value is not None:
        return reply.value
    words = reply.words or "The store did not answer as it should."
    blamed = "address" if reply.result in ("not_sent", "unknown", "not_offered") else field
    raise Refused("online", words, field=blamed)
