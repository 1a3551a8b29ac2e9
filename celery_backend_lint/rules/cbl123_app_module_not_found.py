"""CBL123: a command of celery names an app that is not there."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import (
    Duration,
    Environment,
    External,
    Literal,
    Mapping,
    Module,
    Sequence,
    Text,
)
from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.model.deployment.commands import SUBCOMMANDS
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.project.shadowed import is_shadowed
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.deployment.records import Command, Service

RULE = Rule("CBL123", "app-module-not-found", Severity.ERROR, since="0.1.0")

NO_APPS = frozenset(
    {
        "celery.schedules.crontab", "celery.schedules.schedule", "datetime.timedelta", "kombu.Exchange", "kombu.Queue",
        "os", "os.environ", "os.getenv", "pathlib.Path", "sys",
    }
)  # fmt: skip
"""What a configuration imports that is no app."""

MOST_NAMED = 3
"""How many apps a remedy names; of more, none is likelier than another."""


def check_app_module_not_found(model: Model) -> Iterator[Finding]:
    """A worker or beat command names an app whose module is not in the tree.

    ## What it does
    Looks at `-A` in the commands of compose files, Procfiles, Dockerfiles, Makefiles, scripts, units, manifests and
    task runners, and follows it as Celery does: `pkg.mod`, `pkg.mod:attribute`, `pkg.mod.attribute`, from whatever
    folder of the project. A package that is named alone needs an app in its `__init__.py`, or a module `celery`; a
    module an app under any name, which one that holds nothing but settings has not. A module is not there where a
    package of the same name stands beside it, which Python imports in its place. The help names modules that Celery
    takes an app from: one that binds it, not one whose function makes it when it is called.

    ## Why is this bad?
    The process ends at once: "Unable to load celery application. The module … was not found." The container restarts
    for ever, tasks stay in the queue and results pending.

    ## Example
    ```yaml
    worker:
      command: celery -A shop.tasks worker  # the app is in shop/celery.py
    ```

    ## Use instead
    ```yaml
    worker:
      command: celery -A shop.celery worker
    ```

    ## Known limits
    Silent where the module may be elsewhere: installed (a manifest knows the name), ignored by git, in a submodule,
    made or copied by a Dockerfile or script, in an image that is not built here; and in documentation.

    ## References
    - [Celery: Application](https://docs.celeryq.dev/en/stable/userguide/application.html)
    - `celery.app.utils.find_app`, `celery.bin.celery`, Celery 5.0 to 5.7
    """
    from celery_backend_lint.model.process_environment import services_mentioning

    if not model.checked_apps and not any(_makes_apps(model, path) for path in model.project.never_run):
        return
    known: dict[tuple[str, bool, str], str] = {}
    for service in services_mentioning(model, [b"celery"]):
        if is_example_path(service.path):
            continue
        for command in service.commands:
            if not command.app or command.through:
                continue
            key = (command.app, _is_own(service), service.path.rpartition("/")[0])
            if key not in known:
                known[key] = _missing(model, service, command)
            what = known[key]
            if what and command.app_location is not None:
                app = _meant(model, command)
                yield RULE.finding(
                    command.app_location,
                    f"`celery -A {command.app}` ends with “Unable to load celery application”: {what}",
                    help=_help(model, command, app),
                    app=app.name if app is not None else "",
                    related=(Related(app.location, "an app is made here"),) if app is not None else (),
                )


def _help(model: Model, command: Command, app: App | None) -> str:
    """What to write after ``-A``: where Celery finds the app that is meant, else those that there are; where it finds
    none, what it takes for it to do so.
    """
    what = f" {command.app}" if command.app in SUBCOMMANDS and not command.what else ""
    made = [app] if app is not None else [one for one in _made(model) if "{{" not in one.path]
    names = sorted({f"`-A {name}{what}`" for one in made if (name := _offered(model, one, command))})
    if names and app is not None:
        return f"write {names[0]}{f', for `{what[1:]}` is the command and no app' if what else ''}"
    if names and len(names) <= MOST_NAMED:
        return f"write {' or '.join(names)}, where the apps of this project are made"
    hidden = [one.path for one in made if is_shadowed(model.project, one.path)]
    if not made:
        hidden = [path for path in model.project.never_run if _makes_apps(model, path)]
    if hidden:
        return f"rename `{hidden[0]}` or the package of that name beside it, which Python imports in its place"
    from celery_backend_lint.model.loadable_apps import maker

    function = maker(model, made[0]) if len(made) == 1 else ""
    if function:
        return (
            f"bind the app in a module, as in `app = {function}(…)`, and name that module: Celery calls no function, "
            f"and `{made[0].path}` makes the app in one"
        )
    return f"let `-A {command.app}` name a module that binds the app, as in `-A package.module:app`"


def _offered(model: Model, app: App, command: Command) -> str:
    """How ``-A`` names an app so that Celery finds it; "" where it is not certain to find it anywhere."""
    from celery_backend_lint.model.loadable_apps import loadable  # only where a command names no app

    found = loadable(model, app)
    if found is None:
        return ""
    name = _name(model, found.path, command)
    return f"{name}:{found.attribute}" if found.attribute and ":" not in name else name


def _makes_apps(model: Model, path: str) -> bool:
    return model.project.mentions(path, [b"Celery("])


def _made(model: Model) -> list[App]:
    """The apps that code makes: not the default app, whose place is its configuration."""
    return [
        app for app in model.checked_apps if app.path.rpartition("/")[2] != "celeryconfig.py" or app.location.line > 1
    ]


def _is_own(service: Service) -> bool:
    """Whether what a service runs is of this repository: its image is built from it, or none is named."""
    return service.built or service.form not in ("compose", "kubernetes", "helm") or not service.image


def _missing(model: Model, service: Service, command: Command) -> str:
    """What is not there of an app that a command names, in words; "" for nothing, or nothing that is certain."""
    from celery_backend_lint.model.module_presence import is_there

    module, colon, attribute = command.app.partition(":")
    whole = is_there(model, module, service.path)
    if whole is None:
        return ""
    if colon:
        if whole:
            return _unbound(model, module, attribute)
        return f"there is no module `{module}`" if _is_own(service) else ""
    if whole:
        return _without_app(model, module, service)
    above, dot, last = module.rpartition(".")
    if dot:
        there = is_there(model, above, service.path)
        if there is None:
            return ""
        if there:
            return f"`{above}` has no module or name `{last}`" if _unbound(model, above, last) else ""
    return f"there is no module `{module}`" if _is_own(service) else ""


def _files(model: Model, module: str) -> list[str]:
    """The files that a module may be, from whatever root."""
    tail = module.replace(".", "/")
    return [
        path
        for path in model.project.paths()
        if (path in (f"{tail}.py", f"{tail}/__init__.py") or path.endswith((f"/{tail}.py", f"/{tail}/__init__.py")))
        and not is_shadowed(model.project, path)
    ]


def _without_app(model: Model, module: str, service: Service) -> str:
    """That a module is there and has no app, in words: what it binds is no app, nor has it a module ``celery``.

    Celery looks at all that the module named alone holds (``celery.app.utils.find_app``).
    """
    from celery_backend_lint.model.module_presence import binds, is_there

    files = _files(model, module)
    for path in files:
        file = model.evaluator.modules.file(path)
        if file is None or file.source.problem is not None or binds(file.scope, "celery") is not False:
            return ""
        names = [name for name in file.scope.bindings if not name.startswith("__")]
        if any(not _is_no_app(model.evaluator.read(file.scope, name, None)) for name in names):
            return ""
    if files and not any(path.endswith("/__init__.py") for path in files):
        return f"`{files[0]}` has no app" if _is_own(service) else ""
    if not files or is_there(model, f"{module}.celery", service.path) is not False:
        return ""
    return f"`{files[0]}` has no app, and there is no module `{module}.celery`"


def _is_no_app(value: Value | None) -> bool:
    if isinstance(value, External):
        return value.name in NO_APPS
    return isinstance(value, (Duration, Environment, Literal, Mapping, Module, Sequence, Text))


def _unbound(model: Model, module: str, name: str) -> str:
    """That a module gives a name no value, in words; "" where one that may be meant does, or may do."""
    from celery_backend_lint.model.module_presence import binds

    files = _files(model, module)
    if not files or not name.isidentifier():
        return ""
    for path in files:
        file = model.evaluator.modules.file(path)
        if file is None or binds(file.scope, name) is not False:
            return ""
    return f"`{files[0]}` has no name `{name}`"


def _meant(model: Model, command: Command) -> App | None:
    """The app that a command probably means: the one in the same package, else the only one; None where of several in
    that package not just one is in a module called after Celery.
    """
    top = command.app.partition(":")[0].partition(".")[0]
    made = _made(model)
    own = [app for app in made if top in app.path.removesuffix(".py").split("/")]
    if len(own) > 1:
        own = [app for app in own if "celery" in app.path.rpartition("/")[2].lower()]
        if len(own) != 1:
            return None
    chosen = own or (made if len(made) == 1 else [])
    return chosen[0] if chosen and not any(part == "{{" for part in chosen[0].path) else None


def _name(model: Model, path: str, command: Command) -> str:
    """How ``-A`` names a module from the import root.

    That is from the package that the command begins with (``src.shop`` where ``src`` is one), else as another command
    does, else ``src/shop/celery.py`` is shop.celery. A folder whose name can be no package's is above the root: so it
    is with ``my-service/shop/celery.py``.
    """
    from celery_backend_lint.model.process_environment import services_mentioning

    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    top = command.app.partition(":")[0].partition(".")[0]
    if top in parts[:-1]:
        return ".".join(parts[parts.index(top) :])
    for service in services_mentioning(model, [b"celery"]):
        for other in service.commands:
            tail = other.app.partition(":")[0].replace(".", "/") + ".py"
            if "/" in tail and f"/{path}".endswith(f"/{tail}"):
                return other.app
    parts = parts[1:] if parts[0] == "src" and len(parts) > 1 else parts
    above = max((at for at, part in enumerate(parts[:-1], 1) if not part.isidentifier()), default=0)
    return ".".join(parts[above:])
