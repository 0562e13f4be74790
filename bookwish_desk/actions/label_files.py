"""The bytes of bought labels: kept as soon as they come, and printed with the papers that go with them.

Used by `sync.carriers` only, as `actions.bought` is.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.bought import MOST_WORDS
from bookwish_desk.actions.buying import NO_PAPERS
from bookwish_desk.actions.label_papers import NO_PRINTER, Papers, format_for, post_papers
from bookwish_desk.actions.postage_notes import kept
from bookwish_desk.db import postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.carriage import LabelFile
from bookwish_desk.shop.text import clean

NOT_HERE = "The label is not here yet."


@action
def late(tx: Tx, postage_id: str, words: str, next_try_at: int) -> None:
    """Fetch a bought label's bytes again later."""
    before = postages.load(tx.conn, postage_id)
    if before.state == "bought":
        said = f"{NOT_HERE} {clean(words, MOST_WORDS)}".strip()
        if before.words and not before.words.startswith(NOT_HERE):
            said = before.words
        kept(tx, before, replace(before, words=said, next_try_at=next_try_at, attempts=before.attempts + 1))


@action
def came(tx: Tx, postage_id: str, files: Sequence[LabelFile], papers: Papers = NO_PAPERS) -> tuple[str, ...]:
    """Keep a label's bytes, and print it with its papers where that was asked for.

    `files` are the label as it was bought, first, and in other formats: that of the printer is printed.
    Returns the ids of the print jobs; none where the register has no printer, which the words say then.
    """
    before = postages.load(tx.conn, postage_id)
    if before.bought is None:
        return ()
    for file in files:
        postages.keep_label(tx, postage_id, file)
    # What was said of the label itself does not hold any more; why an order was not shipped does.
    words = "" if before.words.startswith(NOT_HERE) else before.words
    after = replace(before, label_at=before.label_at or tx.at, attempts=0, next_try_at=0, words=words)
    jobs: tuple[str, ...] = ()
    if after.prints and not before.printed and after.state == "bought":
        wanted = format_for(tx.settings, after.register)
        shown = next((file for file in files if file.format == wanted), files[0])
        jobs = post_papers(tx, after, shown, papers)
        after = replace(after, printed=jobs, words=words if jobs else f"{words} {NO_PRINTER}".strip())
    kept(tx, before, after)
    return jobs
