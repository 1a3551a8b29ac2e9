"""An outcome that contradicts what the outcomes around it have decided is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.condition_words import when
from celery_backend_lint.model.outcomes import outcomes
from celery_backend_lint.report.show import show
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path

NONE, EMPTY = "os.environ.get('X') is not None", "os.environ.get('X')"


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        # what counts as true is not None
        (f"('a' if {NONE} else 'b') if {EMPTY} else 'c'", [("'a'", "X is set"), ("'c'", "X is not set")]),
        (f"'c' if not {EMPTY} else ('a' if {NONE} else 'b')", [("'c'", "X is not set"), ("'a'", "X is set")]),
        # what is None does not count as true
        (f"('a' if {EMPTY} else 'b') if not ({NONE}) else 'c'", [("'b'", "X is not set"), ("'c'", "X is set")]),
        # what is not None may be an empty text
        (
            f"('a' if {EMPTY} else 'b') if {NONE} else 'c'",
            [("'a'", "X is set"), ("'b'", "X is empty"), ("'c'", "X is not set")],
        ),
    ],
)
def test_an_outcome_contradicts_nothing(backend: str, told: list[tuple[str, str]], tmp_path: Path) -> None:
    text = f"import os\nfrom celery import Celery\n\napp = Celery('shop', broker={backend})\n"
    value = model_of(tmp_path, {"tasks.py": text}).apps[0].settings["broker_url"].value
    assert [(show(one), when(holds)) for one, holds in outcomes(value)] == told
