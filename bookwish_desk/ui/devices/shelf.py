"""What there is to scan with the simulated scanner: goods, codes worth trying, and what was printed last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from bookwish_desk.db.folding import fold
from bookwish_desk.db.store import Store
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.slip import Code, Slip, SlipKind
from bookwish_desk.ui.devices.state import Listing, Sample
from bookwish_desk.ui.station import Work

_LAST: dict[SlipKind, str] = {
    "receipt": "Last receipt",
    "hold": "Last held sale",
    "order": "Last pickup slip",
}

ReadGoods = Callable[[Store], Sequence[Item]]
ReadCodes = Callable[[Store], Iterable[tuple[str, str]]]


class _Read(msgspec.Struct, frozen=True):
    titles: tuple[Sample, ...] = ()
    codes: tuple[Sample, ...] = ()


class Shelf:
    """The barcodes that lie about in the shop; `loaded` is called when they were read."""

    def __init__(self, lanes: Work, loaded: Callable[[], None]) -> None:
        self._lanes = lanes
        self._loaded = loaded
        self._sources: tuple[ReadGoods, ReadCodes] | None = None
        self._read = _Read()
        self._printed: dict[str, Sample] = {}

    def load(self, goods: ReadGoods, codes: ReadCodes) -> None:
        """Read these goods and codes, on a lane."""
        self._sources = (goods, codes)
        self.reload()

    def reload(self) -> None:
        """Read them again: goods were added."""
        if self._sources is None:
            return
        goods, codes = self._sources

        def read(store: Store) -> _Read:
            money = store.settings.money
            titles = tuple(_sample(item, money) for item in goods(store))
            return _Read(titles, tuple(_trial(name, code) for name, code in codes(store)))

        self._lanes.read(read, then=self._take, latest="devices")

    def _take(self, read: _Read) -> None:
        self._read = read
        self._loaded()

    def printed(self, slip: Slip) -> None:
        """Offer what can be scanned off a slip: the last receipt, the last held sale, badges by name."""
        name = _LAST.get(slip.kind, slip.ref if slip.kind == "key" else "")
        codes = [_trial(name, x.text) for x in slip.elements if isinstance(x, Code) and name]
        self._printed |= {sample.name: sample for sample in codes}

    def found(self, listing: Listing, words: str) -> tuple[Sample, ...]:
        """Return the barcodes that fit all these words."""
        wanted = fold(words).split()
        samples = self._read.titles if listing == "titles" else self._codes()
        if not wanted:
            return samples
        return tuple(s for s in samples if all(word in s.folded for word in wanted))

    def _codes(self) -> tuple[Sample, ...]:
        """Return the codes to try; what was printed last takes the place of what was there before."""
        return (*self._printed.values(), *(s for s in self._read.codes if s.name not in self._printed))


def _trial(name: str, code: str) -> Sample:
    return Sample(code, name, folded=fold(f"{name} {code}"))


def _sample(item: Item, money: Currency) -> Sample:
    code = item.sku if item.ean is None else str(item.ean).zfill(12 if item.ean < 10**12 else 13)
    price = "" if item.price_cents is None else money.show(item.price_cents)
    folded = fold(f"{item.title} {item.authors} {code} {item.sku}")
    return Sample(code, item.title, item.authors, price, folded)
