"""Every cause that a step names has its words, and every fact of the words is told by who names the cause."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from celery_backend_lint import verify
from celery_backend_lint.verify.causes import TABLES, word
from celery_backend_lint.verify.causes.generic import CAUSES

LIVE = Path(verify.__file__).parent / "live"
MODULES = sorted(path for path in LIVE.glob("*.py") if path.name != "__init__.py")
OF_THE_CALLER = {"ended"}
"""Causes that connecting.py names."""
FROM_OUTSIDE = {"no-answer", "error", "interrupted", "needs", "no-write", *OF_THE_CALLER}
"""Causes that protocol.py names with all their facts."""


def kind_of(tree: ast.Module) -> str:
    """What KIND is in a module; the modules without one name causes of every backend."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "KIND":
            return str(ast.literal_eval(node.value))
    return "generic"


def named(tree: ast.Module) -> list[tuple[str, set[str]]]:
    """The causes that a module names, each with the facts it gives."""
    return [
        (str(ast.literal_eval(call.args[0])), {word.arg for word in call.keywords if word.arg})
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] in ("Failure", "note")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]


def where_of(tree: ast.Module) -> set[str]:
    """The facts that ``where`` gives."""
    return {
        str(key.value)
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name == "where"
        for found in ast.walk(node)
        if isinstance(found, ast.Dict)
        for key in found.keys
        if isinstance(key, ast.Constant)
    }


def fields_of(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_each_cause_has_its_words_and_the_words_their_facts(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    table = {**CAUSES, **TABLES.get(kind_of(tree), {})}
    for cause, facts in named(tree):
        assert cause in table
        assert fields_of(table[cause].message + table[cause].remedy) <= facts | where_of(tree)


def test_no_words_are_of_causes_that_nothing_names() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in MODULES]
    known = {cause for tree in trees for cause, _ in named(tree)} | FROM_OUTSIDE
    assert not {cause for table in TABLES.values() for cause in table} - known


@pytest.mark.parametrize("kind", TABLES)
def test_words_end_without_a_full_stop_and_name_settings(kind: str) -> None:
    for words in TABLES[kind].values():
        for text in (words.message, words.remedy):
            assert not text.endswith(".")
            assert not text[:1].isspace()


def test_facts_are_written_for_people() -> None:
    told = word("generic", "no-answer", {"seconds": 10.0})
    assert told.message == "no answer within 10 seconds"


@pytest.mark.parametrize("path", [*MODULES, LIVE / "__init__.py", LIVE.parent / "probe.py"], ids=lambda path: path.name)
def test_what_runs_in_the_project_is_old_python_of_the_standard_library(path: Path) -> None:
    import sys

    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 6))
    tops = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {
        (name.name if isinstance(node, ast.Import) else node.module or "").partition(".")[0]
        for node in tops
        if not (isinstance(node, ast.ImportFrom) and node.level == 1)
        for name in node.names
    }
    assert names <= sys.stdlib_module_names
    unions = [ast.unparse(node) for node in annotations(tree) if "|" in ast.unparse(node)]
    assert not unions, "X | Y is no annotation before Python 3.10"


def annotations(tree: ast.AST) -> list[ast.expr]:
    """Every annotation."""
    found = [
        node.annotation for node in ast.walk(tree) if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation
    ]
    return found + [node.returns for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.returns]
