"""What a value is while no variable is set, where it is from, and which reads and outcomes are in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Environment,
    External,
    Literal,
    Missing,
    Operation,
    Text,
    Unknown,
)
from celery_backend_lint.location import Location
from celery_backend_lint.model.held import hold, leading_text, outcomes, variables
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.held import Held

HERE = Location("tasks.py")


def value_of(root: Path, code: str, env_example: str | None = None) -> tuple[Value, Held]:
    """The value of the constant X in a module, and what it holds near the env files."""
    text = f"import os\nfrom celery import Celery\n{code}\napp = Celery('a')\napp.conf.task_default_queue = X\n"
    files = {"tasks.py": text}
    if env_example is not None:
        files[".env.example"] = env_example
    model = model_of(root, files)
    value = model.apps[0].settings["task_default_queue"].value
    return value, hold(value, model.evidence, "tasks.py")


@pytest.mark.parametrize(
    ("code", "plain", "source", "variable"),
    [
        ("X = 'q'", "q", "literal", None),
        ("X = 5", 5, "literal", None),
        ("X = None", None, "literal", None),
        ("X = ['a', 1]", ["a", 1], "literal", None),
        ("X = {'a': 1}", {"a": 1}, "literal", None),
        ("X = 'a' 'b'", "ab", "literal", None),
        ("X = 60 * 60", 3600, "literal", None),
        ("X = 'a'.upper()", "A", "literal", None),
        ("X = os.getenv('Q')", None, "environment", "Q"),
        ("X = os.getenv('Q', None)", None, "environment", "Q"),
        ("X = os.getenv('Q', 'q')", "q", "default", "Q"),
        ("X = os.getenv('Q', os.getenv('R', 'r'))", "r", "default", "Q"),
        ("X = os.getenv('Q', os.getenv('R'))", None, "environment", "R"),
        ("X = int(os.getenv('Q', '5'))", 5, "default", "Q"),
        ("X = f\"a-{os.getenv('Q', 'q')}\"", "a-q", "default", "Q"),
        ("X = f\"a-{os.getenv('Q')}\"", "a-None", "environment", "Q"),
        ("X = f\"a-{os.environ['Q']}\"", "a-{Q}", "environment", "Q"),
        ("X = 'a-' + os.environ['Q'] + '-' + os.getenv('R', 'r')", "a-{Q}-r", "environment", "Q"),
        ("X = f\"a-{os.getenv('R', 'r')}-{os.environ['Q']}\"", "a-r-{Q}", "environment", "Q"),
        ("X = 'b' if os.getenv('Q') else 'a'", "a", "literal", None),
        ("X = os.getenv('Q') or 'a'", "a", "default", "Q"),
        ("X = os.getenv('Q') or None", None, "environment", "Q"),
        ("import sys\nX = os.getenv('Q') if sys.argv else os.getenv('R')", None, "environment", "Q"),
        ("X = os.getenv('Q') or os.getenv('R') or 'a'", "a", "default", "Q"),
        ("X = 'b' if os.getenv('Q') else os.getenv('R', 'a')", "a", "default", "R"),
        ("X = os.environ['Q'] if 'Q' in os.environ else 'a'", "a", "default", "Q"),
        ("import sys\nX = 'a' if sys.argv else 'a'", "a", "literal", None),
        ("X = 'a'\nif os.getenv('Q'):\n    X = os.getenv('Q')", "a", "default", "Q"),
        ("X = None\nif os.getenv('Q'):\n    X = os.getenv('Q')", None, "environment", "Q"),
        ("import sys\nX = 'a' if os.getenv('Q', '') == '' else os.environ['Q']", "a", "default", "Q"),
        ("X = max(int(os.getenv('Q', '5')), 2)", 5, "default", "Q"),
    ],
)  # fmt: skip
def test_held(code: str, plain: object, source: str, variable: str | None, tmp_path: Path) -> None:
    _, held = value_of(tmp_path, code)
    assert (held.plain, held.known, held.source, held.variable) == (plain, True, source, variable)


def test_where_the_project_stands_is_no_variable(tmp_path: Path) -> None:
    _, held = value_of(tmp_path, "X = 'db+sqlite:///' + os.path.dirname(__file__) + '/r.db'")
    assert (held.plain, held.known, held.source, held.variable) == ("db+sqlite:///{…}/r.db", True, "literal", None)


def test_a_variable_that_may_beat_what_the_project_sets_is_no_part_of_it() -> None:
    read = Environment(("FLASK_X",), Literal(None, HERE), "json or text", "flask", HERE)
    given = Operation("is not", (read, Literal(None, HERE)), HERE)
    ours = Literal("ours", HERE)
    held = hold(Choice((Alternative(read, given), Alternative(ours, None)), HERE), None, "")
    assert (held.plain, held.source, held.variable) == ("ours", "literal", None)


@pytest.mark.parametrize(
    ("code", "source", "variable"),
    [
        ("X = os.environ['Q']", "environment", "Q"),
        ("X = os.environ['Q'] + '-a'", "environment", "Q"),
        ("X = int(os.environ['Q'])", "environment", "Q"),
        ("X = os.environ['Q'].lower()", "environment", "Q"),
        ("X = open('x').read()", "unknown", None),
        ("X = open('x').read() * 2", "unknown", None),
        ("X = len(open('x').read()) == 2", "unknown", None),
        ("X = open('x').read() + 'a'", "unknown", None),
        ("import sys\nX = 'a' if sys.argv else 'b'", "unknown", None),
        ("import sys\nX = {'a': sys.argv}", "unknown", None),
    ],
)
def test_not_known(code: str, source: str, variable: str | None, tmp_path: Path) -> None:
    _, held = value_of(tmp_path, code)
    assert (held.plain, held.known, held.source, held.variable) == (None, False, source, variable)


@pytest.mark.parametrize(
    ("code", "env_example", "plain"),
    [
        ("X = os.environ['Q']", "Q=mail\n", "mail"),
        ("X = os.environ['Q'] + '-a'", "Q=mail\n", "mail-a"),
        ("X = os.environ['Q']", "Q=\n", None),
        ("X = os.environ['Q']", "OTHER=mail\n", None),
        ("X = os.getenv('Q', 'q')", "Q=mail\n", "q"),
    ],
)
def test_env_files_tell_what_a_required_variable_holds(
    code: str, env_example: str, plain: str | None, tmp_path: Path
) -> None:
    _, held = value_of(tmp_path, code, env_example)
    assert (held.plain, held.known) == (plain, plain is not None)


def test_part_of_a_text_that_is_not_known_is_shown_as_an_ellipsis(tmp_path: Path) -> None:
    _, held = value_of(tmp_path, "X = 'a-' + open('x').read()")
    assert (held.plain, held.known, held.source) == ("a-{…}", True, "unknown")


def test_what_is_missing_is_celerys_default() -> None:
    held = hold(Missing(HERE), None, "tasks.py")
    assert (held.plain, held.known, held.source) == (None, True, "default")


def test_object_from_outside_is_named_but_not_known() -> None:
    held = hold(External("kombu.Queue", HERE), None, "tasks.py")
    assert (held.plain, held.known, held.source) == ("kombu.Queue", False, "literal")


def test_operation_on_what_is_not_known_is_not_known() -> None:
    held = hold(Operation("+", (Unknown("who knows", HERE), Literal(1, HERE)), HERE), None, "tasks.py")
    assert (held.plain, held.known, held.source) == (None, False, "unknown")


def test_setting_that_only_a_variable_sets_is_of_the_environment() -> None:
    read = Environment(("Q",), None, "str", "os.environ", HERE)
    switch = Environment(("Q",), Literal(None, HERE), "str", "os.environ", HERE)
    held = hold(Choice((Alternative(read, switch), Alternative(Missing(HERE), None)), HERE), None, "tasks.py")
    assert (held.plain, held.known, held.source, held.variable) == (None, True, "environment", "Q")


def test_without_env_files_a_required_variable_is_not_known() -> None:
    held = hold(Environment(("Q",), None, "str", "os.environ", HERE), None, "tasks.py")
    assert (held.plain, held.known, held.source, held.variable) == (None, False, "environment", "Q")


def test_choice_of_which_no_alternative_is_taken_is_not_known() -> None:
    never = Choice((Alternative(Literal("a", HERE), Literal(False, HERE)),), HERE)
    assert hold(never, None, "tasks.py").source == "unknown"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("X = 'a'", []),
        ("X = os.getenv('A', os.getenv('B', 'b'))", ["A", "B"]),
        ("X = f\"{os.environ['A']}-{os.getenv('B')}\"", ["A", "B"]),
        ("X = int(os.getenv('A', '1')) * 2", ["A"]),
        ("X = os.getenv('A') if os.getenv('C') else os.getenv('B')", ["A", "B"]),
        ("X = [os.getenv('A')]", []),
    ],
)
def test_variables_are_reads_in_the_value_not_in_its_conditions(code: str, names: list[str], tmp_path: Path) -> None:
    value, _ = value_of(tmp_path, code)
    assert [read.variable for read in variables(value)] == names


def test_outcomes_are_the_leaves_and_the_defaults_of_reads() -> None:
    read = Environment(("Q",), Literal("d", HERE), "str", "os.environ", HERE)
    required = Environment(("R",), None, "str", "os.environ", HERE)
    why = Unknown("who knows", HERE)
    inner = Choice((Alternative(required, why), Alternative(Literal("b", HERE), None)), HERE)
    choice = Choice((Alternative(read, why), Alternative(inner, None)), HERE)
    assert list(outcomes(choice)) == [read, Literal("d", HERE), required, Literal("b", HERE)]


@pytest.mark.parametrize(
    ("value", "start"),
    [
        (Literal("redis://h", HERE), "redis://h"),
        (Literal(5, HERE), None),
        (Text((Literal("redis://", HERE), Unknown("host", HERE)), HERE), "redis://"),
        (Text((Unknown("scheme", HERE), Literal("://h", HERE)), HERE), None),
        (Missing(HERE), None),
    ],
)
def test_leading_text_is_the_constant_start(value: Value, start: str | None) -> None:
    assert leading_text(value) == start


def test_a_chain_that_shares_its_choices_is_gone_through_once() -> None:
    """Sixty steps have 2 ** 60 paths."""
    value: Value = Literal("redis://", HERE)
    for number in range(60):
        asked = Unknown(f"condition {number}", HERE)
        value = Choice((Alternative(value, asked), Alternative(value, None)), HERE)
    assert list(variables(value)) == []
    assert hold(value, None, "tasks.py").plain == "redis://"
