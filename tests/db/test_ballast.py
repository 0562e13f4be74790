"""The reserve on the disk: really there, given up once, made anew only where there is room."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookwish_desk.db import ballast


def test_the_reserve_takes_real_room_and_is_private(tmp_path: Path) -> None:
    assert ballast.keep(tmp_path, 2 << 20)
    kept = (tmp_path / ballast.FILE).stat()
    assert kept.st_size == 2 << 20
    assert kept.st_blocks * 512 >= 2 << 20
    assert kept.st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir()] == [ballast.FILE]


def test_it_is_given_up_once(tmp_path: Path) -> None:
    ballast.keep(tmp_path, 1 << 20)
    assert ballast.give_up(tmp_path)
    assert not ballast.give_up(tmp_path)
    assert ballast.keep(tmp_path, 1 << 20)


def test_it_is_not_made_again_from_the_room_that_it_gave_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballast, "free_bytes", lambda _folder: (4 << 20) - 1)
    assert not ballast.keep(tmp_path, 1 << 20)
    assert not list(tmp_path.iterdir())


def test_a_half_made_reserve_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "ballast.part").write_bytes(b"x" * 10)
    assert ballast.keep(tmp_path, 1 << 20)
    assert [p.name for p in tmp_path.iterdir()] == [ballast.FILE]


def test_a_folder_that_cannot_be_written_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_size: int) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bookwish_desk.db.ballast.os.urandom", full)
    assert not ballast.keep(tmp_path, 1 << 20)
    assert not list(tmp_path.iterdir())
