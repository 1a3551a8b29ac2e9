"""CBL907: a variable of the example that nothing reads."""

from __future__ import annotations

import re

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.location import Location
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model

RULE = Rule("CBL907", "unused-example-variable", Severity.ADVICE, since="0.1.0")

SUBJECTS = (
    r"(?:^|_)(?:CELERY|CELERYD|REDIS|RABBIT|RABBITMQ|AMQP|BROKER|RESULTS?|POSTGRES|POSTGRESQL|MYSQL|MARIADB|MONGO"
    r"|MONGODB|DATABASE|DB|SENTINEL|MEMCACHED|VALKEY)(?:_|$)"
)
"""Words of the names that say that a variable is about Celery, its broker, its backend or a database."""


def check_unused_example_variable(model: Model) -> Iterator[Finding]:
    """A variable in the example of the environment is read by nothing in the project.

    ## What it does
    Looks at the variables of the examples (`.env.example` and its like) that are about Celery, Redis, RabbitMQ or a
    database, and searches every file of the project, whatever its language, for their names.

    ## Why is this bad?
    Who fills in the example believes to have configured something: `REDIS_RESULTS_URL` is filled in with care, and the
    code reads another variable, or none any more.

    ## Example
    ```shell
    # .env.example
    CELERY_RESULTS_URL=redis://localhost:6379/1  # the code reads RESULTS_URL
    ```

    ## Use instead
    ```shell
    # .env.example
    RESULTS_URL=redis://localhost:6379/1
    ```

    ## Known limits
    Any mention outside of documentation and env files counts as a read. Left out are variables that Celery, libpq,
    flower or an image of a server may read, and those whose names the code may put together from a prefix.

    ## References
    - [The Twelve-Factor App: Config](https://12factor.net/config)
    """
    if not model.wants_advice or not model.checked_apps:
        return
    near = [app.path for app in model.checked_apps]
    found = [
        (example.path, entry)
        for example in model.env_files.examples
        if model.env_files.concerns(example.path, near) and example.problem is None
        for entry in example.entries
        if not entry.commented and re.search(SUBJECTS, entry.key) and entry.key.isascii()
    ]
    if not found:
        return
    from celery_backend_lint.model.variable_mentions import unread

    nobody = unread(model, {entry.key for _, entry in found})
    for path, entry in found:
        if entry.key in nobody:
            yield RULE.finding(
                Location(path, entry.key_span),
                f"nothing in the project reads `{entry.key}`: who fills it in changes nothing",
                help="remove it, or read it where it was meant",
            )
