"""CBL303: the address of the result backend in the source."""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.evaluate import stars
from celery_backend_lint.evaluate.values import Choice, Literal, Missing
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.apps.own_variables import reads_result_backend
from celery_backend_lint.model.backend_kind import UNKNOWN, kind_of
from celery_backend_lint.model.configuration_chain import chain
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.model.held import variables
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Setting

DEVELOPMENT = r"(?i)(?:.*_)?(?:local|dev|devel|development|debug)(?:_.*)?\.py"
"""How files are called whose settings are those of one environment, a developer's, beside others'."""

_OF_ONE_SETTING = r"BROKER|RESULT_BACKEND$"
"""Variables that are of the broker or of the results alone, and not of a server that both are on (``REDIS_URL``)."""

RULE = Rule("CBL303", "hardcoded-backend-url", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)


def check_hardcoded_backend_url(model: Model) -> Iterator[Finding]:
    """The URL of a result backend on the network is written as a literal.

    ## What it does
    Checks what `result_backend` comes to. A URL with a host that is the same whatever the environment holds is
    reported. `rpc://`, `django-db`, files and in-memory backends have no address; the `amqp://` of Celery before 5 had
    none of its own either: it used the broker's connection.

    ## Why is this bad?
    The same code runs on a developer's machine, in CI, in staging and in production, and each has its own server. With
    a literal, a staging worker writes into the results of whatever the source names, and moving the server needs a
    new release.

    ## Example
    ```python
    result_backend = "redis://cache.example.com:6379/1"
    ```

    ## Use instead
    ```python
    result_backend = os.environ.get("CELERY_RESULT_BACKEND", "redis://cache.example.com:6379/1")
    ```

    ## Fix safety
    The literal stays as the default: nothing changes until the variable is set. It is a name that nothing else in the
    project uses, or `CELERY_RESULT_BACKEND`, which Celery takes for the result backend anyway. What takes the broker's
    URL by its name (`result_backend = broker_url`) goes on to do so; the broker's line stays as it is, and so does a
    constant called after either (`BROKER_URL`) that both take. The example of the environment names the variable where
    there is one whose file reaches the app; it is only made where the project works with env files, or where its other
    variables need one. Where the app is given env files that git tracks, and no others, a comment in these names it.

    ## Known limits
    Settings of tests, of examples, of benchmarks and of development (`settings/local.py`) are not looked at. Silent
    where another outcome of the same setting is taken from the environment, also one that a switch in the source
    (`DEBUG = True`) turns off now, or a variable chooses among them; where the module, or one that a part of the URL
    comes from, takes in local settings that are not in the repository (`try: from .local_settings import *`,
    `include(optional("local.py"))`), or is what such settings begin with (`example_settings.py` star-imports it;
    manage.py names a settings module that git ignores); and where a deployment file or a loaded env file sets
    `CELERY_RESULT_BACKEND`, which Celery reads itself: they replace the URL; and where
    `task_always_eager` is on for sure and nothing starts a worker, or nothing runs the app (no file names its module,
    and none the function that makes it, or the workers run another app, or the lines that import it are comments):
    nobody connects to it. One with a credential in it is CBL301's, whose remedy is the same, and one whose scheme
    Celery does not know is CBL102's or CBL103's.

    ## References
    - [The Twelve-Factor App: Backing services](https://12factor.net/backing-services)
    """
    for app in model.checked_apps:
        setting = app.settings.get("result_backend")
        if setting is None or _is_example(app.path) or _has_local_settings(model, app):
            continue
        literals = [
            literal
            for literal in _literals(setting)
            if _is_network_url(str(literal.value))
            and kind_of(str(literal.value), app.declared.version) != UNKNOWN
            and not _is_example(literal.origin.path)
            and not re.fullmatch(DEVELOPMENT, literal.origin.path.rpartition("/")[2])
            and not _holds_credential(str(literal.value))
            and not str(literal.value).startswith("amqp://")  # that backend took the broker's connection, not its URL
        ]
        if not literals:
            continue
        from celery_backend_lint.model.dead_apps import runs_nowhere
        from celery_backend_lint.model.env_loads import is_in_environment
        from celery_backend_lint.model.one_process import asks_no_server
        from celery_backend_lint.model.own_settings import may_be_replaced
        from celery_backend_lint.model.part_origins import files_of_parts

        if asks_no_server(model, app) or runs_nowhere(model, app):
            continue
        if any(_takes_local_settings(model, files_of_parts(model, one.value.origin)) for one in setting.assignments):
            continue
        if may_be_replaced(model, app):  # another environment has another settings module
            continue
        if is_in_environment(model, app, "CELERY_RESULT_BACKEND"):  # Celery takes it, whatever is configured
            continue
        from celery_backend_lint.model.switched_values import is_read_with_the_switch_off

        literals = [one for one in literals if not is_read_with_the_switch_off(model, setting, one)]
        reads = reads_result_backend(app)
        instead = ", or has to set `CELERY_RESULT_BACKEND`, which Celery reads by itself" if reads else ""
        from celery_backend_lint.fixes.default_reads import url_read, url_variable
        from celery_backend_lint.model.taken_values import taken_from, taken_with

        for literal in literals:
            text = str(literal.value)
            name = taken_from(model, app, setting, "broker_url", literal.origin)
            if name is None and re.search(_OF_ONE_SETTING, url_variable(model, app, setting, literal, None)):
                name = taken_with(model, app, setting, "broker_url")
            variable = url_variable(model, app, setting, literal, name)
            yield RULE.finding(
                name or literal.origin,
                f"the result backend `{text}` is fixed in the source: another environment needs another source"
                f"{instead}",
                help=f"`{url_read(model, setting, literal, name, variable)}`{_why(variable) if reads else ''}",
                app=app.name,
                related=(Related(literal.origin, "the broker's URL, which it takes"),) if name is not None else (),
                propose=partial(_fix, model, app, setting, literal, name),
            )


def _why(variable: str) -> str:
    """Why Celery's own variable is not the one to read, where another was named after it: `SHOP_RESULT_BACKEND`."""
    if variable.endswith("_RESULT_BACKEND") and not variable.endswith("CELERY_RESULT_BACKEND"):
        return ": Celery would give `CELERY_RESULT_BACKEND` to every app of the project"
    return ""


def _fix(model: Model, app: App, setting: Setting, literal: Literal, name: Location | None) -> Fix:
    from celery_backend_lint.fixes.default_reads import read_instead_of_name, read_url

    if name is not None:
        return read_instead_of_name(model, app, setting, literal, name)
    return read_url(model, app, setting, literal)


def _has_local_settings(model: Model, app: App) -> bool:
    """Whether a file that each machine has its own of may replace what the configuration says."""
    return _takes_local_settings(model, chain(model, app))


def _takes_local_settings(model: Model, paths: Iterable[str]) -> bool:
    """Whether one of some modules takes in settings that each machine has its own of."""
    evaluator = model.evaluator
    for path in paths:
        file = evaluator.modules.file(path)
        if file is None:
            continue
        if any(stars.is_local_override(evaluator, file.scope, star) for star in file.scope.stars):
            return True
    return False


def _literals(setting: Setting) -> list[Literal]:
    """The outcomes of a setting, where all of them are constants; none where one comes from elsewhere.

    Where a function that nothing is seen to call gives another value than what surely runs, that is the worker's.
    """
    found: list[Literal] = []
    value = setting.value
    if not setting.certain and setting.assignments and not setting.assignments[0].certain:
        value = next((one.value for one in setting.assignments if one.certain), value)
    for one in _leaves(value):
        if isinstance(one, Literal) and isinstance(one.value, str):
            found.append(one)
        elif not isinstance(one, (Literal, Missing)):
            return []  # at once: chains of Choices have more paths than can be counted
    return found


def _leaves(value: Value) -> Iterator[Value]:
    if isinstance(value, Choice):
        for alternative in value.alternatives:
            if alternative.condition is not None:
                yield from variables(alternative.condition)
            yield from _leaves(alternative.value)
    else:
        yield value


def _is_network_url(text: str) -> bool:
    """Whether a text names a host: ``db+sqlite:///file`` and ``cache+memory://`` do not."""
    scheme, separator, rest = text.partition("://")
    if not separator or scheme.rpartition("+")[2] in ("memory", "socket", "file", "sqlite"):
        return False
    host = rest.rpartition("@")[2]
    return re.match(r"[\w\[{$%.]", host) is not None


def _holds_credential(text: str) -> bool:
    from celery_backend_lint.findings.masking import mask

    return mask(text) != text


def _is_example(path: str) -> bool:
    return is_test_path(path) or is_example_path(path)
