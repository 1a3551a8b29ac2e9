"""CBL102: a result backend that Celery cannot load."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.values import Literal, Mapping, Sequence
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model import facts
from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_names import (
    distributions_of_known_aliases,
    loads,
    meant,
    meant_dialect,
    unknown_cache,
)
from celery_backend_lint.model.backend_values import backend_values, dotted, older_admitted, shown
from celery_backend_lint.model.held import variables
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue
    from celery_backend_lint.model.data import Version

RULE = Rule("CBL102", "unknown-backend", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

FAILS = "whatever stores or reads a result fails"


def check_unknown_backend(model: Model) -> Iterator[Finding]:
    """The result backend is none that the project's Celery can load.

    ## What it does
    Checks what stands before `://` (and there before `+`), or the whole value where it is no URL, against the names
    that the project's Celery loads: its own aliases, those of packages that register more, dotted paths of classes.
    It also checks the dialect of a `db+` URL against SQLAlchemy's and the client of a `cache+` URL against Celery's.

    ## Why is this bad?
    Celery looks the backend up when it is first used, not when it starts: `app.backend` raises ModuleNotFoundError or
    ImproperlyConfigured in every process that stores or asks for a result. Database URLs need the prefix `db+`; many
    schemes that brokers take (`memory://`, `filesystem://`) are no result backends.

    ## Example
    ```python
    result_backend = "postgresql://db.example.com/results"
    ```

    ## Use instead
    ```python
    result_backend = "db+postgresql://db.example.com/results"
    ```

    ## Fix safety
    What is replaced does not load, so nothing that works can break. Only values with one possible meaning are fixed.
    A constant that something else uses stays as it is; then the setting is changed where it takes the constant.

    ## Known limits
    Dotted paths of classes are taken to be right, and so is any alias where the project changes Celery's table of
    aliases itself or declares a package whose name says that it brings one. SQLAlchemy dialects that nothing is known
    of are taken for those of other packages. Where another value wins today, the finding is a warning. A tuple that is
    read from `CELERY_RESULT_BACKEND` without a default is advice: Celery looks at that variable itself, and first.

    ## References
    - [Celery: result_backend](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-backend)
    - `celery.app.backends` (the table of aliases), `celery.app.utils.Settings`, Celery 4.4 to 5.7
    """
    for app in model.checked_apps:
        for outcome in backend_values(app):
            if outcome.text is None:
                yield from _not_text(model, app, outcome)
            else:
                yield from _text(model, app, outcome, outcome.text)


def _not_text(model: Model, app: App, outcome: BackendValue) -> Iterator[Finding]:
    kind = _kind(outcome.value)
    if kind:
        comma = isinstance(outcome.value, Sequence) and outcome.value.kind == "tuple" and len(outcome.value.items) == 1
        severity, clause = _beaten(app, outcome)
        yield RULE.finding(
            outcome.location,
            f"the result backend is {kind}{clause}: Celery raises TypeError as soon as it is used",
            help="remove the comma behind the text" if comma else "give it a text, such as a URL",
            app=app.name,
            severity=severity,
            propose=partial(_make_text, model, outcome),
        )


def _beaten(app: App, outcome: BackendValue) -> tuple[Severity | None, str]:
    """How grave a value is that is no text, and when Celery uses it: a read of Celery's own variable loses to it."""
    value, name = outcome.value, OWN_VARIABLES["result_backend"]
    items = value.items if isinstance(value, Sequence) else ()
    reads = [read for item in items for read in variables(item)]
    if not outcome.effective or name in app.sets_variables or all(read.variable != name for read in reads):
        return None if outcome.effective else Severity.WARNING, outcome.clause
    others = {read.variable: "text" for read in reads if read.variable != name}
    try:
        given = resolve(value, others)
    except (UndeterminedError, WouldRaiseError):  # it loads only with the variable, and then Celery takes that
        return Severity.ADVICE, f" while {name}, which Celery looks at first, is empty"
    return None if all(given) else Severity.WARNING, f" when {name}, which Celery looks at first, is not set"


def _make_text(model: Model, outcome: BackendValue) -> Fix:
    from celery_backend_lint.fixes.backend_urls import make_text

    return make_text(model, outcome)


def _fix(model: Model, app: App, outcome: BackendValue, better: str) -> Fix:
    from celery_backend_lint.fixes.backend_urls import use_known_backend

    return use_known_backend(model, app, outcome, better)


def _kind(value: Value) -> str:
    """What a value that cannot be a backend is, ``""`` where it can: whatever is false means none."""
    if isinstance(value, Sequence) and value.items:
        return f"a {value.kind}"
    if isinstance(value, Mapping) and value.entries:
        return "a dict"
    if isinstance(value, Literal) and value.value and not isinstance(value.value, str):
        return {bool: "True", bytes: "bytes"}.get(type(value.value), "a number")
    return ""


def _text(model: Model, app: App, outcome: BackendValue, text: str) -> Iterator[Finding]:
    version = app.declared.version
    alias = alias_of(text)
    if facts.removed_backend(alias) is not None:
        return  # CBL103
    severity = None if outcome.effective else Severity.WARNING
    if loads(text, version):
        yield from _loads_only_in_part(model, app, outcome, text)
        return
    if loads(text, version) is None or _registered(model, app, alias):
        return
    better = meant(text, version)
    since = _first_with(alias)
    named = "" if "@" in alias else f" `{shown(alias)}`"
    yield RULE.finding(
        outcome.location,
        f"Celery {dotted(version)} has no result backend{named}{outcome.clause}: {FAILS}",
        help=_help(better, since),
        app=app.name,
        severity=severity,
        propose=partial(_fix, model, app, outcome, better) if better and since is None else None,
    )


def _help(better: str | None, since: Version | None) -> str:
    if since is not None:
        return f"Celery has it from {dotted(since)} on"
    if better == "disabled":
        return 'write `None`, or `"disabled"` as text, to store no results'
    return f"write `{shown(better)}`" if better else "`celery.app.backends.BACKEND_ALIASES` lists those that there are"


def _first_with(alias: str) -> Version | None:
    """The first Celery that loads an alias, None where none does or all do."""
    return next((version for version in facts.celery_versions() if alias in facts.backends(version)), None)


def _loads_only_in_part(model: Model, app: App, outcome: BackendValue, text: str) -> Iterator[Finding]:
    """An alias that loads, but something behind its ``+`` does not, or an older Celery does not load it."""
    severity = None if outcome.effective else Severity.WARNING
    client = unknown_cache(text, app.declared.version)
    if client is not None and client != "cache":
        yield RULE.finding(
            outcome.location,
            f"Celery's cache backend has no client `{shown(client)}`{outcome.clause}: {FAILS}",
            help="it has `cache+memcached://`, `cache+pylibmc://` and `cache+memory://`",
            app=app.name,
            severity=severity,
        )
    dialect = sqlalchemy = None
    if alias_of(text) in ("db", "database"):
        manifests = model.manifests.for_path(app.path)
        published = facts.releases("sqlalchemy")
        sqlalchemy = manifests.resolved_version("sqlalchemy", published) or published[-1]
        packages = {one.name for manifest in manifests.manifests for one in manifest.requirements}
        dialect = meant_dialect(text, facts.release_of(sqlalchemy), packages)
    if dialect is not None:
        wrong, right = dialect
        better = f"{alias_of(text)}+{right}://{text.partition('://')[2]}"
        yield RULE.finding(
            outcome.location,
            f"SQLAlchemy {sqlalchemy} has no dialect `{shown(wrong)}`{outcome.clause}: {FAILS} with NoSuchModuleError",
            help=f"write `{shown(better)}`",
            app=app.name,
            severity=severity,
            propose=partial(_fix, model, app, outcome, better),
        )
    older = older_admitted(app.declared)
    if older is not None and loads(text, older) is False:
        yield RULE.finding(
            outcome.location,
            f"Celery {dotted(older)}, which `{app.celery}` admits, has no result backend `{shown(alias_of(text))}`"
            f"{outcome.clause}: {FAILS} there",
            help=_help(None, _first_with(alias_of(text))),
            app=app.name,
            severity=Severity.WARNING if outcome.effective else Severity.ADVICE,
        )


def _registered(model: Model, app: App, alias: str) -> bool:
    """Whether the project, or a package that it declares, may make an alias known.

    Not one whose aliases are known: django-celery-results registers no `django-celery-results`.
    """
    if model.project.python_files_mentioning((b"BACKEND_ALIASES", b"override_backends")):
        return True
    name = alias.lower().replace("_", "-")
    known = distributions_of_known_aliases()
    for manifest in model.manifests.for_path(app.path).manifests:
        if model.project.mentions(manifest.path, (facts.ENTRY_POINT_GROUP.encode(),)):
            return True
        for one in manifest.requirements:
            if one.name in known or one.name.endswith(("scheduler", "beat", "celery")):
                continue
            if "celery" in one.name and name in one.name:
                return True
    return False
