"""What tests of the screens have: the application dressed in the light theme, and a place for pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from bookwish_desk.ui.theme import apply_theme


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    """Give the application in the light theme, and put that theme back afterwards."""
    apply_theme(qapp, "light")
    yield qapp
    apply_theme(qapp, "light")


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Give the folder that pictures go to: the one asked for with --pictures, else a passing one."""
    wanted = request.config.getoption("--pictures")
    folder = Path(wanted) if wanted else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder
