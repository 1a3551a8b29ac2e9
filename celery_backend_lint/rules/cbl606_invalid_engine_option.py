"""CBL606: an option for the database's engine that SQLAlchemy refuses."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import External, Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.database_engines import Engine, EngineOptions

RULE = Rule("CBL606", "invalid-engine-option", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

NAME = "database_engine_options"


def check_invalid_engine_option(model: Model) -> Iterator[Finding]:
    """`database_engine_options` holds an option that SQLAlchemy's `create_engine` does not take.

    ## What it does
    Compares each key of `database_engine_options` with what `create_engine` takes for the dialect and driver of the
    result backend, in the SQLAlchemy that the manifests give.

    ## Why is this bad?
    `create_engine` raises `TypeError: Invalid argument(s)`, and no result is stored. A key that begins with `pool` is
    worse to find: Celery drops it wherever it does not pool, so sending tasks and reading results works, and only the
    children of a prefork worker raise. Up to Celery 5.6.2 `max_overflow` raises everywhere but there.

    ## Example
    ```python
    result_backend = "db+postgresql://db.example.com/results"
    database_engine_options = {"pool_sizes": 10}
    ```

    ## Use instead
    ```python
    result_backend = "db+postgresql://db.example.com/results"
    database_engine_options = {"pool_size": 10}
    ```

    ## Fix safety
    A mistyped key is written right where one name is close enough. What is changed raised before.

    ## Known limits
    Silent for dialects and drivers that do not come with SQLAlchemy, with `plugins`, and where the version of
    SQLAlchemy is not known. What a `poolclass` of the project's own takes is not known either, but for `NullPool`.

    ## References
    - [SQLAlchemy: create_engine](https://docs.sqlalchemy.org/en/20/core/engines.html#sqlalchemy.create_engine)
    - `celery.backends.database.session.SessionManager.get_engine`, Celery 5.3 to 5.7
    """
    for app in model.checked_apps:
        if NAME not in app.settings or app.settings.get("result_backend") is None:
            continue
        from celery_backend_lint.model.database_engines import engine_options, engines
        from celery_backend_lint.model.packages import Packages
        from celery_backend_lint.model.sqlalchemy_drivers import admitted_sqlalchemy

        options = [one for one in engine_options(app) if one.options is not None and one.options.entries]
        found = engines(model, app) if options else ()
        if not found:
            continue
        releases = admitted_sqlalchemy(Packages(model, app).set, app.declared.version)
        told: set[Location] = set()
        for one in options:
            for engine in found if releases else ():
                yield from _refused(model, app, engine, one, releases, told)


def _refused(
    model: Model, app: App, engine: Engine, options: EngineOptions, releases: tuple[Version, ...], told: set[Location]
) -> Iterator[Finding]:
    from celery_backend_lint.model import facts

    entries = options.options.entries if options.options is not None else ()
    names = {entry.key.value: entry for entry in entries if isinstance(entry.key, Literal)}
    given = [name for name in names if isinstance(name, str)]
    if "plugins" in given:
        return
    for name in given:
        entry = names[name]
        if entry.origin in told:
            continue
        where, release = "", releases[0]
        for release in (releases[0], releases[-1]):
            driver = engine.driver or facts.default_driver(engine.dialect, release) or ""
            where = _refused_in(name, given, options, engine.dialect, driver, release, app.declared.version)
            if where:
                break
        if not where:
            continue
        told.add(entry.origin)
        severity = None if release == releases[0] else Severity.WARNING
        better = _meant(name, given, engine, driver, release)
        yield RULE.finding(
            entry.origin,
            f"`{name}` is no option that SQLAlchemy {_dotted(release)} takes for {engine.dialect}+{driver}"
            f"{_pool(where)}: {_THEN[where]}",
            help=f"write `{better}`" if better else _help(name, where),
            app=app.name,
            severity=severity,
            propose=partial(_rename, model, app, entry.origin, name, better),
        )


_THEN = {
    "everywhere": "the first use of the result backend raises TypeError",
    "children": "each process of a prefork worker raises TypeError when it stores a result, though reading results "
    "elsewhere works",
    "parent": "with this Celery every process but a prefork worker's children raises TypeError",
}


def _pool(where: str) -> str:
    return " without a pool that keeps connections" if where == "parent" else ""


def _help(name: str, where: str) -> str:
    return "remove it, or take Celery 5.6.3 or newer" if where == "parent" else f"remove `{name}`"


def _dotted(version: Version) -> str:
    return ".".join(str(number) for number in version)


def _refused_in(
    name: str, given: list[str], options: EngineOptions, dialect: str, driver: str, release: Version, celery: Version
) -> str:
    from celery_backend_lint.model.engine_arguments import accepted, keeps_connections, refused_in

    takes = accepted(dialect, driver, release)
    if takes is None:
        return ""
    keeps = keeps_connections(dialect, release) and not _is_null_pool(options)
    if dialect == "sqlite" and name in takes.queue:
        return ""  # in memory it has a pool of another kind
    return refused_in(name, takes, keeps=keeps, given=given, celery=celery)


def _is_null_pool(options: EngineOptions) -> bool:
    value = options.options.get("poolclass") if options.options is not None else None
    return isinstance(value, External) and value.name in ("sqlalchemy.pool.NullPool", "sqlalchemy.NullPool")


def _meant(name: str, given: list[str], engine: Engine, driver: str, release: Version) -> str:
    """The option that a mistyped one means, "" where that is not certain."""
    from celery_backend_lint.model import facts
    from celery_backend_lint.model.engine_arguments import accepted

    takes = accepted(engine.dialect, driver, release)
    close = facts.close_names(name, sorted(takes.every - set(given))) if takes is not None else []
    return close[0] if close and name not in (takes.every if takes is not None else ()) else ""


def _rename(model: Model, app: App, location: Location, name: str, better: str) -> Fix:
    from celery_backend_lint.findings.fix import CannotFixError, Fix
    from celery_backend_lint.fixes.python.nodes import place_of
    from celery_backend_lint.fixes.python.own_values import refuse_shared
    from celery_backend_lint.fixes.python.values import replace_string
    from celery_backend_lint.fixes.text_edits import replace

    if not better:
        raise CannotFixError(f"what `{name}` is meant to do is not known")
    refuse_shared(model, model.apps, (NAME,), app.settings[NAME].value.origin)
    place = place_of(model, location)
    if place.node.type == "string":
        edit = replace_string(model, location, better)
    elif place.node.type == "identifier":
        edit = replace(place.source, place.node.start_byte, place.node.end_byte, better)
    else:
        raise CannotFixError(f"the key in {place.where} is worked out by code")
    return Fix(f"Write `{better}` for `{name}`", Applicability.SAFE, (edit,))
