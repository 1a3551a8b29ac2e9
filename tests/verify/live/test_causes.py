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


def kind_of(path: Path) -> str:
    """The kind of backend that a module is for: the beginning of its name. Others name causes of every backend."""
    kind = path.name.partition("_")[0]
    return kind if kind in TABLES else "generic"


USES = {"django": ("django", "database"), "sentinel": ("sentinel", "redis")}
"""A kind whose steps are also those of another."""


def facts_of(kind: str) -> dict[str, set[str]]:
    """The causes that the modules of a kind name, each with the facts that are always there for it.

    A cause may stand in a table from which a call takes it: then it may have the facts of any such call.
    """
    trees = [
        ast.parse(path.read_text(encoding="utf-8")) for path in MODULES if kind_of(path) in USES.get(kind, (kind,))
    ]
    found: dict[str, set[str]] = {}
    taken: list[set[str]] = []
    for call in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if ast.unparse(call.func).rpartition(".")[2] not in ("Failure", "note") or not call.args:
            continue
        facts = {word.arg for word in call.keywords if word.arg}
        facts |= {"keys", "channels"} if any(word.arg is None for word in call.keywords) else set()  # **patterns(live)
        causes = {node.value for node in ast.walk(call.args[0]) if isinstance(node, ast.Constant)}
        causes &= {*TABLES[kind], *CAUSES}
        for cause in causes:
            found[cause] = found.get(cause, facts) & facts
        if not isinstance(call.args[0], (ast.Constant, ast.IfExp)):
            taken.append(facts)
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Constant) and node.value in {*TABLES[kind], *CAUSES}:
            found.setdefault(str(node.value), set().union(*taken))
    where = set().union(*(where_of(tree) for tree in trees))
    return {cause: facts | where for cause, facts in found.items()}


def where_of(tree: ast.Module) -> set[str]:
    """The facts that ``where`` gives."""
    found = [
        part
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name == "where"
        for part in ast.walk(node)
    ]
    keys = {
        str(key.value)
        for one in found
        if isinstance(one, ast.Dict)
        for key in one.keys
        if isinstance(key, ast.Constant)
    }
    return keys | {str(one.arg) for one in found if isinstance(one, ast.keyword)}


def fields_of(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("kind", TABLES)
def test_each_cause_has_its_words_and_the_words_their_facts(kind: str) -> None:
    table = {**CAUSES, **TABLES[kind]}
    for cause, facts in facts_of(kind).items():
        for name, words in table.items():
            if name.partition("@")[0] == cause and cause not in FROM_OUTSIDE:
                assert fields_of(words.message + words.remedy) <= facts, name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_each_cause_that_is_named_is_in_the_table(path: Path) -> None:
    table = {**CAUSES, **TABLES[kind_of(path)]}
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in ("Failure", "note"):
            assert not call.args or not isinstance(call.args[0], ast.Constant) or call.args[0].value in table


@pytest.mark.parametrize("kind", TABLES)
def test_no_words_are_of_causes_that_nothing_names(kind: str) -> None:
    known = set(facts_of(kind)) | FROM_OUTSIDE
    prefixes = {"acl-keys", "acl-channels"}  # put together from what the server says
    assert not {cause.partition("@")[0] for cause in TABLES[kind]} - known - prefixes


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
