"""Edits put together: what is between them stays byte for byte, and what does not go together waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
from celery_backend_lint.fixes.composition import compatible, compose
from celery_backend_lint.fixes.text_edits import append_lines, replace
from celery_backend_lint.location import START, Location, Span
from celery_backend_lint.project.discovery import Project

LINES = st.lists(st.sampled_from(["x = 1", "", "# ä €", "y = '\N{GRINNING FACE}'", "\tz"]), min_size=1, max_size=8)
ENDINGS = st.sampled_from(["\n", "\r\n"])


def fix(*edits: Edit) -> Fix:
    return Fix("A title", Applicability.SAFE, edits)


def edit(line: int, column: int, end_line: int, end_column: int, content: str, subject: str = "") -> Edit:
    return Edit(Location("a.py", Span(line, column, end_line, end_column)), content, subject)


def composed(root: Path, data: bytes, *fixes: Fix, name: str = "a.py") -> bytes:
    (root / name).write_bytes(data)
    return compose(Project(str(root.resolve())), fixes)[name]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@given(lines=LINES, ending=ENDINGS, final=st.booleans(), data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_everything_else_stays(
    tmp_path: Path, encoding: str, lines: list[str], ending: str, final: bool, data: st.DataObject
) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    text = ending.join(lines) + (ending if final else "")
    numbers = data.draw(st.lists(st.integers(1, len(lines)), unique=True, max_size=3).map(sorted))
    edits = [edit(number, 1, number, len(lines[number - 1]) + 1, f"new {number}\n# more") for number in numbers]
    made = composed(tmp_path, (mark + text).encode(encoding), fix(*edits), name="a.py") if edits else None
    for number in numbers:
        lines[number - 1] = f"new {number}{ending}# more" if len(lines) > 1 or final else f"new {number}\n# more"
    if made is not None:
        assert made == (mark + ending.join(lines) + (ending if final else "")).encode(encoding)


def test_each_line_that_is_put_in_ends_as_its_neighbours_do(tmp_path: Path) -> None:
    data = b"a\r\nb\nc\r\n"
    made = composed(tmp_path, data, fix(edit(1, 1, 1, 2, "A\nA"), edit(2, 1, 2, 2, "B\nB"), edit(4, 1, 4, 1, "D\n")))
    assert made == b"A\r\nA\r\nB\nB\nc\r\nD\r\n"


def test_lines_at_the_end_keep_a_missing_final_newline(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_bytes(b"A=1\r\nB=2")
    project = Project(str(tmp_path.resolve()))
    fixes = [fix(append_lines(project, "a.env", f"{name}=1\n", name)) for name in "CD"]
    assert compatible(fixes) == (fixes, [])
    assert compose(project, fixes) == {"a.env": b"A=1\r\nB=2\r\nC=1\r\nD=1"}
    assert compose(project, [fix(append_lines(project, "new", "C=1\n"), append_lines(project, "new", "D=1\n"))]) == {
        "new": b"C=1\nD=1\n"
    }


def test_a_declared_encoding_is_kept_or_refused(tmp_path: Path) -> None:
    data = "# coding: latin-1\nx = 'é'\n".encode("latin-1")
    assert composed(tmp_path, data, fix(edit(2, 1, 2, 2, "ä"))) == data.replace(b"x =", "ä =".encode("latin-1"))
    with pytest.raises(CannotFixError, match="is in latin-1, which cannot write"):
        composed(tmp_path, data, fix(edit(2, 1, 2, 2, "€")))


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotFixError, match=r"`a\.py` is not UTF-8"):
        composed(tmp_path, b"x = '\xff'\n", fix(edit(1, 1, 1, 2, "y")))


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (edit(1, 1, 1, 5, "a"), edit(1, 5, 1, 9, "b"), True),
        (edit(1, 1, 1, 5, "a"), edit(1, 4, 1, 9, "b"), False),
        (edit(1, 1, 1, 5, "a"), edit(1, 1, 1, 5, "a"), False),
        (edit(1, 1, 1, 5, "a"), edit(1, 3, 1, 3, "b"), False),
        (edit(1, 1, 1, 5, "a"), edit(1, 5, 1, 5, "b"), True),
        (edit(2, 1, 2, 1, "a"), edit(2, 1, 2, 1, "b"), False),
        (edit(2, 1, 2, 1, "a"), edit(2, 1, 2, 1, "a"), False),
        (edit(2, 1, 2, 1, "a", "A"), edit(2, 1, 2, 1, "b", "B"), True),
        (edit(2, 1, 2, 1, "import os\n", "import os"), edit(2, 1, 2, 1, "import os\n", "import os"), True),
        (edit(2, 1, 2, 1, "A=1\n", "A"), edit(5, 1, 5, 1, "A=2\n", "A"), False),
        (Edit(Location("x", START), "a"), Edit(Location("y", START), "b"), True),
    ],
)
def test_what_goes_together(one: Edit, other: Edit, together: bool) -> None:
    first, second = fix(one), fix(other)
    assert compatible([first, second]) == (([first, second], []) if together else ([first], [second]))


def test_what_two_fixes_need_is_put_there_once(tmp_path: Path) -> None:
    needed = edit(1, 1, 1, 1, "import os\n", "import os")
    made = composed(tmp_path, b"x\ny\n", fix(needed, edit(1, 1, 1, 2, "X")), fix(needed, edit(2, 1, 2, 2, "Y")))
    assert made == b"import os\nX\nY\n"


def test_positions_are_characters(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("é = '\N{GRINNING FACE}'; x = 1\n", encoding="utf-8")
    project = Project(str(tmp_path.resolve()))
    source = project.source("a.py")
    assert source is not None
    at = source.utf8.index(b"x")
    made = replace(source, at, at + 1, "y")
    assert made.location.span == Span(1, 10, 1, 11)
    assert compose(project, [fix(made)])["a.py"].decode() == "é = '\N{GRINNING FACE}'; y = 1\n"
