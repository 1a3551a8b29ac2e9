"""CBL902: a variable that Celery's configuration reads and that no example names."""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, truth
from celery_backend_lint.evaluate.values import Choice, Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.findings.masking import MASK, is_secret_name, mask
from celery_backend_lint.location import Location
from celery_backend_lint.model.apps.own_variables import ALSO, OWN_VARIABLES
from celery_backend_lint.model.celery_variables import is_among, is_optional, reads_of
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.model.file_mentions import documented
from celery_backend_lint.model.held import AMBIENT_READERS, variables
from celery_backend_lint.model.variable_setters import setter_of
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from celery_backend_lint.evaluate.values import Environment, Value
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.celery_variables import VariableRead
    from celery_backend_lint.model.env_files import EnvFile

RULE = Rule("CBL902", "variable-not-in-example", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)


def check_variable_not_in_example(model: Model) -> Iterator[Finding]:
    """A variable that Celery's configuration reads is in no example of the environment.

    ## What it does
    Compares what Celery's configuration reads with the examples of its service (`.env.example` and its like), and with
    the env files that git tracks. A comment that names the variable counts. The address and the account of the broker
    and the result backend, and whatever the configuration requires, are warnings; what only tunes it and has a default
    is advice.

    ## Why is this bad?
    Who copies the example and fills it in believes to be done. A required variable that is missing is found out when
    the worker does not start; one with a default is not found out: results go to a server that nobody meant.

    ## Example
    ```python
    broker_url = os.environ["BROKER_URL"]
    result_backend = os.environ["RESULTS_URL"]
    ```
    ```shell
    # .env.example
    BROKER_URL=amqp://localhost
    ```

    ## Use instead
    ```shell
    # .env.example
    BROKER_URL=amqp://localhost
    RESULTS_URL=redis://:your_redis_password_here@localhost:6379/0
    ```

    ## Fix safety
    Nothing reads the example while the project runs. The variable is put beside its kin, with its default or a
    placeholder; one that only stands in for another one, or that nothing needs, is commented out, and so is one that
    settings which read the file forbid.

    ## Known limits
    Advice where the read itself gives a result backend that needs no server (`django-db`, `rpc://`), or None, and where
    another variable of which one is enough is in the example, or the one that Celery itself reads for the setting where
    the code asks `os.environ`; where a compose file, a manifest or a script sets one of them, or Celery's own; where
    the documentation names it, where the example leaves what asks for it switched off or `task_always_eager` on, so
    that no server is asked for anything, and for a password or a user's name without which the URL is whole. Silent
    where the examples are only those of tests, or of programs in other folders, for the apps of documentation and of
    folders of old code (`archive/`, `deprecated/`), for an app whose module nothing names while a worker is started
    with another one, for one that a function makes which nothing calls, and for a variable with a default where compose
    runs the app and hands it neither the file nor the variable. Without any example, but one of a front end, CBL901
    speaks.

    ## References
    - [The Twelve-Factor App: Config](https://12factor.net/config)
    """
    found: dict[tuple[str, tuple[str, ...]], list[tuple[VariableRead, App, Severity]]] = {}
    for app in model.checked_apps:
        if is_example_path(app.path):
            continue
        missed: list[tuple[VariableRead, Severity]] = []
        for read in reads_of(app):
            severity = _severity(model, app, read) if read.read.reader not in AMBIENT_READERS else None
            if severity is None or (severity == Severity.ADVICE and not model.wants_advice):
                continue
            missed.append((read, severity))
        if not missed:
            continue
        from celery_backend_lint.model.dead_apps import runs_nowhere

        if not runs_nowhere(model, app):
            for read, severity in missed:
                key = (model.env_files.service_of(app.path), read.read.variables)
                found.setdefault(key, []).append((read, app, severity))
    for missing in found.values():
        yield _finding(model, missing)


def _severity(model: Model, app: App, found: VariableRead) -> Severity | None:
    """How much a read is missed in the examples of its service; None where it is there, or where there is none."""
    examples = _examples(model, app, found.read)
    if not examples or any(example.problem is not None for example in examples):
        return None
    shown = model.env_files.shown_for(app.path) | model.env_files.shown_for(found.read.origin.path)
    if is_among(found.read, shown) or any(_names(model, example, found.read) for example in examples):
        return None
    setting = ALSO.get(found.setting, found.setting)
    own = [OWN_VARIABLES[setting]] if setting in OWN_VARIABLES else []  # it wins over whatever the configuration reads
    is_set = setter_of(model, found.chain, *own) is not None
    if not found.required and not is_set and not _may_reach(model, app, found, examples):
        return None  # who fills it in changes nothing
    if (not found.essential and not found.required) or is_optional(app, found):
        return Severity.ADVICE
    others = [read for read in found.chain if read != found.read]
    if any(is_among(read, shown) for read in others) or (others and found.read != found.chain[0]):
        return Severity.ADVICE
    if is_set or not _is_asked_for(model, app, found):
        return Severity.ADVICE
    if not found.required and found.read.reader == "os.environ" and shown.intersection(own):
        return Severity.ADVICE  # what fills the environment of the read fills Celery's
    if not found.required and _runs_in_process(model, app, found):
        return Severity.ADVICE
    if _is_documented(model, app, found):
        return Severity.ADVICE
    from celery_backend_lint.model.account_reads import is_of_an_account, is_whole_without

    if is_of_an_account(found.read.variable) and is_whole_without(found.read, app.settings[found.setting].value):
        return Severity.ADVICE
    return Severity.WARNING


def _may_reach(model: Model, app: App, found: VariableRead, examples: tuple[EnvFile, ...]) -> bool:
    """Whether what is filled in in an example may reach the app's processes."""
    from celery_backend_lint.model.env_file_reach import may_reach

    return any(may_reach(model, app, one, name) for one in examples for name in found.read.variables)


def _names(model: Model, example: EnvFile, read: Environment) -> bool:
    """Whether a variable stands anywhere in an example: in a comment, or as another format writes it (``X: value``)."""
    source = model.project.source(example.path)
    if source is None or (read.case_sensitive and not any(name.encode() in source.utf8 for name in read.variables)):
        return False
    names = "|".join(map(re.escape, read.variables))
    pattern = rf"{'' if read.case_sensitive else '(?i)'}(?<![A-Za-z0-9_])(?:{names})(?![A-Za-z0-9_])"
    return re.search(pattern, source.text) is not None


def _is_documented(model: Model, app: App, found: VariableRead) -> bool:
    """Whether the documentation names the variable, so that who fills in the example may know it from there."""
    named = documented(model.project, found.read.variables)
    return any(model.env_files.concerns(path, (app.path,)) for paths in named.values() for path in paths)


def _runs_in_process(model: Model, app: App, found: VariableRead) -> bool:
    """Whether tasks run where they are called with what the examples set (``task_always_eager``).

    Then the broker is asked for nothing, nor the result backend but for ``task_store_eager_result``.
    """
    eager = app.settings.get("task_always_eager")
    if eager is None or (not found.setting.startswith("broker_") and "task_store_eager_result" in app.settings):
        return False
    try:
        return truth(eager.value, _example_values(model, app, found.read))
    except (UndeterminedError, WouldRaiseError):
        return False


def _is_asked_for(model: Model, app: App, found: VariableRead) -> bool:
    """Whether the configuration gets to a read with what the examples set, and not only where a switch is changed."""
    return _reaches(found.read, app.settings[found.setting].value, _example_values(model, app, found.read))


def _example_values(model: Model, app: App, read: Environment) -> dict[str, str]:
    """What is set where the examples are taken as they are."""
    values: dict[str, str] = {}
    for example in _examples(model, app, read):
        values |= example.values()
    return values


def _reaches(read: Environment, value: Value, values: Mapping[str, str]) -> bool:
    if isinstance(value, Choice):
        for alternative in value.alternatives:
            condition = alternative.condition
            try:
                holds = condition is None or truth(condition, values)
            except (UndeterminedError, WouldRaiseError):
                return True
            if condition is not None and read in variables(condition):
                return True
            if holds:
                return _reaches(read, alternative.value, values)
        return False
    return read in variables(value)


def _finding(model: Model, missing: list[tuple[VariableRead, App, Severity]]) -> Finding:
    """One finding for a variable, at the first place that reads it."""
    missing.sort(key=lambda one: (-one[2], one[0].read.origin.order))
    first, app, severity = missing[0]
    read = first.read
    settings = list(dict.fromkeys(one.setting for one, _, _ in missing))
    if "broker_url" in settings:
        settings = [name for name in settings if name not in ("broker_read_url", "broker_write_url")]
    names = " and ".join(f"`{name}`" for name in settings[:2])
    example = _examples(model, app, read)[0]
    related = [Related(Location(example.path), "this is the example")]
    places = {one.read.origin: None for one, _, _ in missing if one.read.origin != read.origin}
    related += [Related(place, f"`{read.variable}` is read here, too") for place in places]
    for one in first.chain:
        setter = setter_of(model, (one,))
        if setter is not None:
            related.append(Related(setter, f"`{one.variable}` is set here"))
    if first.required and not _is_asked_for(model, app, first):
        consequence = "who switches it on has a Celery that does not start"
    elif first.required:
        consequence = "who fills in the example has a Celery that does not start"
    elif isinstance(read.default, Literal) and read.default.value in (None, ""):
        consequence = "who fills in the example leaves it unset"
    else:
        consequence = "who fills in the example gets the default without knowing"
    return RULE.finding(
        read.origin,
        f"{names} {'read' if len(settings) > 1 else 'reads'} `{read.variable}`, which {_which(model, example, read)}: "
        f"{consequence}",
        help=f"add {_line(model, app, first, severity, example.path)} to `{example.path}`",
        app=app.name,
        related=tuple(related),
        severity=severity,
        propose=partial(_add, model, app, first, example.path, severity),
    )


def _which(model: Model, example: EnvFile, read: Environment) -> str:
    """What does not name a variable: no example, or the one for this code where another service's does."""
    named = any(is_among(read, frozenset(entry.key for entry in one.entries)) for one in model.env_files.examples)
    return f"`{example.path}` does not name" if named else "no example of the environment names"


def _add(model: Model, app: App, found: VariableRead, example: str, severity: Severity) -> Fix:
    """Add the variable to the example."""
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.fixes.env_files import add_to_example

    variable = found.read.variable
    value, spare = _proposed(model, app, found, severity, example)
    edits = add_to_example(model, app.path, variable, value, comment=spare, path=example)
    return Fix(f"Add `{variable}` to `{example}`", Applicability.SAFE, tuple(edits))


def _proposed(model: Model, app: App, found: VariableRead, severity: Severity, example: str) -> tuple[str, bool]:
    """What the example is to say for a variable, and whether in a comment.

    So it is with one that only stands in for another one, and with one that nobody misses and that has no value as it
    is: an example that nobody fills in goes on doing what it did. Also where settings that read the file refuse it, and
    where its default is the account that the example gives the server.
    """
    from celery_backend_lint.fixes.env_files import is_refused
    from celery_backend_lint.fixes.example_values import (
        example_value,
        has_parts,
        is_spare,
        logs_in_with_the_example,
    )

    read = found.read
    shown = model.env_files.shown_for(app.path) | model.env_files.shown_for(read.origin.path)
    default = read.default
    unset = isinstance(default, Literal) and default.value in (None, "")
    spare = (
        (unset and severity == Severity.ADVICE)
        or is_spare(model, app, found, shown)
        or is_refused(model, example, read.variable)
        or any(logs_in_with_the_example(read, one) for one in _examples(model, app, read) if one.path == example)
        or any(
            has_parts(one, other)
            for one in model.checked_apps
            for other in reads_of(one)
            if other.read.variable == read.variable and not other.required
        )
    )
    return example_value(model, app, found), spare


def _examples(model: Model, app: App, read: Environment) -> tuple[EnvFile, ...]:
    return model.env_files.examples_for(app.path) or model.env_files.examples_for(read.origin.path)


def _line(model: Model, app: App, found: VariableRead, severity: Severity, example: str) -> str:
    """What to write, in words: the line that the fix adds, without what a report would hide."""
    read = found.read
    if isinstance(read.default, Literal) and read.default.value is False and read.cast == "str":
        return f"`{read.variable}=`, empty: any text switches it on, `False` included,"
    value, spare = _proposed(model, app, found, severity, example)
    comment = "# " if spare else ""
    from celery_backend_lint.fixes.env_files import is_refused

    if is_refused(model, example, read.variable):
        return f"`# {read.variable}`, in a comment (settings that read the file refuse what is none of their fields),"
    if re.fullmatch(r"your_\w+_here", value) or is_secret_name(read.variable):
        return f"`{comment}{read.variable}` with a placeholder such as `{value}`"
    return f"`{comment}{read.variable}={mask(value).replace(MASK, '<password>')}`"
