"""The Redis servers that a project's compose files run, and whether they ask for a password."""

from __future__ import annotations

import re

from celery_backend_lint.model.process_environment import is_for_tests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.deployment.records import Service

IMAGES = frozenset({"redis", "valkey", "keydb", "dragonfly", "redis-stack", "redis-stack-server"})
"""The last parts of the names of images that are such a server; ``redis-exporter`` and ``redisinsight`` are none."""

NEEDLES = (b"redis", b"valkey", b"keydb", b"dragonfly")

MAY_ASK = (
    r"(?i)requirepass|masterauth|aclfile|user[ \t]+default|pass|secret|\.conf|_ARGS|env_file|extends:|<<:|configs:"
    r"|[:-][ \t]+\*"
)
"""What stands in a service that may give its server a password: an option, a configuration file, something from
elsewhere in the file.
"""

ALLOWED_EMPTY = r"(?i)ALLOW_EMPTY_PASSWORD\s*[:=]\s*[\"']?(?:yes|true|1)\b"
"""What a Bitnami image is told so that it starts without a password."""


def redis_servers(model: Model, app: App) -> tuple[Service, ...]:
    """The services outside of tests that run a Redis server which may be an app's."""
    return tuple(
        service
        for service in model.deployment.mentioning(NEEDLES, pipelines=False)
        if service.form == "compose"
        and not is_for_tests(service.path)
        and service.image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower() in IMAGES
        and not model.env_files.is_foreign(service.path, app.path)
    )


def asks_no_password(model: Model, app: App) -> bool:
    """Whether all Redis servers of a project are known to have no password.

    A client that sends one to such a server is refused: "AUTH <password> called without any password configured for the
    default user" (redis-py 4.6, 5.2 and 6.4 with Redis 7.0, seen).
    """
    servers = redis_servers(model, app)
    return bool(servers) and not any(_may_ask(model, server) for server in servers)


def is_told(model: Model, app: App, variables: tuple[str, ...]) -> bool:
    """Whether a server is told one of some variables, as in ``--requirepass ${REDIS_PASSWORD}``."""
    return any(name in _block(model, server) for server in redis_servers(model, app) for name in variables)


def _may_ask(model: Model, server: Service) -> bool:
    text = _block(model, server)
    if re.search(ALLOWED_EMPTY, text):
        return re.search(MAY_ASK, re.sub(ALLOWED_EMPTY, "", text)) is not None
    return "bitnami" in server.image or re.search(MAY_ASK, text) is not None


def _block(model: Model, server: Service) -> str:
    """The lines that a compose file has of a service."""
    source = model.project.source(server.path)
    lines = source.text.splitlines() if source is not None else []
    first = server.location.line - 1
    found = lines[first : first + 1]
    indent = _indent(found[0]) if found else 0
    for line in lines[first + 1 :]:
        if line.strip() and not line.lstrip().startswith("#") and _indent(line) <= indent:
            break
        found.append(line.partition(" #")[0] if not line.lstrip().startswith("#") else "")
    return "\n".join(found)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
