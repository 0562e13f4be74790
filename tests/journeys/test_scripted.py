"""The demonstration where there is no display: one scripted sale that leaves its receipt and its pictures."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.hardware.decoder import decode

pytestmark = [pytest.mark.display]


def scripted(folder: Path) -> str:
    """Make one scripted sale in a data folder on a virtual display, and return what it said."""
    done = subprocess.run(
        ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24 -nolisten tcp",
         sys.executable, "-m", "bookwish_desk", "--data", str(folder), "demo", "--scripted"],
        env={**os.environ, "QT_QPA_PLATFORM": "xcb"},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.capability("BW+12")
def test_a_scripted_sale_leaves_receipt_and_picture_and_can_be_made_again(tmp_path: Path) -> None:
    if shutil.which("xvfb-run") is None:
        words = "this machine lacks xvfb-run; ./desk test installs it"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(words)
        pytest.skip(words)
    for number in ("R1-000001", "R1-000002"):
        said = scripted(tmp_path)
        named = [Path(path) for path in re.findall(r": (/\S+)$", said, re.MULTILINE)]
        names = {p.name for p in named}
        assert {"scripted-sale.png", f"receipt-{number}.txt", f"receipt-{number}.png"} <= names
        assert all(p.is_file() and p.is_relative_to(tmp_path) for p in named)
        with Image.open(tmp_path / "scripted-sale.png") as picture:
            assert picture.size[0] >= 1000
        sent = next(p for p in named if p.suffix == ".bin")
        slip = decode(sent.read_bytes())
        assert [text for text, _kind in slip.barcodes] == [number]
        assert f"Receipt {number}" in " ".join("\n".join(slip.lines).split())
    assert (tmp_path / "log" / "desk.log").read_text().count("level=ERROR") == 0
