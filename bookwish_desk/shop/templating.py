"""Templates that people of the shop write: read, held to what is harmless, and filled in. No wording here.

Jinja2 in its sandbox, but not all of it: a template shows what it is given, asks whether something is
there and goes through a list once. It calls nothing, calculates nothing and keeps nothing, so that none
can hang the program, fill the memory or reach what it was not given. That is held by the nodes named
here before a template is compiled; whatever Jinja2 may bring later is refused until it is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.text import clean, clean_block

if TYPE_CHECKING:
    from jinja2 import Environment, nodes
    from jinja2 import Template as Compiled

_Work = TypeVar("_Work")

MOST_SOURCE = 10_000
"""Characters of a template. With loops that do not nest, this bounds how long filling one in takes."""

MOST_TEXT = 200_000
"""Characters of what a template may grow to."""

_DEEPEST = 40
_LOOP = frozenset(("index", "first", "last", "length"))
_FILTERS = ("upper", "lower", "trim", "length", "join")
"""None makes a text longer by a number it is told."""

_BETWEEN = 20
"""Characters that may stand between what is joined: a text that is joined with itself grows without end."""

_PARTS = ("Output", "TemplateData", "Const", "Tuple", "List", "Compare", "Operand", "Concat")
"""What a template may be made of as it stands. Names, fields, questions, loops and filters are looked at."""

_FORBIDDEN = {
    "Call": "A template cannot call anything",
    **dict.fromkeys(
        ("Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow", "Neg", "Pos"), "A template cannot calculate"
    ),
    **dict.fromkeys(("Assign", "AssignBlock"), "A template cannot set anything"),
    **dict.fromkeys(("Include", "Import", "FromImport", "Extends"), "A template stands alone"),
    **dict.fromkeys(("Getitem", "Slice"), "A template goes through a list with “for”"),
}

# No tag reaches over the end of another: else a line of many could be read in too many ways ever to end.
_TAGS_ALONE = re.compile(r"^[ \t]*((?:\{%(?:(?!%\})[^\n])*+%\}[ \t]*+)++)\n", re.MULTILINE)


class Vocabulary(msgspec.Struct, frozen=True):
    """What a template may name: each name, and for the lists what the fields of their items are called.

    A list of plain texts has no fields.
    """

    names: frozenset[str]
    lists: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def fields(self) -> dict[str, frozenset[str]]:
        """Return the fields of each list's items."""
        return dict(self.lists)


class _Fault(Exception):
    """Why a template cannot be used, and in which of its lines."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


def check(source: str, known: Vocabulary) -> None:
    """Refuse a template that cannot be read or does what none may; `facts["line"]` says where."""
    _guarded(lambda: _compiled(source, known))


def fill(source: str, known: Vocabulary, values: Mapping[str, Any]) -> str:
    """Return a template filled in: lines of printable text, with no more than one empty line together.

    `values` holds a value for every name of the vocabulary. Raises Refused with the line at fault, also
    where the text grows longer than any message.
    """
    return _guarded(lambda: _filled(source, known, values))


def _guarded(work: Callable[[], _Work]) -> _Work:
    from jinja2 import TemplateError

    try:
        return work()
    except _Fault as fault:
        line, why = fault.line, fault.why
    except TemplateError as error:
        line, why = getattr(error, "lineno", None) or _line_of(error), _reason(error)
    except (RecursionError, MemoryError, SyntaxError):
        line, why = 0, "This is nested too deeply"
    except (ArithmeticError, LookupError, NameError, TypeError, ValueError) as error:
        line, why = _line_of(error), "This cannot be worked out"
    where = f"Line {line}: " if line else ""
    raise Refused("notice.template", f"{where}{why}.", line=line) from None


def _reason(error: Exception) -> str:
    said = clean(str(getattr(error, "message", "") or error), 160).rstrip(".")
    return f"This cannot be read ({said})"


def _line_of(error: BaseException) -> int:
    """Return the line of the template in which it failed; 0 when it was in none."""
    line, trace = 0, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _filled(source: str, known: Vocabulary, values: Mapping[str, Any]) -> str:
    pieces, size = [], 0
    for piece in _compiled(source, known).generate(values):
        size += len(piece)
        if size > MOST_TEXT:
            raise _Fault(0, f"The text grows longer than {MOST_TEXT:,} characters")
        pieces.append(piece)
    return re.sub(r"\n{3,}", "\n\n", clean_block("".join(pieces), MOST_TEXT))


@lru_cache(maxsize=64)
def _compiled(source: str, known: Vocabulary) -> Compiled:
    """Return a template ready to be filled in. Many orders are told the same at once, hence the cache."""
    if len(source) > MOST_SOURCE:
        raise _Fault(0, f"A template has at most {MOST_SOURCE:,} characters")
    environment = _environment()
    tree = environment.parse(_TAGS_ALONE.sub(_without_line, source))
    for node in tree.body:
        _hold(node, _Place(known))
    return environment.from_string(tree)


def _without_line(tags: re.Match[str]) -> str:
    """Let a line of nothing but tags leave no line in the text.

    Its end goes into its last tag, so that lines are still counted right. Jinja's own way (trim_blocks)
    would glue lines together that only end with a tag.
    """
    alone = re.sub(r"%\}[ \t]+(?=\{%|\Z)", "%}", tags[1])
    return re.sub(r"([-+]?%\})\Z", r"\n\1", alone)


def _environment() -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # plain text: a title with & and < stays what it is
        finalize=_shown,
        cache_size=0,
    )
    environment.globals.clear()
    kept = {name: environment.filters[name] for name in _FILTERS}
    environment.filters.clear()
    environment.filters.update(kept | {"join": _joined})
    environment.tests.clear()
    return environment


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    raise TypeError("only texts and numbers can be shown")


def _joined(items: tuple[Any, ...], between: str = "", attribute: str = "") -> str:
    return between.join(str(item[attribute] if attribute else item) for item in items)


# ---- what a template may be made of ----


class _Place(msgspec.Struct, frozen=True):
    """Where in a template something stands.

    `items` are the names that loops around it give, with their fields. `asked`: it is not shown, only
    asked whether it is there, as lists may be.
    """

    known: Vocabulary
    items: dict[str, frozenset[str]] = {}
    depth: int = 0
    asked: bool = False


def _hold(node: nodes.Node, place: _Place) -> None:
    """Refuse a node, or one within, that no template may have."""
    from jinja2 import nodes

    if place.depth > _DEEPEST:
        raise _Fault(node.lineno, "This is nested too deeply")
    match node:
        case nodes.Name():
            _hold_name(node, place)
        case nodes.Getattr():
            _hold_field(node, place)
        case nodes.For():
            _hold_loop(node, place)
        case nodes.Filter():
            _hold_filter(node, place)
        case nodes.If() | nodes.CondExpr():
            _hold(node.test, _within(place, asked=True))
            for inner in node.iter_child_nodes(exclude=("test",)):
                _hold(inner, _within(place))
        case nodes.And() | nodes.Or() | nodes.Not():
            for inner in node.iter_child_nodes():
                _hold(inner, _within(place, asked=place.asked))
        case _:
            what = type(node).__name__
            if what not in _PARTS:
                why = _FORBIDDEN.get(what, "A template can only show, ask and go through lists")
                raise _Fault(node.lineno, why)
            for inner in node.iter_child_nodes():
                _hold(inner, _within(place))


def _within(place: _Place, asked: bool = False) -> _Place:
    return msgspec.structs.replace(place, depth=place.depth + 1, asked=asked)


def _hold_name(node: nodes.Name, place: _Place) -> None:
    name = clean(node.name, 40)
    if fields := place.items.get(node.name):
        raise _Fault(node.lineno, f"Say what of “{name}”: {_listed(fields, name)}")
    if node.name in place.items:
        return
    if node.name not in place.known.names:
        raise _Fault(node.lineno, f"“{name}” is not known here; known are {_listed(place.known.names)}")
    if node.name in place.known.fields and not place.asked:
        raise _Fault(node.lineno, f"“{name}” is a list: go through it with “for”, or “join” it")


def _hold_field(node: nodes.Getattr, place: _Place) -> None:
    """Let a template name the fields of what a loop goes through, and of nothing else."""
    from jinja2 import nodes

    fields = (
        place.items.get(node.node.name, frozenset()) if isinstance(node.node, nodes.Name) else frozenset()
    )
    if node.attr not in fields:
        more = f"; known are {_listed(fields)}" if fields else ""
        raise _Fault(node.lineno, f"“.{clean(node.attr, 40)}” is not known here{more}")


def _hold_loop(node: nodes.For, place: _Place) -> None:
    from jinja2 import nodes

    if place.items:
        raise _Fault(node.lineno, "A loop cannot stand in another loop")
    if node.recursive:
        raise _Fault(node.lineno, "A loop cannot start itself")
    fields = _fields_of(node.iter, place, "for")
    if not isinstance(node.target, nodes.Name):
        raise _Fault(node.lineno, "A loop gives each item one name")
    name = node.target.name
    if name == "loop" or name in place.known.names:
        raise _Fault(node.lineno, f"“{name}” is taken; call the item otherwise")
    inside = msgspec.structs.replace(_within(place), items={name: fields, "loop": _LOOP})
    if node.test:
        _hold(node.test, msgspec.structs.replace(inside, asked=True))
    for inner in node.body:
        _hold(inner, inside)
    for inner in node.else_:
        _hold(inner, _within(place))


def _fields_of(node: nodes.Node | None, place: _Place, verb: str) -> frozenset[str]:
    """Return the fields of the items of the list that `node` names."""
    from jinja2 import nodes

    lists = place.known.fields
    if isinstance(node, nodes.Name) and node.name in lists:
        return lists[node.name]
    line = node.lineno if node else 0
    raise _Fault(
        line, f"“{verb}” takes a list, {f'which are {_listed(lists)}' if lists else 'and there is none'}"
    )


def _hold_filter(node: nodes.Filter, place: _Place) -> None:
    if node.name not in _FILTERS or node.node is None:
        why = f"“{clean(node.name, 40)}” is not known here; known are {', '.join(_FILTERS)}"
        raise _Fault(node.lineno, why)
    if node.name == "join":
        fields = _fields_of(node.node, place, "join")
        _hold_joining(node, fields)
        return
    if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise _Fault(node.lineno, f"“{node.name}” takes nothing in brackets")
    _hold(node.node, _within(place, asked=node.name == "length"))


def _hold_joining(node: nodes.Filter, fields: frozenset[str]) -> None:
    """Hold “join” to a short text between the items and, where they have fields, to one of these."""
    from jinja2 import nodes

    named: dict[Any, nodes.Expr] = {x.key: x.value for x in node.kwargs}
    given = [x.value for x in (*node.args, *named.values()) if isinstance(x, nodes.Const)]
    short = all(isinstance(x, str) and len(x) <= _BETWEEN for x in given)
    whole = len(given) == len(node.args) + len(named) and not node.dyn_args and not node.dyn_kwargs
    if not (short and whole and len(node.args) <= 1 and set(named) <= {"attribute"}):
        raise _Fault(node.lineno, "“join” takes a short text that stands between")
    field = named.get("attribute")
    if (field.value if isinstance(field, nodes.Const) else "") not in (fields or {""}):
        say = (
            f"Say what to join: attribute= one of {_listed(fields)}" if fields else "These have no attribute"
        )
        raise _Fault(node.lineno, say)


def _listed(names: Iterable[str], of: str = "") -> str:
    return ", ".join(f"{of}.{name}" if of else name for name in sorted(names))
