"""The repository itself: scripts that parse, locks in step, links that lead somewhere, nothing private."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from bookwish_desk.resource import resource_path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ["desk", ".ci/run", "packaging/bookwish-desk"]
LOCKS = ["requirements.lock", "requirements-dev.lock"]
PICTURES_AND_FONTS = {".png", ".jpg", ".ico", ".ttf", ".otf", ".wav", ".pdf", ".gz", ".db", ".bin"}


def kept_files() -> list[Path]:
    """Return every file of the checkout but what is made in it; git knows which, where there is git."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if shutil.which("git") and (ROOT / ".git").exists():
        names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]
    made = {".git", ".venv", "__pycache__", "build", "dist"}
    made |= {".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache"}
    return [x for x in ROOT.rglob("*") if x.is_file() and not made.intersection(x.relative_to(ROOT).parts)]


def text_of(path: Path) -> str:
    if path.suffix in PICTURES_AND_FONTS:
        return ""
    return path.read_text("utf-8", errors="replace")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def locked(name: str) -> dict[str, Version]:
    """Return the version that a lock file gives each package."""
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    return {canonicalize_name(package): Version(version) for package, version in pinned}


def asked(*groups: str) -> list[Requirement]:
    """Return what the project file asks for: its dependencies and those of the given groups."""
    wanted = list(project()["project"]["dependencies"])
    for group in groups:
        for entry in project()["dependency-groups"][group]:
            wanted += [str(x) for x in asked(entry["include-group"])] if isinstance(entry, dict) else [entry]
    return [Requirement(x) for x in wanted]


# ---- scripts ----


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_is_sound_and_can_be_started(script: str) -> None:
    path = ROOT / script
    shell = "bash" if "bash" in path.read_text("utf-8").splitlines()[0] else "sh"
    subprocess.run([shell, "-n", str(path)], check=True)
    assert path.stat().st_mode & 0o111, f"{script} is not executable"


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_passes_shellcheck(script: str) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    found = subprocess.run(["shellcheck", ROOT / script], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


def test_desk_names_its_commands_from_anywhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "with a blank"
    elsewhere.mkdir()
    link = elsewhere / "desk"
    link.symlink_to(ROOT / "desk")
    shown = subprocess.run([link, "--help"], cwd=elsewhere, capture_output=True, text=True, check=True).stdout
    for command in ("demo", "run", "test", "check", "bench", "lock"):
        assert re.search(rf"^  {command}\b", shown, re.MULTILINE), command


@pytest.mark.parametrize("words", [[], ["nonsense"], ["--nonsense", "test"]])
def test_desk_refuses_what_it_does_not_know(words: list[str]) -> None:
    asked_for = subprocess.run([ROOT / "desk", *words], capture_output=True, text=True)
    assert asked_for.returncode == 2
    assert asked_for.stderr.startswith("usage:")


# ---- dependencies ----


@pytest.mark.parametrize(
    ("lock", "group"), [("requirements.lock", "setup"), ("requirements-dev.lock", "dev")]
)
def test_lock_holds_what_the_project_asks_for(lock: str, group: str) -> None:
    pinned = locked(lock)
    for requirement in asked(group):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{lock} lacks {requirement.name}: run ./desk lock"
        assert requirement.specifier.contains(version, prereleases=True), (
            f"{lock} has {requirement.name} {version}"
        )


def test_both_locks_name_the_same_versions() -> None:
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes(lock: str) -> None:
    entries = re.split(r"^(?=\S)", (ROOT / lock).read_text("utf-8"), flags=re.MULTILINE)
    for entry in (x for x in entries if "==" in x):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_no_registry_is_named() -> None:
    named = re.compile(r"https?://[^ ]*(simple|packages)/|--(extra-)?index-url|--find-links")
    for path in kept_files():
        if path.suffix in {".lock", ".toml", ".cfg", ".ini", ".txt"}:
            assert not named.search(text_of(path)), path
    for lock in LOCKS:
        assert "://" not in (ROOT / lock).read_text("utf-8"), lock


# ---- what is written ----


def test_readme_names_the_two_commands_on_its_first_screen() -> None:
    first_screen = "\n".join((ROOT / "README.md").read_text("utf-8").splitlines()[:30])
    assert "./desk demo" in first_screen
    assert "./desk test" in first_screen


def test_links_in_the_docs_lead_to_files() -> None:
    for path in kept_files():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)\s]+)\)", text_of(path)):
            if "://" in target or target.startswith(("#", "mailto:")):
                continue
            assert (path.parent / target.partition("#")[0]).exists(), f"{path.name} links to {target}"


def test_nothing_names_a_folder_of_one_machine() -> None:
    named = re.compile(r"(?<![\w.~-])/(?:work|root)/[\w.]|\.\./shared")
    for path in kept_files():
        assert not named.findall(text_of(path)), path


def test_no_work_is_left_for_later() -> None:
    later = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|(?i:coming " + "soon|lorem " + "ipsum)")
    for path in kept_files():
        if "data" not in path.parts and path.suffix in {".py", ".md", ".toml", ".spec", ".qss", ".svg", ""}:
            assert not later.findall(text_of(path)), path


def test_resources_are_found() -> None:
    assert resource_path("fonts").is_dir()
    assert resource_path() == ROOT / "resources"
