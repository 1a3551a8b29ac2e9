"""Shell text in words and statements, as a real shell splits it."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_backend_lint.model.deployment.shell_words import statements


def split(text: str) -> list[list[str]]:
    return [[word.text for word in statement] for statement in statements(text.encode())]


@pytest.mark.parametrize(
    "text",
    [
        "celery -A shop worker",
        "celery  -A\tshop   worker",
        'celery -A "shop" worker',
        "celery -A 'shop' --x='a b' worker",
        'a "b c" d\\ e "f\\"g"',
        "a'b'\"c\"d",
        "a \\\n  b",
        "a # b c",
        "a#b c",
        "''  \"\"",
        "a --x=\"1 2\"'3 4'5",
        "x 'it'\\''s'",
    ],
)
def test_a_real_shell_splits_the_same_words(text: str) -> None:
    script = f"set -- {text}\nprintf '%s\\n' \"$@\""
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, timeout=10)
    (words,) = split(text)
    assert words == done.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a b; c", [["a", "b"], ["c"]]),
        ("a && b || c", [["a"], ["b"], ["c"]]),
        ("a & b", [["a"], ["b"]]),
        ("a | b", [["a"], ["b"]]),
        ("(a; b)", [["a"], ["b"]]),
        ("{ a; b; }", [["a"], ["b"]]),
        ("a\nb", [["a"], ["b"]]),
        ("a\r\nb\r\n", [["a"], ["b"]]),
        ("a > f 2>&1", [["a", "f"]]),
        ("a >/dev/null 2>&1 &\nb", [["a", "/dev/null"], ["b"]]),
        ("cat <<EOF\ncelery -A x worker\nEOF\nb", [["cat"], ["b"]]),
        ("cat <<-'END' > f\nx\n\tEND\nb", [["cat", "f"], ["b"]]),
        ("cat <<EOF\nnothing closes", [["cat"], ["nothing", "closes"]]),
        ("a ${X:-y z} $(b c)", [["a", "${X:-y z}", "$(b c)"]]),
        ("a '$X' \"$X\" \\$X", [["a", "$X", "$X", "\\$X"]]),
        ("a {{ b }} %(c)s", [["a", "{{ b }}", "%(c)s"]]),
        ('a "b', [["a", "b"]]),
        ("# nothing", []),
        ("", []),
    ],
)
def test_statements(text: str, wanted: list[list[str]]) -> None:
    assert split(text) == wanted


def test_words_know_their_bytes() -> None:
    text = "é 'a b' c".encode()
    (words,) = statements(text)
    assert [text[word.start : word.end].decode() for word in words] == ["é", "'a b'", "c"]


@given(st.binary(max_size=200))
def test_no_bytes_break_it(text: bytes) -> None:
    for statement in statements(text):
        for word in statement:
            assert 0 <= word.start < word.end <= len(text)
