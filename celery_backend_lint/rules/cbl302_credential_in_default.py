"""CBL302: a credential as the default of a read of the environment."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.credentials import credentials
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.credentials import HeldCredential

RULE = Rule("CBL302", "credential-in-default", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_credential_in_default(model: Model) -> Iterator[Finding]:
    """The default of an environment variable holds a password, token or key of the result backend or broker.

    ## What it does
    Checks what Celery's connection settings are while a variable is not set: `os.getenv("X", default)`,
    `os.environ.get("X") or default`, `env("X", default=…)`, `config("X", default=…)`, fields of pydantic settings.

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


def _fix(model: Model, app: App, found: HeldCredential) -> Fix:
    from celery_backend_lint.fixes.credentials import move_default

    return move_default(model, app, found)
