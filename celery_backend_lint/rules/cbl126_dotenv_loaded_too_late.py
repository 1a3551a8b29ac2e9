"""CBL126: the env file is loaded after its variables were read."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.import_order import Event

RULE = Rule("CBL126", "dotenv-loaded-too-late", Severity.WARNING, since="0.1.0")

NEEDLES = (b"load_dotenv", b"read_env")
OTHERS = ("pydantic", "decouple", "starlette", "dynaconf", "flask")
"""Readers that read an env file themselves, or when something else than an import runs."""


def check_dotenv_loaded_too_late(model: Model) -> Iterator[Finding]:
    """`load_dotenv()` runs after the variables that Celery's configuration needs were read.

    ## What it does
    Follows the imports of the app's module, and of its Django settings, in the order in which Python runs them, and
    reports a `load_dotenv()` or `read_env()` that comes after the statement that reads a variable for Celery's broker
    or backend, be it further up in the same file or in a module that is imported before.

    ## Why is this bad?
    A module reads its variables once, when it is imported. What the env file says comes too late for them: Celery runs
    on the defaults, or a required variable is missing although `.env` has it.

    ## Example
    ```python
    from shop.config import RESULTS_URL  # reads os.environ

    load_dotenv()
    app = Celery("shop", backend=RESULTS_URL)
    ```

    ## Use instead
    ```python
    from dotenv import load_dotenv

    load_dotenv()

    from shop.config import RESULTS_URL  # noqa: E402
    ```

    ## Known limits
    Reads in functions and of pydantic, decouple and the like are left out, as are apps that another module which loads
    an env file imports, and variables that no env file of the project has. Silent where only `flask run`, which loads
    `.env` before it imports the app, is said to start what reads them.

    ## References
    - [python-dotenv: Getting started](https://github.com/theskumar/python-dotenv#getting-started)
    - [Flask: environment variables from dotenv](https://flask.palletsprojects.com/en/stable/cli/)
    """
    from celery_backend_lint.evaluate.imported_modules import packages_above, reaches

    loading = [path for path in model.project.python_files_mentioning(NEEDLES) if not is_test_path(path)]
    for app in model.checked_apps if loading else ():
        reads = None
        for start in dict.fromkeys((app.entry or app.path, *_django_settings(app))):
            near = {start, *packages_above(model.evaluator, start)}
            if not any(path in near or reaches(model.evaluator, near, path) for path in loading):
                continue
            reads = _reads(model, app) if reads is None else reads
            late = _late(model, app, start, reads, loading) if reads else None
            if late is not None:
                yield late
                break


def _django_settings(app: App) -> list[str]:
    """The modules of Django's settings, which the app's module does not import itself."""
    return [source.path for source in app.sources if source.kind == "django"]


def _reads(model: Model, app: App) -> dict[tuple[str, int], tuple[Environment, str]]:
    """The reads of the process's environment for the broker and the backend, by path and byte offset."""
    from celery_backend_lint.model.celery_variables import reads_of

    found: dict[tuple[str, int], tuple[Environment, str]] = {}
    for one in reads_of(app):
        source = model.project.source(one.read.origin.path)
        if (
            one.connects
            and source is not None
            and not one.read.reader.startswith(OTHERS)
            and _is_expected(model, one.read)
        ):
            span = one.read.origin.span
            found.setdefault((source.path, source.offset(span.line, span.column)), (one.read, one.setting))
    return found


def _is_expected(model: Model, read: Environment) -> bool:
    """Whether the env file may hold a variable: none is there to be looked into, or one has it."""
    files = model.env_files.files
    return not files or any(entry.key in read.variables for file in files for entry in file.entries)


def _late(
    model: Model, app: App, start: str, reads: dict[tuple[str, int], tuple[Environment, str]], loading: list[str]
) -> Finding | None:
    from celery_backend_lint.evaluate.imported_modules import reaches
    from celery_backend_lint.model.import_order import events

    wanted = {path: frozenset(at for one, at in reads if one == path) for path, _ in reads}
    order, run = events(model, start, wanted)
    first = next((index for index, event in enumerate(order) if event.what != "read"), None)
    if first is None or order[first].what != "load":
        return None
    others = [path for path in loading if path not in run]
    if any(path == app.path or reaches(model.evaluator, {path}, app.path) for path in others):
        return None
    if start != (app.entry or app.path) and others:
        return None  # ``manage.py`` and its like import neither the app nor the settings, and come first all the same
    before = [event for event in order[:first] if event.what == "read"]
    if not before or _is_loaded_by_flask(model, start, order[first], before):
        return None
    return _finding(model, app, order[first], [(event, *reads[event.path, event.at]) for event in before])


def _is_loaded_by_flask(model: Model, start: str, load: Event, before: list[Event]) -> bool:
    """Whether only `flask run` imports the module that loads the env file too late, and has loaded it by then."""
    from celery_backend_lint.model.env_loads import loads_of
    from celery_backend_lint.model.flask_command import loads_env_first

    source = model.project.source(load.path)
    if source is None or not source.utf8.startswith(b"load_dotenv", load.at):
        return False  # python-dotenv need not be installed
    own = [one for one in loads_of(model, load.path) if one.at <= load.at]
    return bool(own) and loads_env_first(model, start, {event.path for event in before}, own[-1].env_file)


def _finding(model: Model, app: App, load: Event, before: list[tuple[Event, Environment, str]]) -> Finding:
    from celery_backend_lint.location import Location

    source = model.project.source(load.path)
    place = Location(load.path)
    if source is not None:
        place = Location(load.path, source.span(load.at, source.utf8.index(b"(", load.at)))
    named = list(dict.fromkeys(f"`{read.variable}`" for _, read, _ in before))
    settings = list(dict.fromkeys(f"`{'broker_url' if name in _SAME else name}`" for _, _, name in before))
    where = before[0][1].origin
    at = "above" if where.path == load.path else f"when `{where.path}` was imported"
    return RULE.finding(
        place,
        f"the env file is loaded too late: {' and '.join(named[:2])} {'was' if len(named) == 1 else 'were'} read "
        f"{at}, so what it says does not reach {' and '.join(settings[:2])}",
        help="load it before anything that reads the environment is imported",
        app=app.name,
        related=tuple(Related(read.origin, f"`{read.variable}` is read here, before") for _, read, _ in before[:5]),
    )


_SAME = ("broker_read_url", "broker_write_url")
"""Settings that are what `broker_url` is."""
