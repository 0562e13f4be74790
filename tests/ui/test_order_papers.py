"""The sheet for papers of orders: printed and saved, many at once, stopped, with what had none; pictures."""

from __future__ import annotations

import errno

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QWidget

from bookwish_desk.actions import outgoing
from bookwish_desk.db import orders, outbox
from bookwish_desk.settings import Settings
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.pages import Pages
from bookwish_desk.ui import order_papers
from bookwish_desk.ui.order_papers import filing
from bookwish_desk.ui.order_papers.presenter import STRETCH, PapersPresenter
from bookwish_desk.ui.widgets import Sheet
from tests.support import looking
from tests.support.orders import EMMA, ORLANDO, line, made, received, shelved, stepped
from tests.support.papers import read, words_of
from tests.support.shops import NOON, document_printer, found_shop, label_printer, printer, station_for

ALL_PRINTERS = (printer(), document_printer(), label_printer(width_mm=101.6, height_mm=152.4))


class Shop:
    """A shop with orders, and a presenter of the sheet without a window."""

    def __init__(self, folder, devices=ALL_PRINTERS):
        settings = Settings(shop_name="Test Books", devices=devices, slip_insert="Reading on Friday.")
        self.store, self.actor = found_shop(folder, settings)
        shelved(self.store, self.actor, ORLANDO, 5)
        self.station, self.front = station_for(self.store, self.actor)
        self.folder = folder

    def order(self, number, **more):
        facts = {"kind": "ship", **more}
        return received(self.store, self.actor, made(number, line(), line(EMMA), **facts))

    def many(self, count):
        wanted = [made(f"N{n:03}", line(), line(EMMA), kind="ship", placed_at=NOON + n) for n in range(count)]
        with self.store.write() as tx:
            for order in wanted:
                orders.insert(tx, order)
        return wanted

    def cancelled(self, number):
        gone = self.order(number)
        return stepped(self.store, self.actor, gone, Step("cancel", reason="Not wanted"))

    def asking(self, wanted, **more):
        presenter = PapersPresenter(self.station, [o.id for o in wanted], **more)
        presenter.open()
        return presenter

    def jobs(self):
        with self.store.read() as conn:
            return outbox.unfinished(conn, 1)

    def printed(self, order):
        with self.store.read() as conn:
            return [e.body for e in orders.history(conn, order.id) if e.kind == "printed"]


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


@pytest.mark.capability("BW-27")
def test_five_hundred_orders_are_printed_by_stretches_and_two_that_fail_keep_no_other(shop):
    wanted = shop.many(498)
    wanted.insert(77, shop.cancelled("GONE-1"))
    wanted.insert(401, shop.cancelled("GONE-2"))
    presenter = shop.asking(wanted)
    seen = []
    presenter.render = lambda state: seen.append((state.busy, state.done))
    presenter.print_papers()
    state = presenter.state
    assert [f.order for f in state.failed] == ["GONE-1", "GONE-2"]
    assert state.failed[0].reason == "There is nothing to pack: the order is cancelled."
    assert state.notice == "498 packing slips are being printed." and not state.over
    sent = [outgoing.printed_of(job) for job in shop.jobs()]
    pages = sum(len(read(job.pdf).pages) for job in sent if isinstance(job, Pages))
    assert pages == 498 and len(shop.jobs()) == 500 // STRETCH
    assert seen[-1] == (False, 500)
    assert {done for _, done in seen} >= set(range(STRETCH, 501, STRETCH))
    assert len(shop.printed(wanted[0])) == 1 and not shop.printed(wanted[77])


@pytest.mark.capability("BW-27")
def test_printing_stops_between_two_stretches_and_says_how_far_it_came(shop):
    presenter = shop.asking(shop.many(2 * STRETCH + 10))

    def stop_after_one(state):
        if state.done == STRETCH and not state.stopping:
            presenter.stop()

    presenter.render = stop_after_one
    presenter.print_papers()
    assert presenter.state.notice == f"Stopped: {STRETCH} packing slips are being printed."
    assert len(shop.jobs()) == 1 and not presenter.state.busy and not presenter.state.over


def test_slips_of_4_by_6_are_a_job_each(shop):
    wanted = shop.many(3)
    presenter = shop.asking(wanted)
    presenter.choose_size("4x6")
    assert presenter.state.printer == "Prints on Label printer."
    presenter.print_papers()
    assert [(job.kind, job.ref) for job in shop.jobs()] == [("packing_slip", o.number) for o in wanted]
    assert presenter.state.over


def test_without_a_printer_the_sentence_says_so_and_a_pdf_is_saved(tmp_path):
    shop = Shop(tmp_path / "shop", devices=(printer(),))
    order = shop.order("BW-20260921-AB12")
    presenter = shop.asking([order])
    assert presenter.state.lacking == (
        "No document printer is set up. Save as PDF, or add one on the Devices screen."
    )
    presenter.print_papers()
    assert not shop.jobs()
    assert presenter.state.file_name == "packing-slip-bw-20260921-ab12.pdf"
    path = tmp_path / presenter.state.file_name
    presenter.save(str(path))
    assert "Reading on Friday." in words_of(path.read_bytes())[0]
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == [path.name]
    assert '"to":"file"' in shop.printed(order)[0]
    assert shop.front.said[-1][0] == f"1 packing slip is saved as {path}"


def test_a_file_is_replaced_only_when_somebody_says_so(shop, tmp_path):
    path = tmp_path / "slips.pdf"
    path.write_text("mine")
    presenter = shop.asking(shop.many(2))
    presenter.save(str(path))
    assert presenter.state.replacing == str(path) and path.read_text() == "mine"
    presenter.replace(False)
    assert path.read_text() == "mine" and not presenter.state.replacing
    presenter.save(str(path))
    presenter.replace(True)
    assert len(read(path.read_bytes()).pages) == 2


def test_a_file_that_was_kept_is_not_written_by_what_is_printed_then(shop, tmp_path):
    path = tmp_path / "slips.pdf"
    path.write_text("mine")
    presenter = shop.asking(shop.many(2))
    presenter.save(str(path))
    presenter.replace(False)
    presenter.print_papers()
    assert path.read_text() == "mine"
    assert presenter.state.notice == "2 packing slips are being printed." and len(shop.jobs()) == 1


def test_a_name_that_is_too_long_for_a_file_is_said(shop, tmp_path):
    presenter = shop.asking(shop.many(1))
    presenter.save(str(tmp_path / f"{'x' * 400}.pdf"))
    assert presenter.state.notice.endswith("The name is too long.") and not presenter.state.busy


@pytest.mark.parametrize(
    ("fault", "said"),
    [(errno.ENOSPC, "There is no room left on that disk."), (errno.EACCES, "may not be written to")],
)
def test_a_disk_that_is_full_or_shut_leaves_the_old_file_and_says_why(
    shop, tmp_path, monkeypatch, fault, said
):
    def failing(_number):
        raise OSError(fault, "no")

    path = tmp_path / "slips.pdf"
    path.write_text("mine")
    monkeypatch.setattr("bookwish_desk.ui.order_papers.filing.os.fsync", failing)
    presenter = shop.asking(shop.many(1))
    presenter.save(str(path))
    presenter.replace(True)
    assert said in presenter.state.notice and not presenter.state.busy
    assert path.read_text() == "mine" and [p.name for p in tmp_path.glob("*.pdf*")] == ["slips.pdf"]
    assert not list(tmp_path.glob(".*.part"))


def test_a_folder_that_is_not_there_leaves_nothing_and_is_said(shop, tmp_path):
    presenter = shop.asking(shop.many(1))
    presenter.save(str(tmp_path / "nowhere" / "slips.pdf"))
    assert "could not be saved" in presenter.state.notice and not presenter.state.busy


def test_saving_that_is_stopped_leaves_no_file(shop, tmp_path):
    presenter = shop.asking(shop.many(2 * STRETCH))
    path = tmp_path / "slips.pdf"

    def stop_when_drawing(state):
        if state.done and not state.stopping:
            presenter.stop()

    presenter.render = stop_when_drawing
    presenter.save(str(path))
    assert presenter.state.notice == "Nothing was saved." and not path.exists()


def test_a_pick_list_is_saved_or_printed_on_what_there_is(tmp_path):
    shop = Shop(tmp_path / "shop", devices=(printer(),))
    wanted = [stepped(shop.store, shop.actor, shop.order(n), "confirm") for n in ("A", "B")]
    presenter = shop.asking(wanted, paper="pick_list")
    assert presenter.state.printer == "Prints on Receipt printer." and not presenter.state.sizes
    presenter.print_papers()
    (job,) = shop.jobs()
    assert job.channel == "paper"
    presenter = shop.asking(wanted, paper="pick_list")
    presenter.save(str(tmp_path / "list.pdf"))
    assert "Orlando" in words_of((tmp_path / "list.pdf").read_bytes())[0]


def test_a_pick_list_names_the_orders_that_are_not_on_it(shop):
    listed, held, gone = (
        stepped(shop.store, shop.actor, shop.order(n), "confirm") for n in ("A", "HELD", "GONE")
    )
    stepped(shop.store, shop.actor, held, Step("hold", reason="Cheque clearing"))
    stepped(shop.store, shop.actor, gone, Step("cancel", reason="Not wanted"))
    picked = stepped(shop.store, shop.actor, shop.order("B"), "confirm", "pick")
    presenter = shop.asking([listed, held, gone, picked], paper="pick_list")
    presenter.print_papers()
    assert [(f.order, f.reason) for f in presenter.state.failed] == [
        ("GONE", "The order is cancelled."),
        ("HELD", "The order is on hold: Cheque clearing."),
    ]
    assert presenter.state.notice == "The pick list is being printed." and not presenter.state.over
    assert len(shop.printed(listed)) == 1
    assert not any(shop.printed(order) for order in (held, gone, picked))


def test_slips_printed_without_the_sheet_say_why_there_is_none(shop):
    order_papers.print_slips(shop.station, [shop.cancelled("GONE").id])
    assert shop.front.said == [
        (
            "There is no packing slip to be made. GONE: There is nothing to pack: the order is cancelled.",
            "warn",
        )
    ]


def test_pickup_slips_are_offered_for_pickups_and_those_not_ready_are_named(shop):
    assert "hold_slip" not in dict(shop.asking(shop.many(1)).state.papers)
    waiting = shop.order("P2", kind="pickup")
    ready = made("P1", line(ORLANDO), kind="pickup")
    ready = stepped(
        shop.store, shop.actor, received(shop.store, shop.actor, ready), "confirm", "pick", "ready"
    )
    presenter = shop.asking([ready, waiting])
    presenter.choose_paper("hold_slip")
    assert not presenter.state.file_name
    presenter.print_papers()
    assert [f.order for f in presenter.state.failed] == ["P2"]
    assert [job.channel for job in shop.jobs()] == ["paper"]


@pytest.mark.parametrize(
    ("words", "name"),
    [("pick list", "pick-list"), ("../../etc/x y", "etc-x-y"), ("東京", "orders"), ("", "orders")],
)
def test_names_of_files_are_plain(words, name):
    assert filing.plain_name(words) == name


# ---- the sheet ----


@pytest.fixture
def window(dressed, qtbot):
    window = looking.window_with("stock", QWidget(), (1024, 768))
    qtbot.addWidget(window)
    qtbot.waitUntil(window.isActiveWindow)
    return window


def test_the_sheet_asks_where_to_save_and_before_it_replaces(shop, window, qtbot, tmp_path, qapp):
    qapp.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    path = tmp_path / "slips.pdf"
    path.write_text("mine")
    sheet = order_papers.ask_print(window, shop.station, [o.id for o in shop.many(2)])
    qtbot.waitUntil(sheet.isActiveWindow)
    qtbot.keyClick(sheet, Qt.Key.Key_F9)
    (dialog,) = sheet.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()
    question = next(
        w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w is not sheet and w.isVisible()
    )
    next(b for b in question.findChildren(QPushButton) if b.text() == "Replace it").click()
    assert len(read(path.read_bytes()).pages) == 2
    assert not sheet.isVisible()


def test_pictures(shop, window, qtbot, qapp, pictures):
    wanted = [*shop.many(6), shop.cancelled("BW-20260921-GONE")]
    sheet = order_papers.ask_print(window, shop.station, [o.id for o in wanted])
    qapp.processEvents()
    looking.photograph(window, pictures / "papers-asked.png", sheet)
    qtbot.waitUntil(sheet.isActiveWindow)
    qtbot.keyClick(sheet, Qt.Key.Key_F12)
    qapp.processEvents()
    looking.photograph(window, pictures / "papers-failed.png", sheet)
    assert sheet.failed.rows()[0].cells[0] == "BW-20260921-GONE"
    assert not looking.nameless(sheet) and not looking.rich(sheet) and not looking.cut_off(sheet)
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
