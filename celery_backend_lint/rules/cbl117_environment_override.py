"""CBL117: a variable that Celery reads itself, and that beats the configuration."""

from __future__ import annotations

import re

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.process_environment import Given, ProcessEnvironment

RULE = Rule("CBL117", "environment-override", Severity.WARNING, since="0.1.0")

SETTINGS = {"result_backend": "RESULT_BACKEND", "broker_url": "BROKER_URL"}
"""Settings, and the variables from which the ``celery`` command alone takes them (celery.bin.celery, 5.0 to 5.7)."""

READ = frozenset(
    {"CELERY_RESULT_BACKEND", "CELERY_BROKER_URL", "RESULT_BACKEND", "BROKER_URL", "LOADER", "CONFIG_MODULE", "APP"}
)
"""The variables that Celery, or its command, reads."""

CONTAINERS = frozenset({"compose", "kubernetes", "helm"})
"""The formats of deployment whose networks give a server names of their own."""

CROSSWISE = "crosswise"
"""How what is said of two variables ends that are each read for the other's setting."""

NEEDLES = (
    b"RESULT_BACKEND", b"BROKER_URL", b"CONFIG_MODULE", b" LOADER:", b" LOADER=", b": LOADER\n", b" APP:", b" APP=",
    b": APP\n",
)  # fmt: skip


def check_environment_override(model: Model) -> Iterator[Finding]:
    """A variable that Celery reads itself holds something else than the configuration, and wins.

    ## What it does
    Looks for `CELERY_RESULT_BACKEND` and `CELERY_BROKER_URL` in what compose files, Dockerfiles, Procfiles, Kubernetes
    manifests and the like give to the project's processes, and in a `.env` that reaches them (`load_dotenv`,
    django-environ, compose's `env_file`), and compares them with what the app is configured with there. In a service
    that runs the `celery` command also `RESULT_BACKEND`, `BROKER_URL`, `LOADER`, `CONFIG_MODULE` and `APP`, which only
    that command reads, as its own options.

    ## Why is this bad?
    Celery asks for `CELERY_RESULT_BACKEND` before it looks at any setting, `app.conf.result_backend = …` included:
    whoever edits the configuration changes nothing. `RESULT_BACKEND` reaches only what the `celery` command starts: the
    worker stores results in one place and the web process looks for them in another.

    ## Example
    ```yaml
    services:
      worker:
        command: celery -A proj worker
        environment:
          CELERY_RESULT_BACKEND: redis://cache:6379/3  # the code says redis://cache:6379/0
    ```

    ## Use instead
    ```python
    result_backend = os.environ["CELERY_RESULT_BACKEND"]
    ```

    ## Known limits
    Silent where all processes of a deployment file get the same address of the same kind of server, and they are two at
    least or the configured address is `localhost`, and where containers call the server by another name only: that is
    on purpose. What depends on a variable or an env file that is not in the repository is not compared. A `.env` that
    only pydantic or decouple reads does not reach the process, and compose's own `.env` only fills in `${…}`: neither
    counts. Test files are not looked at.

    ## References
    - [Celery: Configuration](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-backend)
    - `celery.app.utils.Settings`, `celery.bin.celery.celery`, Celery 5.0 to 5.7
    """
    from celery_backend_lint.model.process_environment import apps_of, environment_of, services_mentioning

    needles = [*NEEDLES]
    in_env_files = [file for file in model.env_files.in_use if READ & {entry.key for entry in file.compose_entries}]
    if in_env_files:
        needles += [b"env_file"]
    found: list[Finding] = []
    running = [(service, apps_of(model, service)) for service in services_mentioning(model, needles)]
    processes = [(environment_of(model, service), apps) for service, apps in running if apps]
    for environment, apps in processes:
        beside = [one for one, _ in processes if one.service.path == environment.service.path]
        found += _of_service(model, apps, environment, beside)
        found += _of_command(model, apps, environment)
    for file in in_env_files:
        found += _of_loaded(model, file.path)
    yield from _merged(found)


def _merged(found: list[Finding]) -> Iterator[Finding]:
    """One finding for a value that stands in several places of one file, and for two variables that are read crosswise:
    the first, with the others related.
    """
    groups: dict[tuple[str, str], dict[Location, Finding]] = {}
    for finding in found:
        told = finding.app if finding.message.endswith(CROSSWISE) else _without_service(finding)
        groups.setdefault((finding.location.path, told), {}).setdefault(finding.location, finding)
    for first, *others in (tuple(group.values()) for group in groups.values()):
        related = list(first.related)
        for one in others:
            same = _without_service(one) == _without_service(first)
            related.append(Related(one.location, f"the {'same value' if same else 'other variable'} is set here"))
            related += () if same else one.related
        yield RULE.finding(
            first.location, first.message, help=first.help, app=first.app, related=tuple(dict.fromkeys(related))
        )


def _without_service(finding: Finding) -> str:
    """What a finding says of every service alike."""
    return re.sub(r" in `[^`]*`(?=: it uses)", "", finding.message)


def _of_service(
    model: Model, apps: tuple[App, ...], environment: ProcessEnvironment, beside: list[ProcessEnvironment]
) -> Iterator[Finding]:
    """What a process gets of Celery's own variables; ``beside`` are all processes that the same file describes."""
    for setting in SETTINGS:
        given = environment.given.get(f"CELERY_{setting.upper()}")
        if given is None or not given.value:
            continue
        held = [_configured(model, app, setting, environment) for app in apps]
        if not all(one is not None and _differ(one[0], given.value) for one in held) or held[0] is None:
            continue
        if any(one is not None and _is_wanted(one[0], given, beside) for one in held):
            continue
        yield _finding(apps[0], setting, given, environment.service.name, *held[0])


def _is_wanted(configured: object, given: Given, beside: list[ProcessEnvironment]) -> bool:
    """Whether a deployment gives its own address on purpose, and no process is left out.

    The kind of broker or backend stays what it is: only the place differs. Either by nothing but the host, which the
    networks of containers call by names of their own; or each of the processes that the file describes has the same,
    and they are two at least (a ConfigMap is for all), or replace the address of a developer's own machine.
    """
    value = given.value or ""
    if not isinstance(configured, str) or _scheme(configured) != _scheme(value):
        return False
    if beside[0].service.form in CONTAINERS and _without_host(configured) == _without_host(value):
        return True
    several = len(beside) > 1 or beside[0].service.name.startswith("ConfigMap ")
    return (several or (_is_local(configured) and not _is_local(value))) and all(
        (found := one.given.get(given.name)) is not None and found.value == value for one in beside
    )


def _without_host(url: str) -> str:
    scheme, separator, rest = _plain(url).partition("://")
    return f"{scheme}{separator}{re.sub(r'[^/@:?]+(?=[:/?]|$)', '', rest.rpartition('@')[2], count=1)}"


def _is_local(url: str) -> bool:
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return re.fullmatch(r"(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1\])?(?::\d+)?", host) is not None


def _scheme(url: str) -> str:
    scheme = url.partition("://")[0].partition("+")[0]
    return {"rediss": "redis", "amqps": "amqp", "pyamqp": "amqp"}.get(scheme, scheme)


def _finding(app: App, setting: str, given: Given, service: str, configured: object, place: Location) -> Finding:
    where = f" in `{service}`" if service else ""
    crossed = _crossed(app, setting)
    if crossed:
        return RULE.finding(
            given.location,
            f"Celery reads `{given.name}` itself{where}: it uses {_shown(given.value)} as `{setting}`, and not "
            f"{_shown(configured)}: the configuration reads `{given.name}` and `{crossed}` {CROSSWISE}",
            help=f"read `{given.name}` for `{setting}`, and `{crossed}` for the other",
            app=app.name,
            related=(Related(place, f"`{crossed}` is read for `{setting}` here"),),
        )
    return RULE.finding(
        given.location,
        f"Celery reads `{given.name}` itself{where}: it uses {_shown(given.value)} as `{setting}`, whatever else is "
        f"configured ({_shown(configured)})",
        help=f'let the configuration read it, `os.environ["{given.name}"]`, or give the variable another name',
        app=app.name,
        related=(Related(place, f"this `{setting}` is not used there"),),
    )


def _crossed(app: App, setting: str) -> str:
    """The other of the two variables, where the configuration reads each of them for the other's setting; else ""."""
    from celery_backend_lint.evaluate.values import Environment

    held = {name: app.settings[name].value for name in SETTINGS if name in app.settings}
    read = {name: value.variable for name, value in held.items() if isinstance(value, Environment)}
    other = next(name for name in SETTINGS if name != setting)
    names = {name: f"CELERY_{SETTINGS[name]}" for name in SETTINGS}
    return names[other] if read == {setting: names[other], other: names[setting]} else ""


def _of_command(model: Model, apps: tuple[App, ...], environment: ProcessEnvironment) -> Iterator[Finding]:
    """What the ``celery`` command takes from variables that nothing else reads."""
    service = environment.service
    commands = [one for one in service.commands if not one.through]
    if not commands:
        return
    for setting, name in SETTINGS.items():
        given = environment.given.get(name)
        optioned = [one.result_backend if setting == "result_backend" else one.broker for one in commands]
        if given is None or not given.value or all(optioned):
            continue
        own = environment.given.get(f"CELERY_{name}")
        if own is not None and own.value is None:
            continue
        for app in apps[:1] if len(apps) == 1 else ():
            held: tuple[object, Location] | None = _configured(model, app, setting, environment)
            if own is not None and own.value:
                held = (own.value, own.location)
            if held is not None and _differ(held[0], given.value):
                yield RULE.finding(
                    given.location,
                    f"the `celery` command reads `{name}` itself: what it starts in `{service.name}` uses "
                    f"{_shown(given.value)} as `{setting}`, every other process {_shown(held[0])}",
                    help=f"give the variable another name, or set `CELERY_{name}` to the same for all processes",
                    app=app.name,
                    related=(Related(held[1], f"every other process has this `{setting}`"),),
                )
    for name, takes in (("LOADER", "the loader"), ("CONFIG_MODULE", "the configuration module"), ("APP", "the app")):
        given = environment.given.get(name)
        if given is not None and given.value and _takes(model, apps, environment, name, given.value):
            yield RULE.finding(
                given.location,
                f"the `celery` command reads `{name}` itself: in `{service.name}` it imports {_shown(given.value)} as "
                f"{takes}",
                help="give the variable another name",
                app=apps[0].name,
            )


def _takes(model: Model, apps: tuple[App, ...], environment: ProcessEnvironment, name: str, value: str) -> bool:
    """Whether the command fails, or has another app or configuration, because of a variable."""
    commands = [one for one in environment.service.commands if not one.through]
    if name == "APP":
        from celery_backend_lint.model.deployment.commands import module_files

        nameless = [one for one in commands if one.default_app]
        files = module_files(value)
        return bool(nameless) and not any(path.endswith(files) for path in model.project.paths() if files)
    module = value.partition(":")[0]
    known = model.evaluator.modules.find(module, apps[0].path) is not None
    if name == "CONFIG_MODULE":
        return not known and all(not app.sources for app in apps)
    return value not in ("app", "default") and not known and not module.startswith(("celery.", "djcelery."))


def _configured(
    model: Model, app: App, setting: str, environment: ProcessEnvironment
) -> tuple[object, Location] | None:
    """What the app's configuration gives a setting in a process, and where; None where that is not known, or nothing.

    What the code puts into Celery's own variable counts as its own.
    """
    from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
    from celery_backend_lint.model.process_environment import is_settled, reads_other_settings

    held = app.settings.get(setting)
    if held is None or not held.certain or app.unread or f"CELERY_{setting.upper()}" in app.sets_variables:
        return None
    if any(one.place == "environment" for one in held.assignments) or not is_settled(model, held.value, environment):
        return None
    if reads_other_settings(model, app, environment):
        return None
    try:
        plain = resolve(held.value, environment.known)
    except (UndeterminedError, WouldRaiseError):
        return None
    places = [one.location for one in held.assignments]
    return (plain, places[0] if places else app.location) if plain is None or isinstance(plain, str) else None


def _of_loaded(model: Model, path: str) -> Iterator[Finding]:
    """What an env file gives to the processes of an app whose own code loads it."""
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.deployment.records import Service
    from celery_backend_lint.model.env_loads import is_loaded
    from celery_backend_lint.model.process_environment import Given, ProcessEnvironment

    file = next(one for one in model.env_files.in_use if one.path == path)
    given = {
        entry.key: Given(
            entry.key,
            entry.value if "$" not in entry.value else None,
            Location(path, entry.value_span),
            "env file",
        )
        for entry in file.entries
        if entry.value and not entry.commented
    }
    nobody = Service("", path, Location(path), path.rpartition("/")[0], "env file")
    for app in model.checked_apps:
        if model.env_files.is_foreign(path, app.path) or not is_loaded(model, app, path):
            continue
        environment = ProcessEnvironment(nobody, given, complete=True)
        for setting in SETTINGS:
            own = given.get(f"CELERY_{setting.upper()}")
            held = _configured(model, app, setting, environment) if own is not None and own.value else None
            if own is None or not own.value or held is None or not _differ(held[0], own.value):
                continue
            if not _is_wanted(held[0], own, [environment]):
                yield _finding(app, setting, own, "", *held)


def _differ(configured: object, given: str) -> bool:
    """Whether two URLs are not the same for Celery: a missing port, database or virtual host is its default."""
    return configured is None or _plain(str(configured)) != _plain(given)


def _plain(url: str) -> str:
    if url.startswith(("redis://", "rediss://")):
        address, _, query = url.partition("?")
        scheme, _, rest = address.partition("://")
        host, _, database = rest.rstrip("/").partition("/")
        if ":" not in host.rpartition("@")[2]:
            host += ":6379"
        return f"{scheme}://{host}/{database or '0'}?{query}"
    scheme, _, rest = url.partition("://")
    if scheme in ("amqp", "pyamqp"):
        host, _, virtual = rest.partition("/")
        login, _, server = host.rpartition("@")
        port = "" if ":" in server else ":5672"
        return f"amqp://{login or 'guest:guest'}@{server}{port}/{virtual if virtual.strip('/') else ''}"
    return url.rstrip("/")


def _shown(value: object) -> str:
    from celery_backend_lint.findings.masking import mask

    return f"`{mask(value)}`" if isinstance(value, str) and value else "none"
