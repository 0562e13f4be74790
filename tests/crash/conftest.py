"""The nest of doomed processes, and a shop for each of their rounds."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.nest import Nest

KEY = "e1" * 32


@pytest.fixture(scope="session")
def nest() -> Iterator[Nest]:
    with Nest() as hatching:
        yield hatching


@pytest.fixture(scope="session")
def made_shop(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str | None], Path]:
    """Return where a shop with an open till lies, plain or encrypted; made once, copied from then on."""
    from tests.crash import till_work

    made: dict[str | None, Path] = {}

    def make(key: str | None = None) -> Path:
        if key not in made:
            made[key] = tmp_path_factory.mktemp("made") / "shop"
            till_work.found(made[key], key=key)
        return made[key]

    return make


@pytest.fixture
def shop(tmp_path: Path, made_shop: Callable[[str | None], Path]) -> Path:
    """Return a fresh copy of a shop with an open till."""
    return Path(shutil.copytree(made_shop(None), tmp_path / "shop"))
