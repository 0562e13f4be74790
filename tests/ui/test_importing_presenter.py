"""Importing without a window: looking at lists, mapping columns, progress, cancel, approval, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.actions import configuring, importing
from bookwish_desk.actions.importing import Plan, Progress
from bookwish_desk.shop.errors import NeedsApproval, Refused, StorageError
from bookwish_desk.shop.title import ImportReport
from bookwish_desk.ui.importing.presenter import ImportPresenter
from tests.support.shops import DirectLanes, found_shop, hire, station_for

LIST = "ISBN;Titel;Bestand\n9780156701600;Orlando;3\n9780393635522;The Overstory;1\n"


class PatientLanes(DirectLanes):
    """Lanes on which an import waits until the test lets it go on; everything else is done at once."""

    def __init__(self, store: Any) -> None:
        super().__init__(store)
        self.waiting: list[Callable[[], None]] = []

    def work(
        self, job: Callable[[], Any], *, then: Any = None, failed: Any = None, lane: str = "desk"
    ) -> None:
        """Do it now, or put it by."""
        if lane == "catalogue":
            self.waiting.append(lambda: super(PatientLanes, self).work(job, then=then, failed=failed))
        else:
            super().work(job, then=then, failed=failed)

    def go(self) -> None:
        """Let what waits be done."""
        while self.waiting:
            self.waiting.pop(0)()


class Desk:
    """A shop with the import screen's presenter, and a list on the disk."""

    def __init__(self, folder: Path, role: str = "owner") -> None:
        self.store, owner = found_shop(folder / "shop")
        self.actor = owner if role == "owner" else hire(self.store, role)
        self.station, self.front = station_for(self.store, self.actor, role=role)
        self.lanes = PatientLanes(self.store)
        self.lanes.changed = self.station.changed
        self.station.lanes = self.lanes
        self.words: list[str] = []
        self.list = folder / "spring & <b>list.csv"
        self.list.write_text(LIST)
        self.presenter = ImportPresenter(self.station)
        self.presenter.on_words = self.words.append
        self.presenter.shown()

    @property
    def state(self):
        return self.presenter.state

    def open(self, text: str = LIST) -> None:
        self.list.write_text(text)
        self.presenter.open(str(self.list))

    def fields(self) -> list[str]:
        return [c.field for c in self.state.columns]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class FakeImport:
    """Stands for an import: remembers what it was asked, and does what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
        self.asked: list[dict[str, Any]] = []
        self.plans: list[Plan] = []
        self.steps: list[Progress] = []
        self.fault: Exception | None = None
        self.report = ImportReport(read=2, added=2)
        self.between: Callable[[], None] = lambda: None
        self._desk = desk
        monkeypatch.setattr(importing, "run_import", self)

    def __call__(self, store: Any, plan: Plan, **asked: Any) -> ImportReport:
        assert store is self._desk.store
        self.plans.append(plan)
        self.asked.append(asked)
        for step in self.steps:
            asked["progress"](step)
            self.between()
            if asked["cancelled"]():
                return ImportReport(read=step.rows, complete=False)
        if self.fault is not None:
            raise self.fault
        return self.report


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> FakeImport:
    return FakeImport(monkeypatch, desk)


# ---- the list ----


def test_a_list_is_looked_at_and_its_headings_are_recognised(desk: Desk) -> None:
    desk.open()
    assert (desk.state.stage, desk.state.name) == ("ready", "spring & <b>list.csv")
    assert desk.state.about == "A table of 3 columns, separated by semicolons, Unicode (UTF-8), 73 bytes"
    assert desk.fields() == ["code", "", ""]
    assert desk.state.columns[1].cells == ("Orlando", "The Overstory")
    assert desk.state.problem == ""


def test_a_path_may_come_in_quotes(desk: Desk) -> None:
    desk.presenter.open(f' "{desk.list}" ')
    assert desk.state.stage == "ready"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("  ", "Type where the file is, or choose one."),
        ("/nowhere/at all.csv", "all.csv cannot be read"),
    ],
)
def test_what_is_no_file_is_said(desk: Desk, path: str, said: str) -> None:
    desk.presenter.open(path)
    assert said in desk.state.notice
    assert (desk.state.stage, desk.state.tone) == ("choose", "error")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0" * 400, "This is a workbook"),
        (b'<?xml version="1.0"?><ONIXMessage release="2.1"><Header/></ONIXMessage>', "This is ONIX 2.1"),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence_and_another_file_can_be_opened(
    desk: Desk, content: bytes, said: str
) -> None:
    desk.list.write_bytes(content)
    desk.presenter.open(str(desk.list))
    assert said in desk.state.notice
    assert desk.state.stage == "choose"
    desk.open()
    assert (desk.state.stage, desk.state.notice) == ("ready", "")


def test_onix_needs_no_mapping(desk: Desk, fake: FakeImport) -> None:
    desk.open('<?xml version="1.0"?><ONIXMessage release="3.0"><Header/></ONIXMessage>')
    assert desk.state.about == "ONIX 3.0, 71 bytes"
    assert (desk.state.table, desk.state.columns, desk.state.problem) == (False, (), "")
    desk.presenter.run()
    desk.lanes.go()
    assert fake.plans[0].columns == ()


def test_another_encoding_reads_the_beginning_again_and_keeps_what_was_mapped(desk: Desk) -> None:
    desk.list.write_bytes("ISBN;Titel\n9780156701600;Łódź\n".encode("windows-1250"))
    desk.presenter.open(str(desk.list))
    assert desk.state.columns[1].cells != ("Łódź",)
    desk.presenter.map_column(1, "title")
    desk.presenter.choose_encoding("windows-1250")
    assert desk.state.columns[1].cells == ("Łódź",)
    assert desk.fields() == ["code", "title"]
    assert (desk.state.encoding, desk.state.about.count("Central European (Windows 1250)")) == (
        "windows-1250",
        1,
    )


def test_an_encoding_that_does_not_fit_leaves_what_was_seen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.open()

    def refuse(_plan: Plan) -> None:
        raise Refused("encoding", "This is no text in that encoding.")

    monkeypatch.setattr(importing, "look", refuse)
    desk.presenter.choose_encoding("utf-16")
    assert (desk.state.stage, desk.state.encoding) == ("ready", "")
    assert desk.state.notice == "This is no text in that encoding."
    assert len(desk.state.columns) == 3


def test_many_columns_are_not_all_shown(desk: Desk) -> None:
    desk.open("isbn," + ",".join(f"c{n}" for n in range(1_099)) + "\n")
    assert len(desk.state.columns) == 60
    assert desk.state.beyond == "1,040 more columns are taken as their headings say."


# ---- its columns ----


def test_a_column_is_mapped_and_what_is_wrong_is_said(desk: Desk, fake: FakeImport) -> None:
    desk.open()
    desk.presenter.map_column(0, "")
    assert desk.state.problem == "Choose which column holds the ISBN, EAN or SKU."
    desk.presenter.run()
    assert fake.plans == []
    desk.presenter.map_column(0, "code")
    desk.presenter.map_column(1, "title")
    desk.presenter.map_column(2, "title")
    assert desk.state.problem == '"Titel" and "Bestand" are both Title. Leave one of them out.'
    assert [c.wrong for c in desk.state.columns] == [False, True, True]
    desk.presenter.map_column(2, "stock")
    assert desk.state.problem == ""
    desk.presenter.run()
    desk.lanes.go()
    assert dict(fake.plans[0].columns) == {"ISBN": "code", "Titel": "title", "Bestand": "stock"}


def test_a_count_needs_a_column_of_copies(desk: Desk, fake: FakeImport) -> None:
    desk.open()
    desk.presenter.count_shelves(True)
    assert 'needs a column of copies: "On hand"' in desk.state.problem
    desk.presenter.map_column(2, "stock")
    desk.presenter.run()
    desk.lanes.go()
    assert fake.plans[0].counts


def test_what_was_mapped_is_kept_after_an_import_and_proposed_for_the_next_list(
    desk: Desk, fake: FakeImport
) -> None:
    desk.open()
    desk.presenter.map_column(1, "title")
    desk.presenter.map_column(2, "stock")
    desk.presenter.run()
    desk.lanes.go()
    kept = desk.store.settings.list_columns
    assert kept == (("titel", "title"), ("bestand", "stock"))
    desk.station.settings = desk.store.settings
    desk.presenter.again()
    assert desk.state.columns == ()
    desk.open("TITEL,Preis,ISBN\nOrlando,12,9780156701600\n")
    assert desk.fields() == ["title", "", "code"]


def test_nothing_is_kept_of_an_import_that_was_cancelled_or_failed(desk: Desk, fake: FakeImport) -> None:
    desk.open()
    desk.presenter.map_column(1, "title")
    fake.fault = StorageError("disk_full", "The disk is full.")
    desk.presenter.run()
    desk.lanes.go()
    fake.fault, fake.report = None, ImportReport(complete=False)
    desk.presenter.run()
    desk.lanes.go()
    assert desk.store.settings.list_columns == ()


def test_what_is_kept_is_journalled_and_must_be_a_field(desk: Desk) -> None:
    settings = configuring.remember_columns(desk.store, desk.actor, (("Titel", "title"),)).value
    assert settings.list_columns == (("titel", "title"),)
    with pytest.raises(Refused):
        configuring.remember_columns(desk.store, desk.actor, (("Titel", "x; DROP TABLE"),))
    with pytest.raises(Refused, match="Sign in"):
        configuring.remember_columns(desk.store, desk.station.actor.__class__("", 1), ())


# ---- the import ----


def test_progress_comes_home_in_words_and_the_header_is_told(desk: Desk, fake: FakeImport) -> None:
    seen = []
    desk.presenter.render = lambda state: seen.append((state.stage, state.running))
    fake.steps = [Progress("reading", 1_000, 50, 500, 2), Progress("merging", 2_000, 10)]
    desk.open()
    desk.presenter.run()
    assert (desk.state.stage, desk.state.running.can_cancel) == ("running", True)
    desk.lanes.go()
    figures = [running.figures for stage, running in seen if stage == "running"]
    assert figures == ["", "1,000 rows · 500 rows a second · about 2 seconds left", "2,000 rows"]
    assert desk.words == ["Importing 0 %", "Importing 50 %", "Importing", ""]
    assert desk.state.stage == "done"
    assert desk.state.result.sentence == "spring & <b>list.csv is imported."


def test_progress_that_the_screen_is_too_slow_for_is_left_out(
    desk: Desk, fake: FakeImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    homeward: list[Callable[[], None]] = []
    monkeypatch.setattr(desk.lanes, "home", homeward.append)
    fake.steps = [Progress("reading", n, n) for n in range(1, 9)]
    desk.open()
    desk.presenter.run()
    desk.lanes.go()
    assert len(homeward) == 1
    homeward[0]()
    assert desk.state.stage == "done"


def test_a_cancel_ends_it_and_says_that_nothing_was_changed(desk: Desk, fake: FakeImport) -> None:
    fake.steps = [Progress("reading", 1_000, 50), Progress("reading", 2_000, 90)]
    fake.between = desk.presenter.cancel
    hints = []
    desk.presenter.render = lambda state: hints.append(state.running.hint)
    desk.open()
    desk.presenter.run()
    desk.lanes.go()
    assert "Cancelling. Nothing will have been changed." in hints
    assert (desk.state.stage, desk.state.tone) == ("ready", "info")
    assert desk.state.notice == "The import was cancelled. Nothing was changed."
    assert desk.words[-1] == ""
    assert desk.fields() == ["code", "", ""]


def test_once_the_catalogue_is_switched_there_is_nothing_to_cancel(desk: Desk, fake: FakeImport) -> None:
    fake.steps = [Progress("items", 10, 5), Progress("indexing", 10, 50)]
    fake.between = desk.presenter.cancel
    desk.open()
    desk.presenter.run()
    desk.lanes.go()
    assert desk.state.stage == "done"


def test_a_cancel_that_comes_too_late_does_not_cut_the_index_short(desk: Desk, fake: FakeImport) -> None:
    desk.open()
    desk.presenter.run()
    desk.presenter.cancel()
    fake.steps = [Progress("indexing", 10, 5)]
    desk.lanes.go()
    assert desk.state.stage == "done"


def test_closing_the_desk_is_asked_about_while_something_would_be_given_up(
    desk: Desk, fake: FakeImport
) -> None:
    ends: list[str] = []
    fake.steps = [Progress("reading", 10, 5), Progress("indexing", 10, 50)]
    fake.between = lambda: ends.append(desk.presenter.open_end())
    desk.open()
    assert desk.presenter.open_end() == ""
    desk.presenter.run()
    desk.lanes.go()
    assert [bool(end) for end in ends] == [True, False]
    assert ends[0].startswith("spring & <b>list.csv is being imported.")
    assert desk.presenter.open_end() == ""


def test_closing_the_desk_ends_it_in_any_phase(desk: Desk, fake: FakeImport) -> None:
    fake.steps = [Progress("indexing", 10, 5), Progress("indexing", 10, 50)]
    fake.between = desk.presenter.close
    desk.open()
    desk.presenter.run()
    desk.lanes.go()
    assert len(fake.asked) == 1
    assert fake.asked[0]["cancelled"]()


def test_only_one_import_at_a_time(desk: Desk, fake: FakeImport) -> None:
    desk.open()
    desk.presenter.run()
    desk.presenter.run()
    desk.presenter.open(str(desk.list))
    desk.presenter.import_opening_stock(desk.list)
    desk.presenter.again()
    assert desk.state.stage == "running"
    assert desk.front.said == 2 * [("An import is running. Wait until it is done, or cancel it.", "warn")]
    desk.lanes.go()
    assert len(fake.plans) == 1


def test_an_import_of_the_command_line_is_in_the_way(desk: Desk, fake: FakeImport) -> None:
    fake.fault = Refused("busy", "Another list is being imported.")
    desk.open()
    desk.presenter.run()
    desk.lanes.go()
    assert (desk.state.stage, desk.state.notice) == ("ready", "Another list is being imported.")
    fake.fault = None
    desk.presenter.run()
    desk.lanes.go()
    assert desk.state.stage == "done"


def test_a_bug_does_not_leave_the_screen_waiting(desk: Desk, fake: FakeImport) -> None:
    fake.fault = ZeroDivisionError()
    desk.open()
    desk.presenter.run()
    with pytest.raises(ZeroDivisionError):
        desk.lanes.go()
    assert desk.state.stage == "ready"
    fake.fault = None
    desk.presenter.run()
    desk.lanes.go()
    assert desk.state.stage == "done"


@pytest.mark.parametrize("role", ["manager", "staff"])
def test_who_may_not_import_needs_an_approval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    desk = Desk(tmp_path, role)
    fake = FakeImport(monkeypatch, desk)
    fake.fault = NeedsApproval("needs_approval", "A manager must approve this.", permission="items.edit")
    desk.open()
    desk.presenter.run()
    desk.lanes.go()
    assert (desk.state.stage, desk.state.notice) == ("ready", "")
    ((_, given),) = desk.front.asked
    fake.fault = None
    given("approval-1")
    desk.lanes.go()
    assert desk.state.stage == "done"
    assert [asked["actor"].approval for asked in fake.asked] == ["", "approval-1"]


def test_an_approval_that_does_not_help_is_not_asked_for_again(desk: Desk, fake: FakeImport) -> None:
    fake.fault = NeedsApproval("needs_approval", "A manager must approve this.")
    desk.open()
    desk.presenter.run()
    desk.lanes.go()
    desk.front.asked[0][1]("stale")
    desk.lanes.go()
    assert len(desk.front.asked) == 1
    assert desk.state.notice == "A manager must approve this."


def test_nothing_is_asked_over_a_locked_register(desk: Desk, fake: FakeImport) -> None:
    fake.fault = NeedsApproval("needs_approval", "A manager must approve this.")
    desk.open()
    desk.presenter.run()
    desk.station.person = None
    desk.lanes.go()
    assert desk.front.asked == []


def test_who_works_elsewhere_meanwhile_is_told(desk: Desk, fake: FakeImport) -> None:
    fake.report = ImportReport(read=3, added=2, rejected=1, report_path="/r.csv", problems=("2: No.",))
    desk.open()
    desk.presenter.run()
    desk.presenter.hidden()
    desk.lanes.go()
    assert desk.front.said == [("spring & <b>list.csv is imported: 3 rows read, 1 of them rejected.", "warn")]
    desk.presenter.shown()
    assert desk.state.stage == "done"
    fake.fault = StorageError("disk_full", "The disk is full.")
    desk.open()
    desk.presenter.run()
    desk.presenter.hidden()
    desk.lanes.go()
    assert desk.front.said[-1] == ("The disk is full.", "error")


def test_scans_sell_nothing_behind_it_and_esc_goes_to_the_stock(desk: Desk) -> None:
    desk.station.scanned("9780156701600")
    assert desk.front.said[-1][1] == "warn"
    desk.presenter.hidden()
    desk.station.scanned("9780156701600")
    assert len(desk.front.said) == 1
    desk.presenter.back()
    assert desk.front.screen == "stock"


# ---- the first start ----


def test_the_opening_stock_is_imported_by_itself_where_its_columns_are_known(
    desk: Desk, fake: FakeImport
) -> None:
    desk.list.write_text("isbn,count\n9780156701600,3\n")
    desk.station.person = None
    desk.presenter.import_opening_stock(desk.list)
    assert desk.state.stage == "running"
    desk.lanes.go()
    assert fake.plans[0].counts
    assert fake.asked[0]["actor"] is None
    assert desk.state.stage == "done"


def test_the_opening_stock_waits_for_a_person_where_a_column_is_not_known(
    desk: Desk, fake: FakeImport
) -> None:
    desk.presenter.import_opening_stock(desk.list)
    assert desk.state.stage == "ready"
    assert "needs a column of copies" in desk.state.problem
    desk.presenter.map_column(2, "stock")
    assert desk.state.stage == "ready"
    desk.presenter.run()
    desk.lanes.go()
    assert fake.asked[0]["actor"] == desk.actor


def test_an_opening_stock_that_cannot_be_read_is_said_behind_the_sign_in(desk: Desk) -> None:
    desk.presenter.hidden()
    desk.presenter.import_opening_stock(Path("/nowhere/stock.csv"))
    ((sentence, tone),) = desk.front.said
    assert "stock.csv cannot be read" in sentence
    assert tone == "error"
