"""Whether the body of a ``try`` raises, as far as imports and plain assignments tell."""

from __future__ import annotations

import sys

from celery_backend_lint.evaluate import stars
from celery_backend_lint.evaluate.values import Literal, Operation, Unknown
from celery_backend_lint.syntax.python import children_of, module_name, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

_CAME_OR_WENT = frozenset(
    """
    asynchat asyncore asyncio cgi compression contextvars crypt dataclasses distutils enum graphlib imp imghdr importlib
    nntplib pipes smtpd sndhdr spwd telnetlib tomllib uu winreg zoneinfo msvcrt pwd grp fcntl resource readline curses
    dbm sqlite3 ssl tkinter lzma bz2 typing annotationlib
    """.split()  # noqa: SIM905
)
"""Modules of the standard library that some Python of the last years, or some platform, does not have."""

_WHOLE = frozenset({"os", "os.path", "json", "datetime", "pathlib", "logging", "re", "sys", "urllib.parse"})
"""Modules of which the names that people import are there in every Python 3."""


def succeeds(ev: Evaluator, steps: list[Node], scope: Scope, origin: Location) -> Value | None:
    """The condition under which none of ``steps`` raises; None when nothing can be said of them."""
    values: list[Value] = []
    for step in steps:
        if step.type in ("import_statement", "import_from_statement"):
            found = _imports(ev, step, scope)
            if found is None:
                return None
            if not found:
                return Unknown("whether an exception is raised", origin) if values else Literal(False, origin)
        else:
            right = step.child_by_field_name("right")
            if step.type == "return_statement":
                right = next(iter(children_of(step)), None)
            while right is not None and right.type == "assignment":
                right = right.child_by_field_name("right")
            if right is not None:
                values.append(ev.value(right, scope))
    return Operation("succeeds", tuple(values), origin) if values else Literal(True, origin)


def _imports(ev: Evaluator, statement: Node, scope: Scope) -> bool | None:
    """Whether an import succeeds; None for one from outside the project and the standard library."""
    importer = scope.file.path
    if statement.type == "import_statement":
        results = []
        for child in statement.named_children:
            name = child.child_by_field_name("name") if child.type == "aliased_import" else child
            dotted = module_name(name) if name is not None else ""
            results.append(True if ev.modules.find(dotted, importer) is not None else _standard(dotted))
        return True if all(results) else None
    module = statement.child_by_field_name("module_name")
    if module is None:
        return None
    path = stars.module_path(ev, module, scope)
    if path is None:
        if module.type == "relative_import":
            return False
        return True if _standard(module_name(module)) and module_name(module) in _WHOLE else None
    names = [child for child in statement.named_children if child != module]
    file = ev.modules.file(path) if path.endswith(".py") else None
    for name in names:
        if name.type == "wildcard_import":
            continue
        first = name.child_by_field_name("name") if name.type == "aliased_import" else name
        wanted = text_of(first) if first is not None else ""
        if path.endswith(("/", "__init__.py")) and ev.modules.at(path.removesuffix("__init__.py") + wanted) is not None:
            continue
        if file is None:
            return None
        bindings = file.scope.bindings.get(wanted, [])
        if any(
            binding.kind in ("assign", "def", "class", "import", "from") and not binding.path for binding in bindings
        ):
            continue
        known = file.scope.stars or file.scope.blurs or bindings or "__getattr__" in file.scope.bindings
        return None if known else False
    return True


def _standard(dotted: str) -> bool | None:
    """True for a module of every Python's standard library, None for any other."""
    top = dotted.partition(".")[0]
    return True if top in sys.stdlib_module_names and top not in _CAME_OR_WENT else None
