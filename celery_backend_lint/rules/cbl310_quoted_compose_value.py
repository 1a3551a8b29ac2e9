"""CBL310: quotes in compose's list form, which become part of the value."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Environment, walk
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Setting
    from celery_backend_lint.model.deployment.records import Variable

RULE = Rule("CBL310", "quoted-compose-value", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_quoted_compose_value(model: Model) -> Iterator[Finding]:
    """A value in compose's list form stands in quotes, which the process gets as part of the value.

    ## What it does
    Reports `- NAME="value"` and `- NAME='value'` under `environment:` of a compose file, for the variables that Celery
    or its configuration reads.

    ## Why is this bad?
    Only quotes around the whole item are YAML's. These are in the middle of a word: the variable holds
    `"redis://cache:6379/0"` with its quotes, and Celery fails on the scheme `"redis`.

    ## Example
    ```yaml
    environment:
      - CELERY_RESULT_BACKEND="redis://cache:6379/0"
    ```

    ## Use instead
    ```yaml
    environment:
      - CELERY_RESULT_BACKEND=redis://cache:6379/0
    ```

    ## Fix safety
    The value becomes what was meant: with the quotes no URL and no number can be read.

    ## Known limits
    A value that the code strips of its quotes, that it reads as JSON or that dynaconf reads is left alone, as are the
    variables of everything but Celery.

    ## References
    - [Compose: environment](https://docs.docker.com/reference/compose-file/services/#environment)
    """
    from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES
    from celery_backend_lint.model.process_environment import apps_of, services_mentioning

    own = {variable: setting for setting, variable in OWN_VARIABLES.items()}
    reads_by_app = {app: _reads(app) for app in model.checked_apps}
    wanted = {name.encode() for reads in reads_by_app.values() for name in (*own, *reads)}
    needles = [form for name in sorted(wanted) for form in (name + b'="', name + b"='")]
    for service in services_mentioning(model, needles) if wanted else ():
        quoted = [one for one in service.variables if _is_quoted(one)]
        for app in apps_of(model, service) if quoted else ():
            reads = reads_by_app[app]
            for variable in quoted:
                broken = [one for one in reads.get(variable.name, ()) if _breaks(one[0], variable)]
                if broken:
                    yield _finding(model, app, variable, broken[0][0].name, broken[0][1])
                elif variable.name in own and variable.name not in app.sets_variables:
                    yield _finding(model, app, variable, own[variable.name], None)


def _reads(app: App) -> dict[str, list[tuple[Setting, Environment]]]:
    """What an app's configuration reads, by variable, each with the setting that it is for."""
    reads: dict[str, list[tuple[Setting, Environment]]] = {}
    for setting in app.settings.values():
        if setting.name in ("broker_read_url", "broker_write_url") and "broker_url" in app.settings:
            continue  # they are what broker_url is
        for read in walk(setting.value):
            if isinstance(read, Environment):
                for name in read.variables:
                    reads.setdefault(name, []).append((setting, read))
    return reads


def _is_quoted(variable: Variable) -> bool:
    text = variable.written
    return variable.form == "compose list" and len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"


def _breaks(setting: Setting, variable: Variable) -> bool:
    """Whether the quotes reach the setting, or make reading it fail."""
    from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve

    environment = {name: "1" for one in walk(setting.value) if isinstance(one, Environment) for name in one.variables}
    readers = [one for one in walk(setting.value) if isinstance(one, Environment) and variable.name in one.variables]
    if any(one.cast in ("json", "list", "unknown") or one.reader.startswith("dynaconf") for one in readers):
        return False
    try:
        bare = resolve(setting.value, {**environment, variable.name: variable.written[1:-1]})
    except (UndeterminedError, WouldRaiseError):
        return False
    try:
        quoted = resolve(setting.value, {**environment, variable.name: variable.written})
    except UndeterminedError:
        return False
    except WouldRaiseError:
        return True
    return bool(quoted != bare)


def _finding(model: Model, app: App, variable: Variable, setting: str, read: Environment | None) -> Finding:
    place = (Related(read.origin, f"it is read here, for `{setting}`"),) if read is not None else ()
    return RULE.finding(
        variable.location,
        f"the quotes become part of `{variable.name}`: `{setting}` gets them too, and Celery cannot read it",
        help=f"`- {variable.name}=…` without quotes, or quotes around the whole item",
        app=app.name,
        related=place,
        propose=partial(_fix, model, variable),
    )


def _fix(model: Model, variable: Variable) -> Fix:
    from celery_backend_lint.fixes.compose_values import without_quotes

    return without_quotes(model, variable)
