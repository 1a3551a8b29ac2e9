"""Values that are replaced: expressions with the parentheses that they need, texts with their prefix and escapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.fixes.python.values import replace_expression, replace_string
from celery_backend_lint.location import Location, Span
from tests.fixes.python.writing import assignment, written

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.model import Model

APP = 'from celery import Celery\n\napp = Celery("a")\n'


def place_of_value(model: Model) -> Location:
    """Where the value of the only setting is written."""
    [setting] = model.checked_apps[0].settings
    return assignment(model, setting).value.origin


@pytest.mark.parametrize(
    ("before", "code", "after"),
    [
        ("'json'", '["json"]', '["json"]'),
        ("('json')", '["json"]', '["json"]'),
        ('(\n    "json"  # only\n)', '["json"]', '(\n    ["json"]  # only\n)'),
        ("'js' 'on'", '["json"]', '["json"]'),
        ("f'{app}'", '["json"]', '["json"]'),
        ("['a'] if app else 'b'", "x or y", "x or y"),
    ],
)
def test_an_expression_is_replaced_whole(tmp_path: Path, before: str, code: str, after: str) -> None:
    files = {"a.py": f"{APP}app.conf.accept_content = {before}\n"}
    made = written(
        tmp_path,
        files,
        lambda model: [replace_expression(model, assignment(model, "accept_content").value.origin, code)],
    )
    assert made == {"a.py": f"{APP}app.conf.accept_content = {after}\n"}


def test_what_binds_loosely_gets_parentheses_inside_of_something_else(tmp_path: Path) -> None:
    files = {"a.py": f"{APP}app.conf.result_expires = 2 * (lambda: 3)()\napp.conf.timezone = [1][0] or 'UTC'\n"}
    place = Location("a.py", Span(4, 27, 4, 28))
    made = written(tmp_path, files, lambda model: [replace_expression(model, place, "a or b")])
    assert made == {"a.py": files["a.py"].replace("2 *", "(a or b) *")}


def test_a_comment_inside_is_not_lost(tmp_path: Path) -> None:
    files = {"a.py": f"{APP}app.conf.accept_content = [\n    'a',  # why\n]\n"}
    made = written(
        tmp_path,
        files,
        lambda model: [replace_expression(model, assignment(model, "accept_content").value.origin, "x")],
    )
    assert made == "a comment stands inside the value in `a.py` line 4"


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        (r'"redis://h\x41/\"0"', 'redis://hA/"1', r'"redis://h\x41/\"1"'),
        (r"r'redis://h\d/0'", r"redis://h\d/1", r"r'redis://h\d/1'"),
        (r"r'redis://h\d/0'", r"redis://h\d/'", r"'redis://h\\d/\''"),
        ("u'redis:'", "rediss:", "u'rediss:'"),
        ("f'redis{{'", "rediss{", "f'rediss{{'"),
        ("'''redis'''", "a\n'b", r"'''a\n\'b'''"),
        ("''", "new\tü", r"'new\tü'"),
        ("'aaa'", "aa", "'aa'"),
    ],
)
def test_text_keeps_prefix_quotes_and_escapes(tmp_path: Path, before: str, text: str, after: str) -> None:
    files = {"a.py": f"{APP}app.conf.result_backend = {before}\n"}
    made = written(tmp_path, files, lambda model: [replace_string(model, place_of_value(model), text)])
    assert made == {"a.py": f"{APP}app.conf.result_backend = {after}\n"}
    assert eval(after) == text


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("'red' 'is'", "side by side"),
        ("f'{app}'", "f-string"),
        ("str(1)", "not written as text"),
    ],
)
def test_what_is_no_plain_text_is_refused(tmp_path: Path, before: str, why: str) -> None:
    files = {"a.py": f"{APP}app.conf.result_backend = {before}\n"}
    made = written(tmp_path, files, lambda model: [replace_string(model, place_of_value(model), "x")])
    assert isinstance(made, str)
    assert why in made


def test_a_file_that_does_not_parse_is_left_alone(tmp_path: Path) -> None:
    files = {"a.py": f"{APP}app.conf.result_backend = 'x'\ndef broken(:\n"}
    made = written(tmp_path, files, lambda model: [replace_string(model, place_of_value(model), "y")])
    assert made == "`a.py` does not parse (line 5)"
