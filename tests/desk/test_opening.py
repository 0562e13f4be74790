"""From a data folder to open books: new, lost, or there."""

from pathlib import Path

import pytest

from bookwish_desk.opening import is_new, open_books
from bookwish_desk.shop.errors import StorageError


def test_a_folder_without_books_is_new(tmp_path: Path) -> None:
    assert is_new(tmp_path / "shop")
    open_books(tmp_path / "shop").close()
    assert not is_new(tmp_path / "shop")


def test_books_that_were_lost_are_not_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "shop-2026-11-20.db").touch()
    assert not is_new(tmp_path)
    with pytest.raises(StorageError, match="no longer in") as lost:
        open_books(tmp_path)
    assert lost.value.code == "lost"
    assert not (tmp_path / "shop.db").exists()
