"""What is needed besides Celery's own variables where its configuration is read: without it nothing starts."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, Text
from celery_backend_lint.fixes.settings_readers import required_by_the_class_of
from celery_backend_lint.model.celery_variables import MACHINES
from celery_backend_lint.model.held import AMBIENT_READERS
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.model import Model

MOST_NAMES = 2_000
"""Names of a module that are looked at."""


def required_beside(model: Model, reads: Iterable[Environment]) -> list[Environment]:
    """The reads that have to succeed wherever those of Celery's configuration are run: of the other fields of their
    settings classes, and of the names that their modules assign, whatever any variable holds.
    """
    given = tuple(reads)
    known = {variable for read in given for variable in read.variables}
    found: dict[str, Environment] = {}
    for read in dict.fromkeys(given):
        for other in _around(model, read):
            if known.isdisjoint(other.variables) and not MACHINES.intersection(other.variables):
                found.setdefault(other.variable, other)
    return list(found.values())


def _around(model: Model, read: Environment) -> Iterator[Environment]:
    if is_test_path(read.origin.path):
        return
    if read.reader.startswith("pydantic"):
        yield from required_by_the_class_of(model, read.origin)
        return
    file = model.evaluator.modules.file(read.origin.path)
    if file is None:
        return
    for name, bindings in list(file.scope.bindings.items())[:MOST_NAMES]:
        if bindings[-1].kind not in ("assign", "annotate"):
            continue
        value = model.evaluator.read(file.scope, name, None)
        parts = value.parts if isinstance(value, Text) else (value,)
        for part in parts:
            of_the_module = isinstance(part, Environment) and part.origin.path == read.origin.path
            if isinstance(part, Environment) and of_the_module and _is_needed(part):
                yield part


def _is_needed(read: Environment) -> bool:
    return read.required and read.reader not in AMBIENT_READERS and not read.reader.startswith("pydantic")
