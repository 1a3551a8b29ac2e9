"""A made-up URL of Redis, as the server that a project's compose file runs has it."""

from __future__ import annotations

from celery_backend_lint.model.compose_servers import NEEDLES, asks_no_password, redis_servers
from celery_backend_lint.model.env_file_reach import compose_workers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.deployment.records import Service

ACCOUNT = ":your_redis_password_here@"
"""The account in a made-up URL of Redis."""


def as_served(model: Model, app: App, url: str) -> str:
    """The URL without the placeholder of a password where every Redis server of the project is known to have none: who
    leaves it in is refused. With the server's own name where compose hands an env file to all that runs the app beside
    it: ``localhost`` is the container of each.
    """
    start = f"redis://{ACCOUNT}localhost"
    if not url.startswith(start):
        return url
    account = "" if asks_no_password(model, app) else ACCOUNT
    return f"redis://{account}{host_beside(model, app) or 'localhost'}{url.removeprefix(start)}"


def host_beside(model: Model, app: App, variables: tuple[str, ...] = ()) -> str:
    """The name of the one Redis server beside what runs an app in each compose file; "" where there is none, or
    several, and where neither an env file nor ``variables`` are handed to it.
    """
    workers = compose_workers(model, app) or _built_beside(model, app)
    files = {worker.path for worker in workers}
    servers = [server for server in redis_servers(model, app) if server.path in files]
    names = {server.name for server in servers}
    if len(names) != 1 or files != {server.path for server in servers} or len(servers) != len(files):
        return ""
    if not all(_is_handed(worker, variables) for worker in workers):
        return ""
    return "" if any(model.project.mentions(path, [b"network_mode"]) for path in files) else servers[0].name


def _is_handed(service: Service, variables: tuple[str, ...]) -> bool:
    filled_in = {name for one in service.variables for name in one.unknown}
    return bool(service.env_files) or not filled_in.isdisjoint(variables)


def _built_beside(model: Model, app: App) -> list[Service]:
    """The services that compose builds from this repository beside a Redis server, where none is said to be a worker:
    with a worker or without, they send tasks, and it is started in the same way.
    """
    files = {server.path for server in redis_servers(model, app)}
    ours = model.env_files.service_of(app.path)
    return [
        service
        for service in model.deployment.mentioning(NEEDLES, pipelines=False)
        if service.form == "compose" and service.path in files and service.built
        if model.env_files.service_of(f"{service.folder}/Dockerfile".lstrip("/")) == ours
    ]
