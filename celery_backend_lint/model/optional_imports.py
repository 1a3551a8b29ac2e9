"""Whether a project takes a package only where it is installed: every way to what imports it catches ImportError."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.imported_modules import imported, packages_above
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

CAUGHT = r"\b(?:ImportError|ModuleNotFoundError)\b"
MOST_MODULES = 100
"""Modules that are followed; with more of them the package is no option."""


def is_optional(model: Model, package: str) -> bool:
    """Whether each module that cannot be imported without a package is only imported where that is caught.

    Test code is left out. A module that nothing in the project imports is started as it is, and fails.
    """
    caught = False
    needing = {path for path in _files(model, package) if any(not one for one in _of_package(model, path, package))}
    left = list(needing)
    while left:
        path = left.pop()
        stem = path.removesuffix("/__init__.py").rpartition("/")[2].removesuffix(".py")
        importers = [
            (importer, guarded)
            for importer in _files(model, stem)
            if importer != path
            for guarded, found in _imports(model, importer)
            if found == path
        ]
        if not importers or len(needing) > MOST_MODULES:
            return False
        caught |= any(guarded for _, guarded in importers)
        new = {importer for importer, guarded in importers if not guarded} - needing
        needing |= new
        left += new
    return caught


def _files(model: Model, word: str) -> list[str]:
    return [path for path in model.project.python_files_mentioning((word.encode(),)) if not is_test_path(path)]


def _of_package(model: Model, path: str, package: str) -> Iterator[bool]:
    """For each import of a package in a file, whether its absence is caught."""
    for statement in _statements(model, path):
        if re.match(rf"(?:from|import)[ \t]+{re.escape(package)}\b", text_of(statement)):
            yield _is_guarded(statement)


def _imports(model: Model, path: str) -> Iterator[tuple[bool, str]]:
    """The modules of the project that a file imports, the packages above them included, each with whether it is caught
    that one cannot be.
    """
    file = model.evaluator.modules.file(path)
    for statement in _statements(model, path) if file is not None else ():
        for found in imported(model.evaluator, statement, file.scope) if file is not None else ():
            for one in (found, *packages_above(model.evaluator, found)):
                yield _is_guarded(statement), one


def _statements(model: Model, path: str) -> Iterator[Node]:
    """The import statements of a file, wherever they stand."""
    file = model.evaluator.modules.file(path)
    left = [file.scope.node] if file is not None else []
    while left:
        node = left.pop()
        if node.type in ("import_statement", "import_from_statement"):
            yield node
        elif b"import" in (node.text or b""):
            left.extend(node.named_children)


def _is_guarded(statement: Node) -> bool:
    """Whether a statement stands in a ``try`` whose ``except`` takes an ImportError, or everything."""
    node = statement
    while node.parent is not None:
        outer = node.parent
        if outer.type == "try_statement" and outer.child_by_field_name("body") == node:
            for clause in outer.named_children:
                head = text_of(clause).partition(":")[0] if clause.type == "except_clause" else ""
                if re.search(CAUGHT, head) or re.fullmatch(r"except(?:\s+(?:Base)?Exception\b.*)?\s*", head):
                    return True
        node = outer
    return False
