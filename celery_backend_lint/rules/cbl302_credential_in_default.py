"""CBL302: a credential as the default of a read of the environment."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Environment, Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.app import Assignment
from celery_backend_lint.model.credentials import credentials, credentials_of
from celery_backend_lint.rules.rule import Rule
from celery_backend_lint.syntax.python import children_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.credentials import HeldCredential

RULE = Rule("CBL302", "credential-in-default", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

READS = (b"environ", b"env(", b"getenv", b"config(")
SCHEMES = ("redis://", "rediss://", "amqp://", "amqps://", "pyamqp://", "sentinel://")
"""What the URLs of brokers, and of most result backends, begin with."""


def check_credential_in_default(model: Model) -> Iterator[Finding]:
    """The default of an environment variable holds a password, token or key of the result backend or broker.

    ## What it does
    Checks what Celery's connection settings are while a variable is not set: `os.getenv("X", default)`,
    `os.environ.get("X") or default`, `env("X", default=…)`, `config("X", default=…)`, fields of pydantic settings. A
    read whose value is dropped, in the module that makes the app, counts as well where its default is a broker's URL.

    ## Why is this bad?
    The credential is in the repository as surely as a literal, and a process that lacks the variable connects with it
    instead of failing: to the wrong server, or to the right one for the wrong reason.

    ## Example
    ```python
    result_backend = os.getenv("CELERY_RESULT_BACKEND", "redis://:n0t-f0r-pr0d@cache.example.com:6379/1")
    ```

    ## Use instead
    ```python
    result_backend = os.environ["CELERY_RESULT_BACKEND"]
    ```

    ## Fix safety
    The default goes to `.env`, which git is made to ignore first; the read becomes required. That is safe where the
    project loads its `.env` before the read. Elsewhere the variable must be set first. Where `.env` sets the variable
    already, the default is kept there as a comment.

    ## Known limits
    Placeholders, and default accounts such as `guest:guest` on hosts that only this machine or network reaches, are no
    secrets and are not reported. Test code is not looked at.

    ## References
    - [The Twelve-Factor App: Config](https://12factor.net/config)
    """
    for app in model.checked_apps:
        for found in credentials(model, app):
            if found.read is None or found.stand_in:
                continue
            variable = found.read.variable
            shown = f" (`{found.shown}`)" if found.shown != "***" else ""
            yield RULE.finding(
                found.location,
                f"the default of `{variable}` holds {found.what} for `{found.assignment.setting}`{shown}: whoever "
                "reads the repository can use it, and where the variable is not set Celery does",
                help=f"drop the credential, so that a missing `{variable}` fails at start; change it at the server",
                app=app.name,
                propose=partial(_fix, model, app, found),
            )
    told: set[Location] = set()
    for app in model.checked_apps:
        for found in _dropped(model, app):
            if found.location not in told:
                told.add(found.location)
                yield RULE.finding(
                    found.location,
                    f"the default of a read that nothing keeps holds {found.what} (`{found.shown}`): whoever reads the "
                    "repository can use it",
                    help="remove the statement, which has no effect; change the credential at the server",
                    app=app.name,
                )


def _dropped(model: Model, app: App) -> Iterator[HeldCredential]:
    """The credentials in reads whose value is dropped, statements of the module that makes an app."""
    file = model.evaluator.modules.file(app.path)
    if file is None or b"@" not in file.source.data or not model.project.mentions(app.path, READS):
        return
    for statement in children_of(file.scope.node):
        call = children_of(statement)[0] if statement.type == "expression_statement" else None
        value = model.evaluator.ask(call, file.scope) if call is not None and call.type == "call" else None
        if isinstance(value, Environment) and value.default is not None:
            assignment = Assignment("broker_url", value.variable, value, value.origin, "module")
            for found in credentials_of(model, assignment):
                text = value.default.value if isinstance(value.default, Literal) else None
                if not found.stand_in and isinstance(text, str) and text.startswith(SCHEMES):
                    yield found


def _fix(model: Model, app: App, found: HeldCredential) -> Fix:
    from celery_backend_lint.fixes.credentials import move_default

    return move_default(model, app, found)
