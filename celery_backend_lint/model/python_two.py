"""Code that only Python 2 compiles, and what follows for the Celery that runs it."""

from __future__ import annotations

import re
from itertools import islice

from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.apps.declared_celery import DeclaredCelery
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile

MOST_FILES = 60
"""How many files are looked at."""

_WORDS = (b"print ", b"except ", b"raise ")
_STATEMENT = (
    rb"(?m)^[ \t]*(print[ \t]+(?!(?:in|is|and|or|if|else|not|for)\b)[\w\"']|print[ \t]*>>"
    rb"|except[ \t]+(?:[\w.]+|\([\w., \t]+\))[ \t]*,[ \t]*[a-z_]\w*[ \t]*:|raise[ \t]+[\w.]+[ \t]*,[ \t]*\S)"
)
"""Statements that Python 3 refuses. ``except A, B:`` is one of Python 3.14's: what is caught there is a class."""
_LATER = (b' f"', b'(f"', b" f'", b"(f'", b"async def ", b") -> ", b"nonlocal ")
"""What Python 2 refuses, as far as it is quickly found: nearly all code of today has some of it."""


def is_of_python_two(project: Project) -> bool:
    """Whether only Python 2 compiles code that belongs to Celery, and none of it is of a later Python.

    Looked at are the files that speak of Celery and those that stand beside them; not tests, nor examples.
    """
    found = False
    for path in islice(_looked_at(project), MOST_FILES):
        source = project.source(path)
        if source is None:
            continue
        if any(sign in source.data for sign in _LATER):
            return False
        found = found or _is_python_two(source)
    return found


def _looked_at(project: Project) -> Iterator[str]:
    speaking = [path for path in project.python_files_mentioning((b"elery",)) if _counts(path)]
    yield from speaking
    folders = {path.rpartition("/")[0] for path in speaking}
    known = set(speaking)
    for path in project.paths():
        if path.endswith(".py") and path not in known and path.rpartition("/")[0] in folders and _counts(path):
            yield path


def may_run_celery_three(model: Model, declared: DeclaredCelery) -> bool:
    """Whether a Celery before 4.0, which knows other names, may be what runs: with Python 2 alone, and none declared
    that is later.
    """
    from celery_backend_lint.model.project_python import LAST_OF_TWO, pythons
    from celery_backend_lint.model.versions import floor

    if declared.locked or floor(declared.text) >= (4,):
        return False
    return pythons(model.project, model.manifests.all)[-1] == LAST_OF_TWO


def _counts(path: str) -> bool:
    return not is_test_path(path) and not is_example_path(path)


def _is_python_two(source: SourceFile) -> bool:
    """Whether a file holds a statement that Python 3 refuses, outside of texts and comments."""
    if not any(word in source.data for word in _WORDS):
        return False
    root = None
    for match in re.finditer(_STATEMENT, source.utf8):
        if root is None:
            from celery_backend_lint.syntax.python import PythonParser

            root = PythonParser().parse(source)
        leaf = root.descendant_for_byte_range(match.start(1), match.start(1) + 1)
        if leaf is not None and not leaf.type.startswith(("string", "comment")):
            return True
    return False
