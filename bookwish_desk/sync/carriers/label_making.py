"""A bought label made ready for its printer: in the printer's own format, with the papers that go with it.

What cannot be had or drawn keeps no label from being printed. Used by `sync.carriers.buying` only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.actions.buying import NO_PAPERS
from bookwish_desk.actions.label_papers import Papers, format_for
from bookwish_desk.shop.carriage import LabelFile
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.postage import Postage

if TYPE_CHECKING:
    from bookwish_desk.sync.books import Books
    from bookwish_desk.sync.carriers.port import Carriers

log = logging.getLogger(__name__)

Draw = Callable[[Postage, LabelFile], Papers]


def converted(port: Carriers, books: Books, postage: Postage, file: LabelFile) -> tuple[LabelFile, ...]:
    """Return a label in the printer's own format too; nothing where that cannot be had: it is drawn then."""
    wanted = books.read(lambda store: format_for(store.settings, postage.register))
    if wanted != "zpl" or file.format != "png":
        return ()  # a picture as PDF comes on a page of its own
    reply = port.label(postage.shipment, wanted)
    log.info("event=label_convert id=%s result=%s status=%s", postage.id, reply.result, reply.status)
    made = reply.value if reply.result == "done" else None
    return (made,) if made is not None and made.data and made.format == wanted else ()


def drawn(draw: Draw, postage: Postage, file: LabelFile) -> Papers:
    """Return the papers of a label, none where they cannot be drawn."""
    try:
        return draw(postage, file)
    except Exception as fault:
        level = logging.INFO if isinstance(fault, ShopError) else logging.ERROR
        log.log(level, "event=label_without_papers id=%s", postage.id, exc_info=fault)
        return NO_PAPERS
