"""The handbook says what the program does: keys, settings, commands and sentences are held to the code.

That links lead to files and that nothing is left for later is `test_house`'s to say.
"""

import argparse
import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bookwish_desk.__main__ import _parser
from bookwish_desk.demo.shop import STAFF
from bookwish_desk.settings import KEYS as SETTINGS
from bookwish_desk.settings import Settings
from bookwish_desk.shop.catalogue import read_table
from bookwish_desk.shop.headings import FIELDS
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.notice_kinds import BY_THEMSELVES, KINDS
from bookwish_desk.shop.order import Vocabulary
from bookwish_desk.shop.order_words import WORDS
from bookwish_desk.shop.promises import PROMISES
from bookwish_desk.shop.staff import PERMISSIONS, ROLE_DEFAULTS, Role
from bookwish_desk.shop.tabular import ENCODINGS
from bookwish_desk.shop.title import TitleRow
from bookwish_desk.ui.keys import KEYS
from bookwish_desk.ui.settings.order_names import SINCE, length

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "bookwish_desk"
HANDBOOK = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *HANDBOOK]
MOST_PICTURE_BYTES = 200_000

SCOPES = {
    "Everywhere": "everywhere",
    "Selling": "sell",
    "Paying": "pay",
    "After a sale": "done",
    "Sales": "sales",
    "Print jobs": "jobs",
    "E-mail": "mail",
    "Asking for an address": "email",
    "Activity": "activity",
    "Returning": "return",
    "Orders": "orders",
    "Many orders": "many",
    "Orders typed in": "order_form",
    "Steps of an order": "step",
    "Picking": "picking",
    "Packing": "packing",
    "Papers of orders": "papers",
    "Pickup": "pickup",
    "Promises": "promises",
    "Figures": "figures",
    "Sync": "sync",
    "Questions of syncing": "sync_sheet",
    "Shipping": "shipping",
    "Questions of shipping": "shipping_sheet",
    "Many labels": "many_labels",
    "The end of the day": "day_end",
    "One label": "label",
    "Stock": "stock",
    "Importing": "import",
    "Title": "title",
    "Labels": "labels",
    "Till": "till",
    "Closing": "till.count",
    "Settings": "settings",
    "Devices": "devices",
    "First start": "setup",
}
"""The headings of keys.md and the scope of the keys under each."""


def words_of(path: Path) -> str:
    """Return a page without its blocks of commands and examples."""
    return re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def sections(path: Path) -> dict[str, str]:
    """Return the text under each heading of the second level."""
    parts = re.split(r"^## (.+)$", words_of(path), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """Return the rows of the tables in a text, without their headings."""
    found = []
    for table in re.findall(r"(?:^\|.*\n)+", text + "\n", re.MULTILINE):
        for line in table.splitlines()[2:]:
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            found.append([cell.strip().replace("\\|", "|") for cell in cells])
    return found


# ---- links and pictures ----


def anchor(heading: str) -> str:
    """Return the anchor that a heading gets on the page."""
    bare = re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", ""))
    return bare.replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {anchor(h) for h in re.findall(r"^#+ (.+)$", words_of(path), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_into_pages_lead_to_their_headings(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", words_of(page)):
        file, mark, name = target.partition("#")
        if mark and "://" not in target:
            other = page.parent / file if file else page
            assert name in anchors(other), f"{page.name} links to {target}"


def test_every_page_of_the_handbook_is_named_in_the_readme() -> None:
    readme = words_of(ROOT / "README.md")
    for page in HANDBOOK:
        assert f"](docs/{page.name})" in readme, page.name


def test_pictures_are_described_small_and_used() -> None:
    shown = set()
    for page in PAGES:
        for told, target in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", words_of(page)):
            assert len(told.split()) >= 3, f"{page.name} does not say what is in {target}"
            shown.add((page.parent / target).resolve())
    there = set((ROOT / "docs/pictures").iterdir())
    assert shown == there
    for picture in there:
        assert picture.stat().st_size < MOST_PICTURE_BYTES, picture.name


# ---- what stands on the screen ----


@cache
def texts_of_code() -> tuple[frozenset[str], tuple[tuple[re.Pattern[str], int], ...]]:
    """Return what the program can say: texts as they stand, and patterns where something is filled in.

    With each pattern goes how many of its letters are not filled in.
    """
    plain: set[str] = set()
    filled: set[str] = set()
    for path in CODE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        nodes = list(ast.walk(tree))
        inside = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        inside |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            if isinstance(node, ast.JoinedStr):
                filled.add("".join(_literal(part) for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                if re.search(r"\{\w*\}", node.value):
                    filled.add(re.sub(r"\{\w*\}", "\0", node.value))
                else:
                    plain.add(node.value)
    sentences = {s for text in plain | filled for s in _sentences(text) if "\0" not in s}
    patterns = {s for text in filled for s in _sentences(text) if "\0" in s}
    compiled = ((re.compile(".+".join(map(re.escape, s.split("\0")))), _letters(s)) for s in patterns)
    return frozenset(sentences), tuple(compiled)


def _letters(text: str) -> int:
    return sum(c.isalpha() for c in text)


def _literal(part: ast.expr) -> str:
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "\0"


def _sentences(text: str) -> Iterator[str]:
    """Yield a text and each run of whole sentences in it."""
    parts = re.split(r"(?<=[.?]) ", text.replace(".\0", ". \0"))
    for first in range(len(parts)):
        for last in range(first + 1, min(len(parts), first + 4) + 1):
            yield " ".join(parts[first:last]).strip()


def is_said(text: str) -> bool:
    """Say whether the program can show a text: as a label, as a sentence, or with something filled in."""
    plain, filled = texts_of_code()
    near = (pattern for pattern, letters in filled if 2 * letters > _letters(text))
    return text in plain or any(pattern.fullmatch(text) for pattern in near)


@pytest.mark.parametrize("page", [ROOT / "README.md", *HANDBOOK], ids=lambda p: p.name)
def test_what_is_bold_stands_on_the_screen(page: Path) -> None:
    bold = [" ".join(b.split()) for b in re.findall(r"\*\*(.+?)\*\*", words_of(page), re.DOTALL)]
    assert [b for b in bold if not is_said(b)] == []


def test_texts_are_not_found_by_chance() -> None:
    assert is_said("Open the till first.")
    assert is_said("Receipt R1-000042 is not in this shop's books.")
    assert not is_said("Open the pod bay doors first.")
    assert not is_said("Receipt R1-000042 is not in this shop's cellar.")


# ---- keys ----


def test_the_page_of_keys_is_the_table_of_keys() -> None:
    written = [
        (SCOPES[heading], key.strip("`"), verb)
        for heading, text in sections(ROOT / "docs/keys.md").items()
        for key, verb in rows(text)
    ]
    scopes = list(SCOPES.values())
    table = sorted(KEYS, key=lambda key: scopes.index(key.scope))
    assert written == [(k.scope, k.sequence, k.verb) for k in table]


def test_keys_named_elsewhere_exist() -> None:
    known = {k.sequence for k in KEYS}
    for page in [ROOT / "README.md", *HANDBOOK]:
        named = set(re.findall(r"`((?:Ctrl\+|Shift\+)+\w+|F\d+|Esc)`", words_of(page)))
        assert named <= known, page.name


# ---- settings, roles, staff ----


def in_words(value: object) -> str | None:
    """Return how the table says a default; None for what is told at length elsewhere."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str | bytes | tuple):
        return str(value) if value and isinstance(value, str) else "none" if not value else None
    return None


def test_every_setting_is_in_the_handbook_with_its_default() -> None:
    table = {r[0].strip("`"): r[1:] for r in rows(sections(ROOT / "docs/shop-setup.md")["Every setting"])}
    assert set(table) == set(SETTINGS)
    for key, meaning in SETTINGS.items():
        assert table[key][0] == meaning
        default = in_words(getattr(Settings(), key))
        assert default is None or table[key][1] == default, key


def test_what_roles_may_do_at_first_is_what_the_table_says() -> None:
    table = rows(sections(ROOT / "docs/selling.md")["What a manager must approve"])
    roles: tuple[Role, ...] = ("owner", "manager", "staff")
    assert [row[0] for row in table] == list(PERMISSIONS.values())
    for row, permission in zip(table, PERMISSIONS, strict=True):
        held = ["yes" if permission in ROLE_DEFAULTS[role] else "" for role in roles]
        assert row[1:] == held, row[0]


def test_the_tour_has_the_pins_of_the_demonstration() -> None:
    readme = words_of(ROOT / "README.md")
    for name, role, pin in STAFF:
        assert re.search(rf"{re.escape(name)}.*{role}.*{pin}", readme), name


# ---- orders ----


def test_promises_are_those_of_the_table_with_their_times() -> None:
    table = rows(sections(ROOT / "docs/orders.md")["The promise board"])
    assert table == [
        [
            f"**{promise.sentence}**",
            SINCE[promise.event].removeprefix("From "),
            length(promise, promise.soon),
            length(promise, promise.most),
        ]
        for promise in PROMISES
    ]


def test_the_words_of_every_shop_system_are_those_of_the_table() -> None:
    table = rows(sections(ROOT / "docs/orders.md")["What each shop system calls it"])
    columns: tuple[Vocabulary, ...] = ("bookwish", "wsm", "indiecommerce", "marketplace")
    assert set(columns) == set(WORDS)
    for place, vocabulary in enumerate(columns, 1):
        told = {row[place] for row in table} - {"", "none", "as before"}
        assert told == {word.label for word in WORDS[vocabulary]}, vocabulary


def test_notices_are_those_of_the_table_and_on_where_it_says_so() -> None:
    table = rows(sections(ROOT / "docs/mail.md")["Which notices there are"])
    told = {name: row[2] for row in table for name in re.findall(r"\*\*(.+?)\*\*", row[0])}
    on = Settings().notices
    assert told == {
        known.name: "by hand" if kind not in BY_THEMSELVES else "on" if kind in on else "off"
        for kind, known in KINDS.items()
        if known.audience == "customer"
    }


# ---- commands ----


def subcommands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield every command with its own parser, the inner ones last."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield name, inner
                yield from ((f"{name} {more}", last) for more, last in subcommands(inner))


def test_every_command_and_option_is_in_the_handbook() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    whole = readme + "".join(page.read_text("utf-8") for page in HANDBOOK)
    for name, parser in subcommands(_parser()):
        assert f"bookwish-desk {name}" in readme or f"| `{name}" in readme, name
        for action in parser._actions:
            for option in action.option_strings:
                if option not in ("-h", "--help"):
                    assert option in whole, f"{name} {option}"


def test_every_command_of_the_script_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    usage = (ROOT / "desk").read_text("utf-8").partition("<<'TEXT'")[2].partition("\nTEXT")[0]
    for command in re.findall(r"^  (\w+) \[\.\.\.\]|^  (check)", usage, re.MULTILINE):
        assert f"./desk {''.join(command)}" in readme


# ---- columns of lists ----


_TRIALS = {
    "code": ("9781400044160", lambda row: row.ean == 9781400044160),
    "sku": ("TOTE-1", lambda row: row.sku == "TOTE-1"),
    "title": ("Purple Hibiscus", lambda row: row.title == "Purple Hibiscus"),
    "subtitle": ("A novel", lambda row: row.subtitle == "A novel"),
    "authors": ("Adichie", lambda row: row.authors == "Adichie"),
    "publisher": ("Riverbend", lambda row: row.publisher == "Riverbend"),
    "series": ("Virago", lambda row: row.series == "Virago"),
    "format": ("trade paper", lambda row: row.format == "BC"),
    "year": ("2003", lambda row: row.year == 2003),
    "published": ("September 21, 2026", lambda row: row.published == "2026-09-21"),
    "street_date": ("9/21/2026", lambda row: row.street_date == "2026-09-21"),
    "price": ("$17.00", lambda row: row.price_cents == 1700),
    "tax_class": ("book", lambda row: row.tax_class == "book"),
    "stock": ("4", lambda row: row.stock == 4),
    "shelf": ("FIC-01", lambda row: row.shelf == "FIC-01"),
    "on_order": ("5", lambda row: row.on_order == 5),
    "demand": ("1,200", lambda row: row.demand == 1200),
    "language": ("eng", lambda row: row.language == "eng"),
    "pages": ("307", lambda row: row.pages == 307),
    "subjects": ("FIC019000", lambda row: row.subjects == "FIC019000"),
    "weight": ("1 lb", lambda row: row.grams == 454),
    "discount": ("REG", lambda row: row.discount == "REG"),
    "returnable": ("conditional", lambda row: row.returnable == "C"),
    "last_return": ("2026-09-21", lambda row: row.last_return == "2026-09-21"),
    "availability": ("20", lambda row: row.availability == "20"),
}


def test_headings_of_lists_are_understood_as_the_handbook_says() -> None:
    table = rows(sections(ROOT / "docs/importing.md")["The columns"])
    assert {row[1].strip("`"): row[0] for row in table} == FIELDS
    for _, name, headings, _ in table:
        field = name.strip("`")
        cell, fits = _TRIALS[field]
        for heading in re.findall(r"`([^`]+)`", headings):
            own = "isbn" if field != "code" else "sku"
            key = "9780007189885" if field != "code" else ""
            lines = [f"{own},{heading}", f'{key},"{cell}"']
            (row,) = read_table(lines, currency=Currency(), tax_classes=("book",))
            assert isinstance(row, TitleRow) and fits(row), f"{field}: {heading}"


def test_encodings_that_can_be_chosen_are_told() -> None:
    (told,) = (r[1] for r in rows(words_of(ROOT / "docs/importing.md")) if r[0] == "`--encoding NAME`")
    named = re.findall(r"`([\w-]+)`", told)
    assert named[0] == "utf-8"
    spread = [f"windows-{n}" for n in range(1250, 1255)]
    assert set(named) | set(spread) == set(ENCODINGS)


@pytest.mark.parametrize("page", HANDBOOK, ids=lambda p: p.name)
def test_example_lists_can_be_imported(page: Path) -> None:
    for block in re.findall(r"^```\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        if block.startswith("isbn,"):
            classes = ("book", "general")
            found = list(read_table(block.splitlines(), currency=Currency(), tax_classes=classes))
            assert found and all(isinstance(row, TitleRow) for row in found), block


# ---- the house ----


def test_the_floors_are_those_of_the_package() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    block = re.search(r"^bookwish_desk/\n(.*?)^\S", page, re.MULTILINE | re.DOTALL)
    assert block is not None
    named = {name.strip("/") for name in re.findall(r"^  (\S+)", block[1], re.MULTILINE)}
    there = {x.name for x in CODE.iterdir() if x.suffix == ".py" or (x / "__init__.py").exists()}
    assert named == there - {"__init__.py"}


@pytest.mark.parametrize("option", ["--capabilities", "--pictures", "--kills", "--cuts"])
def test_options_of_the_tests_are_told_and_exist(option: str, pytestconfig: pytest.Config) -> None:
    assert f"`{option}" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    pytestconfig.getoption(option)  # raises where there is none
