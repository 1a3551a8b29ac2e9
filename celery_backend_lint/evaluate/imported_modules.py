"""Which modules of a project a module imports, by its statements or by its lines alone."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import stars
from celery_backend_lint.syntax.python import FROM_MODULE, module_name, text_of, without_blanks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.syntax.python import Node

_IMPORTED = rb"(?m)^[ \t]*(?:" + FROM_MODULE + rb"|import[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*))"

MOST_IMPORTS = 300
"""How many modules are looked through for imports of another."""


def packages_above(ev: Evaluator, path: str) -> list[str]:
    """The ``__init__.py`` of the packages that importing a module imports first, outermost first."""
    found: list[str] = []
    folder = path.rpartition("/")[0]
    while folder and ev.modules.at(folder) == f"{folder}/__init__.py":
        found.insert(0, f"{folder}/__init__.py")
        folder = folder.rpartition("/")[0]
    return found


def imported(ev: Evaluator, statement: Node, scope: Scope) -> Iterator[str]:
    """The modules of the project that an import statement imports, in order."""
    importer = scope.file.path
    if statement.type == "import_from_statement":
        module = statement.child_by_field_name("module_name")
        path = stars.module_path(ev, module, scope) if module is not None else None
        if path is None:
            return
        if path.endswith(".py"):
            yield path
        if path.endswith(("/", "__init__.py")):
            stem = path.removesuffix("__init__.py")
            for child in statement.children_by_field_name("name"):
                name = child.child_by_field_name("name") if child.type == "aliased_import" else child
                inner = ev.modules.at(stem + text_of(name)) if name is not None else None
                if inner is not None and inner.endswith(".py"):
                    yield inner
        return
    for child in statement.named_children:
        name = child.child_by_field_name("name") if child.type == "aliased_import" else child
        path = ev.modules.find(module_name(name), importer) if name is not None else None
        if path is not None and path.endswith(".py"):
            yield path


def named_imports(ev: Evaluator, importer: str) -> tuple[str, ...]:
    """The modules that a file seems to import, by its lines alone: nothing is parsed. Asked once of each file."""
    known = ev.named_imports.get(importer)
    if known is None:
        known = ev.named_imports[importer] = tuple(dict.fromkeys(_imports_by_line(ev, importer)))
    return known


def _imports_by_line(ev: Evaluator, importer: str) -> Iterator[str]:
    source = ev.modules.project.source(importer)
    for match in re.finditer(_IMPORTED, source.data if source is not None else b""):
        for dotted in (match[1] or match[2]).decode("ascii", "replace").split(","):
            name = without_blanks(dotted)
            level = len(name) - len(name.lstrip("."))
            path = ev.modules.find_relative(level, name[level:], importer) if level else ev.modules.find(name, importer)
            if path is not None:
                yield from (one for one in (*packages_above(ev, path), path) if one.endswith(".py"))


def reaches(ev: Evaluator, importers: set[str], path: str) -> bool:
    """Whether one of ``importers`` imports the module at ``path``, itself or by way of others."""
    looked = set(importers)
    left = list(importers)
    while left and len(looked) <= MOST_IMPORTS:
        for found in named_imports(ev, left.pop()):
            if found == path:
                return True
            if found not in looked:
                looked.add(found)
                left.append(found)
    return False
