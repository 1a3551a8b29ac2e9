"""Text that ``+`` puts together: what Python raises TypeError for is never claimed as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from tests.evaluate.agreement import MAIN, assert_knows, evaluate, run, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "added",
    [
        "'a' + 5", "5 + 'a'", "'a' + 5.0", "'a' + None", "'a' + [1]", "'a' + b'b'", "N + 'a'", "'a' * 2 + 3",
        "'a' + os.environ.get('V')", "'a' + os.environ.get('V', 5)", "'a' + os.environ.get('V') + ':' + N",
        "'a' + int(os.environ.get('V', '5'))", "'a' + ('b' if os.environ.get('V') else 5)",
        "os.environ.get('V', 'x') + N", "'a' + os.environ.get('V', os.environ.get('W'))",
        "f'{N}' + os.environ.get('V')",
    ],
)  # fmt: skip
def test_text_takes_nothing_but_text_added_to_it(added: str, tmp_path: Path) -> None:
    write(tmp_path, {f"{MAIN}.py": f"import os\nN = 5\nX = {added}\n"})
    with pytest.raises(TypeError):
        run(tmp_path, MAIN, {})
    value = evaluate(tmp_path, f"{MAIN}.py")[1]["X"]
    assert value is not None
    with pytest.raises((UndeterminedError, WouldRaiseError)):
        resolve(value, {})


@pytest.mark.parametrize(
    "added",
    ["'a' + os.environ.get('V', 'x')", "'a' + str(N)", "f'{os.environ.get(\"V\")}' + '/1'", "'%s' % N + 'a'"],
)
def test_text_added_to_text_is_known(added: str) -> None:
    assert_knows(f"import os\nN = 5\nX = {added}\n")
    assert_knows(f"import os\nN = 5\nX = {added}\n", {"V": "v"})
