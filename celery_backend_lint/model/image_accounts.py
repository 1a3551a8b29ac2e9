"""The accounts that images of servers make by default: published, so no secret where an image runs as it is."""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model

LOOPBACK = frozenset({"localhost", "127.0.0.1", "0.0.0.0"})  # noqa: S104 - what a URL has as its host


@record
class Account:
    """A default account: the image that makes it, user, password, and what begins the variables that change it."""

    image: str
    user: str
    password: str
    variables: tuple[str, ...]


ACCOUNTS = (
    Account(
        "bitnami/rabbitmq", "user", "bitnami", ("RABBITMQ_USERNAME", "RABBITMQ_PASSWORD", "RABBITMQ_HASHED_PASSWORD")
    ),
    Account(
        "bitnamilegacy/rabbitmq",
        "user",
        "bitnami",
        ("RABBITMQ_USERNAME", "RABBITMQ_PASSWORD", "RABBITMQ_HASHED_PASSWORD"),
    ),
)
"""From the images' own pages (bitnami/containers, "Environment variables"), 3.6 to 4.1. RabbitMQ's own ``guest`` is
known wherever it stands; the images of Redis and of the databases make no account without being given a password."""


def is_default_account(model: Model, user: str, password: str, host: str) -> bool:
    """Whether an account is the one that an image makes which the project's compose files run as it is, on ``host``.

    ``host`` is that of the URL with the account: this machine, or the name of the service.
    """
    for account in ACCOUNTS:
        if (user, password) != (account.user, account.password):
            continue
        for service in model.deployment.mentioning([account.image.encode()], pipelines=False):
            name = service.image.partition("@")[0].partition(":")[0].removeprefix("docker.io/")
            is_there = service.form == "compose" and name == account.image and host in (*LOOPBACK, service.name)
            is_changed = service.partial or bool(service.env_files)
            if (
                is_there
                and not is_changed
                and not any(one.name.startswith(account.variables) for one in service.variables)
            ):
                return True
    return False
