"""CBL118: results on ``localhost``, seen from inside a container."""

from __future__ import annotations

import re

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.deployment.records import Command, Service
    from celery_backend_lint.model.process_environment import ProcessEnvironment

RULE = Rule("CBL118", "only-reachable-locally", Severity.ADVICE, since="0.1.0")

_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]", "0.0.0.0"})  # noqa: S104 - read, not bound to
_SERVERS = {
    "redis": ("redis", "valkey", "keydb", "dragonfly"),
    "rediss": ("redis", "valkey", "keydb", "dragonfly"),
    "postgresql": ("postgres", "postgis", "timescaledb", "pgvector"),
    "mysql": ("mysql", "mariadb", "percona"),
    "mariadb": ("mariadb", "mysql"),
    "mongodb": ("mongo",),
}
"""Words in the names of images that run the server of a scheme."""


def check_only_reachable_locally(model: Model) -> Iterator[Finding]:
    """A container looks for the result backend on itself.

    ## What it does
    Works out the result backend of each compose service that runs Celery, with the variables that the service gets. It
    reports `localhost`, `127.0.0.1` and Redis without a host, where another service of the file runs the server.

    ## Why is this bad?
    `localhost` is the container itself, and no server listens there: storing a result fails with `Connection refused`.
    The bare alias `redis` means `localhost` too, as long as `redis_host` is not set.

    ## Example
    ```yaml
    services:
      worker:
        build: .
        command: celery -A shop worker
        environment:
          CELERY_RESULT_BACKEND: redis://localhost:6379/0
      cache:
        image: redis
    ```

    ## Use instead
    ```yaml
        environment:
          CELERY_RESULT_BACKEND: redis://cache:6379/0
    ```

    ## Known limits
    Silent where the file uses `network_mode`, where no service runs such a server, where a variable of the value is
    not known, and where the process may be told other Django settings.

    ## References
    - [Compose: Networking](https://docs.docker.com/compose/how-tos/networking/)
    - `celery.backends.redis.RedisBackend.__init__` (`redis_host`), Celery 5.7
    """
    if not model.wants_advice:
        return
    apps = [app for app in model.checked_apps if _may_be_local(app)]
    if not apps:
        return
    from celery_backend_lint.model.process_environment import apps_of, environment_of, services_mentioning

    told: set[Location] = set()
    for service in services_mentioning(model, [b"celery"]):
        if service.form != "compose" or not service.commands or _shares_a_network(model, service):
            continue
        run = apps_of(model, service)
        app = run[0] if len(run) == 1 else None
        if app is None or app not in apps:
            continue
        if any(command.result_backend or _starts_server(model, command) for command in service.commands):
            continue
        environment = environment_of(model, service)
        text = _backend(model, app, environment)
        server = _server(model, service, text) if text and _is_local(app, text) else None
        if server is None:
            continue
        place = _place(app.settings["result_backend"].value, environment)
        if place not in told:
            told.add(place)
            yield RULE.finding(
                place,
                f"in the container of `{service.name}` this is the container itself, where no server listens: storing "
                "or asking for a result fails",
                help=f"name the service that runs it: the host is `{server.name}`",
                app=app.name,
                related=(Related(service.location, "the service"), Related(server.location, "the server")),
            )


def _may_be_local(app: App) -> bool:
    return "result_backend" in app.settings and app.result_backend.kind != "disabled"


def _shares_a_network(model: Model, service: Service) -> bool:
    source = model.project.source(service.path)
    return source is None or b"network_mode" in source.data


def _starts_server(model: Model, command: Command) -> bool:
    """Whether the container starts a server of its own in the line that starts Celery."""
    source = model.project.source(command.location.path)
    lines = source.utf8.splitlines() if source is not None else []
    at = command.location.span.line - 1
    return at < len(lines) and re.search(rb"(?:redis|valkey|keydb)-server|\bservice \w+ start", lines[at]) is not None


def _backend(model: Model, app: App, environment: ProcessEnvironment) -> str:
    """The text of the result backend in a process, "" where it is not known."""
    from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
    from celery_backend_lint.model.process_environment import is_settled, reads_other_settings

    # Celery reads this variable itself, and it beats the setting.
    own = environment.given.get("CELERY_RESULT_BACKEND")
    if own is not None and own.value != "":
        return own.value or ""
    value = app.settings["result_backend"].value
    if not is_settled(model, value, environment) or reads_other_settings(model, app, environment):
        return ""
    try:
        plain = resolve(value, environment.known)
    except (UndeterminedError, WouldRaiseError):
        return ""
    return plain if isinstance(plain, str) else ""


def _is_local(app: App, text: str) -> bool:
    from celery_backend_lint.model.urls import split, split_database

    if text in ("redis", "rediss"):
        return "redis_host" not in app.settings and not app.unread
    url = split_database(text) or split(text)
    if url is None:
        return False
    return url.host.text in _LOCAL or (not url.host.text and text.startswith(("redis://", "rediss://")))


def _server(model: Model, service: Service, text: str) -> Service | None:
    """The service of the same file that runs the server which a URL is for."""
    scheme = text.removeprefix("db+").removeprefix("database+").partition("://")[0].partition("+")[0]
    words = _SERVERS.get(scheme, ())
    for other in model.deployment.mentioning([word.encode() for word in words]) if words else ():
        name = other.image.rpartition("/")[2].partition(":")[0]
        if other.path == service.path and other.name != service.name and any(word in name for word in words):
            return other
    return None


def _place(value: Value, environment: ProcessEnvironment) -> Location:
    """Where the host is said: the service's variable, else the value in the code."""
    from celery_backend_lint.evaluate.values import Environment, walk
    from celery_backend_lint.model.held import hold

    own = environment.given.get("CELERY_RESULT_BACKEND")
    if own is not None and own.value:
        return own.location
    for read in walk(value):
        if isinstance(read, Environment):
            given = next((environment.given[name] for name in read.variables if name in environment.given), None)
            if given is not None and any(host in (given.value or "") for host in _LOCAL):
                return given.location
    return hold(value, None, "").origin
