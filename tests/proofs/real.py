"""Real Celery for proofs: hand it an example, see what it does.

A proof asks for the fixture ``celery`` (the newest) or ``celery_at`` (any version), and writes the bad example and the
good one as the user would::

    bad = celery.evaluate("app.backend", result_backend="postgresql://db/app")
    assert bad.fails_with("ModuleNotFoundError", "postgresql")
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from celery_backend_lint.record import record
from celery_backend_lint.verify.tags import untagged
from tests.oracle.environments import celery_environment
from tests.oracle.server import CeleryProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HERE = Path(__file__).resolve().parent


@record
class Outcome:
    """What an example did: its value, or the class and text of the exception."""

    value: object
    error: str
    text: str
    warnings: tuple[str, ...]

    def fails_with(self, error: str, text: str = "") -> bool:
        """Whether it raised this class of exception with this in its text; shows what happened when not."""
        happened = f"{self.error or 'no error'}: {self.text or self.value}"
        assert (self.error, text in self.text) == (error, True), happened
        return True

    def works(self) -> bool:
        """Whether it raised nothing; shows the exception when it did."""
        assert not self.error, f"{self.error}: {self.text}"
        return True


@record
class LoadedApp:
    """One app of a loaded project: its settings as Celery has them, or why it could not be configured."""

    attribute: str | None
    main: str | None
    namespace: str | None
    settings: dict[str, object]
    effective: dict[str, object]
    error: str
    text: str


class RealCelery:
    """Celery of one version, asked in forks of a process that has imported it."""

    def __init__(self, python: Path) -> None:
        self.python = python
        self._evaluate = CeleryProcess(python, HERE / "evaluate.py")
        self._load = CeleryProcess(python, HERE.parent / "oracle" / "load.py")

    def evaluate(
        self,
        expression: str,
        source: str = "",
        *,
        root: Path | None = None,
        environment: Mapping[str, str] | None = None,
        settings: Mapping[str, object] | None = None,
        **more: object,
    ) -> Outcome:
        """Run ``source`` (or make an ``app`` with ``settings`` and ``more``), then tell the value of ``expression``."""
        reply = self._evaluate.ask(
            {
                "expression": expression,
                "source": source,
                "settings": repr({**(settings or {}), **more}),
                "root": str(root) if root else "",
                "environment": dict(environment or {}),
            }
        )
        error = reply.get("error") or {"type": "", "text": ""}
        value = untagged(reply.get("value"))
        return Outcome(value, error["type"], error["text"], tuple(reply.get("warnings", ())))

    def load(
        self,
        root: Path,
        files: Mapping[str, str],
        module: str | None = "proj",
        attribute: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> LoadedApp:
        """Write a project's files below ``root``, import ``module`` there and tell its (first) app."""
        write_files(root, files)
        app = None if module is None else {"module": module, "attribute": attribute}
        reply = self._load.ask({"root": str(root), "app": app, "environment": dict(environment or {})})
        assert reply["error"] is None, reply["error"]
        told: dict[str, Any] = reply["apps"][0]
        error = told["error"] or {"type": "", "text": ""}
        return LoadedApp(
            told["attribute"],
            told["main"],
            told["namespace"],
            {name: untagged(value) for name, value in told["settings"].items()},
            {name: untagged(value) for name, value in told["effective"].items()},
            error["type"],
            error["text"],
        )

    def close(self) -> None:
        """End both processes."""
        self._evaluate.close()
        self._load.close()


def write_files(root: Path, files: Mapping[str, str]) -> None:
    """Write each text to its path below ``root``."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def celery_at() -> Iterator[Callable[[str], RealCelery]]:
    """A function from a version (``"5.6.3"``, ``"newest"``) to real Celery of that version."""
    started: dict[str, RealCelery] = {}

    def at(version: str) -> RealCelery:
        if version not in started:
            started[version] = RealCelery(celery_environment(version))
        return started[version]

    yield at
    for real in started.values():
        real.close()


@pytest.fixture
def celery(celery_at: Callable[[str], RealCelery]) -> RealCelery:
    """The newest Celery, the one that the tests run with."""
    return celery_at("newest")
