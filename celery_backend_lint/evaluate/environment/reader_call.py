"""One call of a reader of the environment, and what its reader is set to there: prefixes, changed attributes."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import External, Instance, Literal, Sequence, Unknown
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Entry, Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

_STATE = frozenset({"prefix", "_prefix", "smart_cast", "escape_proxy", "scheme", "ENVIRON", "eager", "expand_vars"})
"""Attributes of a reader that change what it reads or how."""


@record
class ReaderCall:
    """A call of a reader (``method`` empty) or of one of its methods, at ``origin``."""

    ev: Evaluator
    instance: Instance
    method: str
    arguments: tuple[Value, ...]
    keywords: tuple[Entry, ...]
    origin: Location

    def argument(self, position: int, *names: str) -> Value | None:
        """The argument at a position (negative: by keyword only) or under one of the names; None when not given."""
        if 0 <= position < len(self.arguments):
            return self.arguments[position]
        return keyword(self.keywords, *names)

    def unknown(self, why: str) -> Unknown:
        """An Unknown at the call."""
        return Unknown(why, self.origin)

    @property
    def open(self) -> bool:
        """Whether arguments may be passed that are not seen (``*args``, ``**options``)."""
        return any(not isinstance(entry.key, Literal) for entry in self.keywords)


def keyword(keywords: tuple[Entry, ...], *names: str) -> Value | None:
    """The value of the keyword argument of one of the names; None when it is not given."""
    for entry in keywords:
        if isinstance(entry.key, Literal) and entry.key.value in names:
            return entry.value
    return None


def prefix_of(call: ReaderCall) -> str | Unknown:
    """What the reader puts before every name where the call stands; Unknown where that cannot be said.

    ``Env(prefix=…)``, ``Config(env_prefix=…)``, ``env.prefix = …`` (django-environ), ``with env.prefixed(…):`` around
    the call, one in another (environs).
    """
    given = keyword(call.instance.keywords, "prefix", "env_prefix")
    parts = [] if given is None or (isinstance(given, Literal) and given.value is None) else [given]
    changed = _changed(call)
    if isinstance(changed, Unknown):
        return changed
    if changed is not None:
        parts = [changed]
    within = _within_prefixes(call)
    if isinstance(within, Unknown):
        return within
    text = ""
    for part in (*parts, *within):
        if not isinstance(part, Literal) or not isinstance(part.value, str):
            return call.unknown("a variable whose prefix is not known")
        text += part.value
    return text


def _changed(call: ReaderCall) -> Value | None:
    """What ``env.prefix`` was set to before the call; Unknown for any other change of the reader."""
    found: Value | None = None
    for path in dict.fromkeys((call.instance.origin.path, call.origin.path)):
        file = call.ev.modules.file(path) if path else None
        if file is None:
            continue
        for binding in file.scope.attributes:
            owner = binding.target.child_by_field_name("object")
            name = binding.target.child_by_field_name("attribute")
            if owner is None or name is None or text_of(name) not in _STATE:
                continue
            if call.ev.value(owner, file.scope) != call.instance:
                continue
            node = node_at(call.ev, call.origin) if path == call.origin.path else None
            if node is not None and not _function_around(node) and binding.at > node.start_byte:
                continue
            # Where another module reads, the one that makes the reader has run.
            runs_before = path != call.origin.path or (node is not None and not _function_around(node))
            plain = binding.kind == "assign" and not binding.path and not binding.index
            if runs_before and plain and path == call.instance.origin.path and text_of(name) == "prefix":
                found = call.ev.value(binding.node, file.scope)
                continue
            return call.unknown(f"the reader's {text_of(name)} is changed")
    return found


def _within_prefixes(call: ReaderCall) -> list[Value] | Unknown:
    """The prefixes of the ``with env.prefixed(…):`` blocks around the call, outermost first."""
    paths = dict.fromkeys((call.instance.origin.path, call.origin.path))
    files = [file for path in paths if path and (file := call.ev.modules.file(path)) is not None]
    if not any(b".prefixed(" in file.source.utf8 for file in files):
        return []
    node = node_at(call.ev, call.origin)
    if node is None or _function_around(node):
        return call.unknown("a prefix may be in force where the function is called")
    file = call.ev.modules.file(call.origin.path)
    found: list[Value] = []
    child, parent = node, node.parent
    while parent is not None and file is not None:
        if parent.type == "with_statement" and parent.child_by_field_name("body") == child:
            found[:0] = _prefixes(call, parent, file.scope)
        child, parent = parent, parent.parent
    return found


def _prefixes(call: ReaderCall, statement: Node, module: Scope) -> list[Value]:
    found: list[Value] = []
    clauses = [child for child in statement.named_children if child.type == "with_clause"]
    for item in (item for clause in clauses for item in clause.named_children):
        value = item.child_by_field_name("value")
        if value is not None and value.type == "as_pattern":
            value = value.named_children[0]
        function = value.child_by_field_name("function") if value is not None and value.type == "call" else None
        owner = function.child_by_field_name("object") if function is not None else None
        name = function.child_by_field_name("attribute") if function is not None else None
        if value is None or owner is None or name is None or text_of(name) != "prefixed":
            continue
        scope = call.ev.scope_at(value, module)
        if call.ev.value(owner, scope) == call.instance:
            arguments = [argument for key, argument in arguments_of(value) if key in ("", "prefix")]
            given = [call.ev.value(argument, scope) for argument in arguments]
            found.extend(given or [call.unknown("a prefix")])
    return found


def node_at(ev: Evaluator, where: Location) -> Node | None:
    """The smallest node that begins and ends where a location does; None when the file cannot be read."""
    file = ev.modules.file(where.path) if where.path else None
    if file is None:
        return None
    lines = file.source.utf8.split(b"\n")
    span = where.span
    if not 0 < span.line <= len(lines) or not 0 < span.end_line <= len(lines):
        return None

    def column(line: int, count: int) -> int:
        return len(lines[line - 1].decode("utf-8", "replace")[: count - 1].encode())

    start = (span.line - 1, column(span.line, span.column))
    end = (span.end_line - 1, column(span.end_line, span.end_column))
    return file.scope.node.descendant_for_point_range(start, end)


def _function_around(node: Node) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.type in ("function_definition", "lambda"):
            return True
        parent = parent.parent
    return False


def type_name(value: Value | None) -> str:
    """``int`` of ``builtins.int``, ``json`` of ``json.loads``, the dotted name of another; "" for anything else."""
    if not isinstance(value, External):
        return ""
    return "json" if value.name == "json.loads" else value.name.removeprefix("builtins.")


def item_type(value: Value | None) -> str:
    """The type of a list's items where it is one that is followed (str, int, float); "" otherwise."""
    name = type_name(value)
    return name if name in ("str", "int", "float") else ""


def plain_type(value: Value) -> str:
    """The name of the type that a value surely has; "" when that cannot be said."""
    from celery_backend_lint.evaluate.values import Choice, Environment, Mapping, Text

    if isinstance(value, Literal):
        return type(value.value).__name__
    if isinstance(value, Text):
        return "str"
    if isinstance(value, Sequence):
        return value.kind
    if isinstance(value, Mapping):
        return "dict"
    if isinstance(value, Environment) and value.cast in ("str", "int", "float", "bool"):
        default = plain_type(value.default) if value.default is not None else value.cast
        return default if default == value.cast else ""
    if isinstance(value, Choice):
        found = {plain_type(one.value) for one in value.alternatives}
        return found.pop() if len(found) == 1 else ""
    return ""
