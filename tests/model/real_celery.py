"""Small projects read statically and loaded with real Celery, which must agree; then what the reading claims."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.resolve import UndeterminedError
from celery_backend_lint.verify.comparison import claim
from tests.model.build import model_of
from tests.oracle.compare import compare
from tests.oracle.environments import newest_celery
from tests.oracle.server import CeleryProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

LOAD = Path(__file__).parents[1] / "oracle" / "load.py"
UNKNOWN = "unknown"
"""What `claims` gives for a setting of which the reading does not say what it is."""


@pytest.fixture(scope="session")
def agreed() -> Iterator[Callable[[Path, dict[str, str]], Model]]:
    """A function that reads a project and fails where the newest Celery has another value than the reading claims."""
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(CeleryProcess(Path(sys.executable), LOAD))

        def read(root: Path, files: dict[str, str]) -> Model:
            model = model_of(root, files)
            result = compare(root, newest_celery(), process)
            assert result.contradictions == []
            assert result.unloadable == []
            return model

        yield read


def claims(app: App, *names: str) -> dict[str, object]:
    """What the reading says that settings are while no variable is set, `UNKNOWN` where it does not say."""
    said: dict[str, object] = {}
    for name in names:
        try:
            said[name] = claim(app, name, {})
        except UndeterminedError:
            said[name] = UNKNOWN
    return said
