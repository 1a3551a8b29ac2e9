"""CBL308: compose hands an empty variable to a read that has a default."""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.evaluate.values import Environment, Literal, walk
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.held import outcomes
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Setting
    from celery_backend_lint.model.deployment.records import Service, Variable

RULE = Rule("CBL308", "empty-variable-defeats-default", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)

REFERENCE = r"\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)(?::?-)?\})"


def check_empty_variable_defeats_default(model: Model) -> Iterator[Finding]:
    """Compose sets a variable to nothing where it is not set outside, so that the default in the code never applies.

    ## What it does
    Looks in compose files for `X=${X}`, `X: $X`, `X: ${X:-}` and the like, where Celery's configuration reads `X` with
    a default that an empty text does not bring back: `os.environ.get("X", default)`, `config("X", default=…)`.

    ## Why is this bad?
    Compose puts an empty text in the place of a variable that is not set. For the process the variable is there, so
    `get("X", default)` gives the empty text: an empty `result_backend` switches results off without a word, an empty
    broker means `amqp://guest@localhost`, an empty number fails to convert.

    ## Example
    ```yaml
    environment:
      - CELERY_RESULT_BACKEND=${CELERY_RESULT_BACKEND}
    ```

    ## Use instead
    ```yaml
    environment:
      - CELERY_RESULT_BACKEND=${CELERY_RESULT_BACKEND:-redis://redis:6379/0}
    ```

    ## Fix safety
    What is set outside stays as it is; what was empty becomes the default that the code has. A default that holds a
    credential is not copied: there the variable is only passed on (`- X`), which leaves it unset where it is not set.
    With `localhost`, which is the container itself, the fix is unsafe: what was switched off would look for a server.

    ## Known limits
    Silent where compose's own `.env`, beside the file, sets the variable, where the default is what an empty text means
    to Celery, and for `${X:?}`, `- X` and `os.getenv("X") or default`, which are all safe. Advice where an example of
    the env file shows a value.

    ## References
    - [Compose: Interpolation](https://docs.docker.com/reference/compose-file/interpolation/)
    """
    from celery_backend_lint.model.process_environment import apps_of, services_mentioning

    wanted = [(app, *one) for app in model.checked_apps for one in _reads_with_default(app)]
    needles = {read.variable.encode(): None for _, _, read in wanted}
    for service in services_mentioning(model, needles) if wanted else ():
        emptied = {one.name for one in service.variables if _is_empty_when_unset(one)}
        apps = apps_of(model, service) if emptied else ()
        for app, setting, read in wanted:
            variable = service.variable(read.variable) if read.variable in emptied and app in apps else None
            if variable is not None and _is_empty_when_unset(variable):
                effect = _effect(model, app, setting, service, read.variable)
                if effect:
                    yield _finding(model, app, setting.name, read, variable, effect)


def _reads_with_default(app: App) -> Iterator[tuple[Setting, Environment]]:
    """The reads of an app's configuration that have a default, each with the setting that it is for."""
    for setting in app.settings.values():
        if setting.name in ("broker_read_url", "broker_write_url") and "broker_url" in app.settings:
            continue  # they are what broker_url is
        reads = {one.variable: one for one in walk(setting.value) if isinstance(one, Environment)}
        yield from ((setting, read) for read in reads.values() if _has_default(read))


def _has_default(read: Environment) -> bool:
    return read.default is not None and not (isinstance(read.default, Literal) and read.default.value in (None, ""))


def _is_empty_when_unset(variable: Variable) -> bool:
    """Whether compose makes an empty text of what the file has, while nobody sets what it names."""
    if not variable.form.startswith("compose") or "$" not in variable.written:
        return False
    return (
        variable.text is not None
        and re.fullmatch(rf"(?:{REFERENCE})+", variable.written) is not None
        and (bool(variable.unknown) or variable.text == "")
    )


def _effect(model: Model, app: App, setting: Setting, service: Service, name: str) -> str:
    """What an empty variable makes of a setting, in words; "" where it does what an unset one does, or is not known."""
    from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
    from celery_backend_lint.model.process_environment import environment_of, reads_other_settings

    process = environment_of(model, service)
    if reads_other_settings(model, app, process):
        return ""
    environment = process.known
    for read in (one for one in walk(setting.value) if isinstance(one, Environment)):
        if read.required and not any(variable in environment for variable in read.variables):
            environment[read.variable] = "1"
    environment.pop(name, None)
    try:
        unset = resolve(setting.value, environment)
        empty = resolve(setting.value, {**environment, name: ""})
    except UndeterminedError:
        return ""
    except WouldRaiseError:
        return _raises(setting, environment, name)
    if unset == empty or unset in (None, ""):
        return ""
    if empty and any(isinstance(one, Literal) and one.value == empty for one in outcomes(setting.value)):
        return ""  # ``getenv("X", default) or another``
    if empty in (None, ""):
        if setting.name == "broker_url" and isinstance(unset, str) and _is_rabbitmq_here(unset):
            return ""
        return {
            "result_backend": "Celery gets an empty `result_backend` and drops every result",
            "broker_url": "Celery gets an empty `broker_url` and connects to RabbitMQ on this machine",
        }.get(setting.name, f"Celery gets an empty `{setting.name}`")
    from celery_backend_lint.findings.masking import mask

    return f"`{setting.name}` is made of an empty text" + (
        f", `{mask(empty)}`" if isinstance(empty, str) and "://" in empty else ""
    )


def _is_rabbitmq_here(url: str) -> bool:
    """Whether a broker URL is what an empty one is: ``amqp://guest:guest@localhost:5672//``.

    What is left out of a URL is that, too, also the password alone (seen with Celery 4.4.7 and 5.7.0).
    """
    from celery_backend_lint.model.urls import split

    parts = split(url)
    if parts is None or parts.scheme not in ("amqp", "pyamqp") or parts.query is not None:
        return False
    user, password, port, path = (
        one.text if one else "" for one in (parts.user, parts.password, parts.port, parts.path)
    )
    account = user in ("", "guest") and password in ("", "guest")
    return account and parts.host.text in ("", "localhost") and port in ("", "5672") and path in ("", "/", "%2F")


def _raises(setting: Setting, environment: dict[str, str], name: str) -> str:
    """The same where one of the two readings fails: it is said only of the empty one."""
    from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve

    try:
        resolve(setting.value, environment)
    except (UndeterminedError, WouldRaiseError):
        return ""
    return f"reading `{name}` for `{setting.name}` fails, for an empty text cannot be converted"


def _finding(model: Model, app: App, setting: str, read: Environment, variable: Variable, effect: str) -> Finding:
    name = read.variable
    source = re.search(REFERENCE, variable.written)
    outside = (source["plain"] or source["braced"]) if source is not None else name
    shown = any(
        entry.key == outside and entry.value and not entry.commented
        for example in model.env_files.examples
        if model.env_files.concerns(example.path, (app.path,))
        for entry in example.compose_entries
    )
    return RULE.finding(
        variable.location,
        f"while `{outside}` is not set, compose sets `{name}` to nothing and its default does not apply: {effect}",
        help=f"`${{{outside}:-<default>}}`, or `${{{outside}:?}}` to make it required",
        app=app.name,
        related=(Related(read.origin, f"`{name}` is read here, for `{setting}`, with a default"),),
        severity=Severity.ADVICE if shown else None,
        propose=partial(_fix, model, read, variable, outside),
    )


def _fix(model: Model, read: Environment, variable: Variable, outside: str) -> Fix:
    from celery_backend_lint.fixes.compose_values import with_default

    return with_default(model, read, variable, outside)
