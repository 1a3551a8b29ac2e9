"""Signs that a configuration is for one process only, or for tests: nothing has to be shared there."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.model.held import hold, outcomes
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

_TEST_WORDS = r"(?i)(?:^|[^a-z])(?:tests?|testing|unittests?|pytest|ci|e2e|eager)(?:$|[^a-z])"
_TEST_FILES = r"(?i)(?:^|[/._-])(?:tests?|testing|ci|e2e)(?:$|[/._-])"
_HOME_FILES = r"(?i)(?:^|[/._-])(?:dev|devel|develop|development|local|debug|home)(?:$|[/._-])"


def runs_in_one_process(model: Model, app: App) -> bool:
    """Whether nothing is shared: tasks run where they are sent, or the broker itself lives in one process."""
    eager = app.settings.get("task_always_eager")
    if eager is not None and any(not (isinstance(one, Literal) and not one.value) for one in outcomes(eager.value)):
        return True
    broker = app.settings.get("broker_url")
    if broker is None:
        return False
    return any(_start(model, app, one).startswith("memory") for one in outcomes(broker.value))


def asks_no_server(model: Model, app: App) -> bool:
    """Whether tasks surely run where they are called, and nothing is sent, stored or asked for: no worker is started,
    eager results are not kept, no result is looked up by its id.
    """
    from celery_backend_lint.model.results.verdicts import is_always_eager

    if "task_always_eager" not in app.settings or not is_always_eager(app) or "task_store_eager_result" in app.settings:
        return False
    from celery_backend_lint.model.processes import runs_worker

    if app.unread or model.project.python_files_mentioning((b"AsyncResult", b"GroupResult")):
        return False
    return not runs_worker(model.project, model.deployment)


def _start(model: Model, app: App, value: Value) -> str:
    held = hold(value, model.evidence, app.path)
    return held.plain if held.known and isinstance(held.plain, str) else ""


def is_for_tests(location: Location, condition: str = "") -> bool:
    """Whether a value stands in a file for tests or examples, or holds under a condition that speaks of tests."""
    path = location.path
    if is_test_path(path) or is_example_path(path) or re.search(_TEST_FILES, path) is not None:
        return True
    return re.search(_TEST_WORDS, condition.replace("_", " ")) is not None


def is_for_development(location: Location) -> bool:
    """Whether a value stands in a file of settings for the machine of a developer, by its name."""
    return re.search(_HOME_FILES, location.path) is not None
