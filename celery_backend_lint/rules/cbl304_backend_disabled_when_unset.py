"""CBL304: no result backend at all while a variable is not set."""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, truth
from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Missing, Text
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.held import variables
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Alternative, Value
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

ENDS = r"\braise\b|\b(?:sys\.|os\._)?exit\(|\bquit\("
"""What ends a process that lacks something."""

RULE = Rule("CBL304", "backend-disabled-when-unset", Severity.WARNING, since="0.1.0", fix=Applicability.UNSAFE)


def check_backend_disabled_when_unset(model: Model) -> Iterator[Finding]:
    """The result backend comes from a variable that may be missing, and without it there is none.

    ## What it does
    Reports a `result_backend` that is None or empty while a variable is not set: `os.getenv("X")`,
    `os.environ.get("X", "")`, `env("X", default=None)`, a pydantic field of type `str | None = None`. A warning where
    the project reads results or uses chords, and no deployment file sets one of the variables, nor an env file that the
    code loads; else advice.

    ## Why is this bad?
    With None or an empty text Celery disables results. Tasks run and their results are dropped, without a warning at
    start; only `.get()` or `.state` raises, in the process that asks. A variable that somebody forgot in one
    deployment looks like tasks that never finish.

    ## Example
    ```python
    result_backend = os.getenv("CELERY_RESULT_BACKEND")
    ```

    ## Use instead
    ```python
    result_backend = os.environ["CELERY_RESULT_BACKEND"]
    ```

    ## Fix safety
    Making the variable required is unsafe: a deployment without it no longer starts.

    ## Known limits
    Whether results are read is judged by what is certain to be a Celery result or a chord, outside of tests. Silent
    where tasks run eagerly while nothing is set (`task_always_eager`), that needs no backend, and where the module ends
    the process while the name is empty (`if not BACKEND: raise …`, `assert BACKEND`).

    ## References
    - [Celery: Keeping results](https://docs.celeryq.dev/en/stable/getting-started/first-steps-with-celery.html#keeping-results)
    """
    for app in model.checked_apps:
        setting = app.settings.get("result_backend")
        if setting is None or _is_eager(app):
            continue
        for read in _written_as_none(setting.value):
            if not is_test_path(read.origin.path) and not _is_demanded(model, read):
                yield RULE.finding(
                    read.origin,
                    f"while `{read.variable}` is not set the result backend is the text `None`: whatever sends a task, "
                    "stores or reads a result fails",
                    help=f"make {_required(read)}, or give it a default",
                    app=app.name,
                    severity=Severity.ADVICE if _is_given(model, app, read, ()) else Severity.WARNING,
                    propose=partial(_fix, model, app, read),
                )
        chains = dict(_leading_nowhere(setting.value, ()))
        for read, before in chains.items():
            if is_test_path(read.origin.path) or _is_demanded(model, read):
                continue
            from celery_backend_lint.model.result_use import result_use

            used = None if _ignores_results(app) else result_use(model, app)
            yield RULE.finding(
                read.origin,
                f"while {_unset(read, before)} there is no result backend, and Celery silently drops results",
                help=f"make {_required(read)}, or give it a default",
                app=app.name,
                related=(Related(used, "a result is read here"),) if used is not None else (),
                severity=Severity.ADVICE if used is None or _is_given(model, app, read, before) else Severity.WARNING,
                propose=partial(_fix, model, app, read),
            )


def _is_demanded(model: Model, read: Environment) -> bool:
    """Whether the module ends the process where the name that a read is assigned to holds nothing.

    ``if not BACKEND: raise …``, ``if BACKEND is None: sys.exit(…)``, ``assert BACKEND``. Where another condition has
    to hold too, it goes on without.
    """
    source = model.project.source(read.origin.path)
    if source is None:
        return False
    assigned = re.match(r"\s*(\w+)\s*(?::[^=\n]+)?=(?!=)", source.line(read.origin.line))
    if assigned is None:
        return False
    name = assigned[1]
    if re.search(rf"^[ \t]*assert[ \t]+{name}\b(?![ \t]+(?:is|or|in|==|!=))", source.text, re.MULTILINE):
        return True
    empty = rf"\b(?:not[ \t]+{name}|{name}[ \t]+is[ \t]+None)\b"
    guard = rf"^([ \t]*)if[ \t]+([^\n]*{empty}[^\n]*):((?:[^\n]*\n\1[ \t]+)*[^\n]*)"
    return any(
        re.search(ENDS, found[3]) is not None and re.search(r"\band\b", found[2]) is None
        for found in re.finditer(guard, source.text, re.MULTILINE)
    )


def _is_given(model: Model, app: App, read: Environment, before: tuple[str, ...]) -> bool:
    """Whether the project sets one of the variables that are all missing: a deployment file does, for a process that
    may run the app, or an env file that the code loads.
    """
    from celery_backend_lint.model.env_loads import is_in_environment

    return any(is_in_environment(model, app, variable) for variable in (*before, *read.variables))


def _required(read: Environment) -> str:
    """What is to be required, and how that is written."""
    if read.reader.startswith("pydantic"):
        return "the field required, `: str` and nothing else"
    return f'it required, `os.environ["{read.variable}"]`'


def _fix(model: Model, app: App, read: Environment) -> Fix:
    from celery_backend_lint.fixes.required_reads import require

    return require(model, app, read)


def _unset(read: Environment, before: tuple[str, ...]) -> str:
    """The condition in words: that none of the variables is set that are asked before, nor the read's own."""
    names = [f"`{name}`" for name in dict.fromkeys((*before, read.variable))]
    return f"{names[0]} is not set" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} are not set"


def _leading_nowhere(value: Value, before: tuple[str, ...]) -> Iterator[tuple[Environment, tuple[str, ...]]]:
    """The reads that give no backend while nothing is set, each with the variables that are asked ``before`` it."""
    if isinstance(value, Environment):
        if _is_nothing(value.default):
            yield value, before
        elif value.default is not None:
            yield from _leading_nowhere(value.default, (*before, value.variable))
    elif isinstance(value, Choice):
        passed: list[Environment] = []
        for alternative in value.alternatives:
            holds = _holds(alternative.condition)
            if holds is False:
                passed.extend(_decided_by_themselves(alternative))
                continue
            asked = (*before, *(read.variable for read in passed))
            if _is_nothing(alternative.value) and holds:
                yield from ((read, asked[:-1]) for read in passed[-1:])
            else:
                yield from _leading_nowhere(alternative.value, asked)
            if holds:
                return


def _written_as_none(value: Value) -> Iterator[Environment]:
    """The reads that are all of a text, ``f"{os.environ.get('X')}"``, which is ``None`` while nothing is set."""
    if isinstance(value, Choice):
        for alternative in value.alternatives:
            if _holds(alternative.condition) is not False:
                yield from _written_as_none(alternative.value)
    elif isinstance(value, Text) and len(value.parts) == 1 and isinstance(value.parts[0], Environment):
        default = value.parts[0].default
        if isinstance(default, Literal) and default.value is None:
            yield value.parts[0]


def _decided_by_themselves(alternative: Alternative) -> Iterator[Environment]:
    """The reads of an outcome that holds where their own variable is set: ``if X: backend = X``. One that hangs on
    another variable, ``if RESULTS_ENABLED: backend = X``, is switched off, and not missing.
    """
    condition = alternative.condition
    decide = {read.variable for read in variables(condition)} if condition is not None else set()
    for read in variables(alternative.value):
        if read.variable in decide:
            yield read


def _is_nothing(value: Value | None) -> bool:
    return isinstance(value, Missing) or (isinstance(value, Literal) and value.value in (None, ""))


def _holds(condition: Value | None) -> bool | None:
    """Whether an alternative is the one while no variable is set; None where that cannot be said."""
    if condition is None:
        return True
    try:
        return truth(condition, {})
    except (UndeterminedError, WouldRaiseError):
        return None


def _is_eager(app: App) -> bool:
    """Whether tasks run in the process that calls them while no variable is set: that needs no backend."""
    setting = app.settings.get("task_always_eager")
    try:
        return setting is not None and truth(setting.value, {})
    except (UndeterminedError, WouldRaiseError):
        return False


def _ignores_results(app: App) -> bool:
    setting = app.settings.get("task_ignore_result")
    return setting is not None and isinstance(setting.value, Literal) and setting.value.value is True
