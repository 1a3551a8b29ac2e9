"""CBL301: a credential of the result backend or broker in the source."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.model.credentials import credentials
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.credentials import HeldCredential
    from celery_backend_lint.model.reassigned import Reassigned

RULE = Rule("CBL301", "hardcoded-credential", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_hardcoded_credential(model: Model) -> Iterator[Finding]:
    """A password, token or key of the result backend or broker stands in the source.

    ## What it does
    Checks the settings that Celery connects with: the URLs of the result backend and the broker, `redis_password`,
    `database_engine_options["connect_args"]`, `redis_backend_use_ssl`, the settings of S3, Azure, MongoDB and the
    other backends. Every assignment is looked at, also one that another overrides.

    ## Why is this bad?
    Whoever can read the repository, its history or an image built from it can read and change every task's result.
    Git keeps the credential after it is deleted from the source: it must be changed at the server, too.

    ## Example
    ```python
    result_backend = "redis://:n0t-f0r-pr0d@cache.example.com:6379/1"
    ```

    ## Use instead
    ```python
    result_backend = os.environ["CELERY_RESULT_BACKEND"]
    ```

    ## Fix safety
    The literal goes to `.env`, which git is made to ignore first, and a placeholder to `.env.example`. Where the
    project loads its `.env` before this code runs, that changes nothing at run time. Elsewhere the variable must be
    set first: the fix is unsafe. A stand-in stays, as the default of the read. Where git tracks `.env` nothing is
    moved. An assignment that the same module sets again before anything reads it goes whole: no variable is needed.

    ## Known limits
    RabbitMQ's `guest:guest`, placeholders and other stand-ins on hosts that only this machine or network reaches are
    advice, and so is the account that an image makes by default (`user:bitnami`) where compose runs it as it is. A
    credential that is the default of a read of the environment is CBL302. Test code is not looked at. Django settings
    of the same folder that star-import the same base are what another `DJANGO_SETTINGS_MODULE` names: they are looked
    through as well, and nothing is moved out of them.

    ## References
    - [Celery: Security](https://docs.celeryq.dev/en/stable/userguide/security.html)
    """
    for app, found, is_beside in _held(model):
        if found.read is not None:
            continue
        setting = found.assignment.setting
        shown = f" (`{found.shown}`)" if found.shown != "***" else ""
        if found.stand_in:
            ending = "it is a default account or a placeholder, in use wherever nobody changes it"
        else:
            ending = "whoever reads the repository can use it"
        from celery_backend_lint.model.reassigned import reassigned  # most projects have no credential

        beaten = reassigned(model, found.assignment.location, found.location)
        if beaten is not None:
            remedy = f"delete the assignment, line {beaten.line} sets `{beaten.name}` again before anything reads it"
        else:
            remedy = f"read it from the environment, `{_read(model, app, found, is_beside)}`"
        yield RULE.finding(
            found.location,
            f"`{setting}` holds {found.what} in the source{shown}: {ending}",
            help=f"{remedy}; change {'it' if beaten is None else 'the credential'} at the server",
            app=app.name,
            severity=Severity.ADVICE if found.stand_in else None,
            propose=partial(_fix, model, app, found, beaten, is_beside),
        )


def _held(model: Model) -> Iterator[tuple[App, HeldCredential, bool]]:
    """The credentials of the apps (False), and once each those in Django settings beside the apps' own (True)."""
    beside: set[Location] = set()
    for app in model.checked_apps:
        for found in credentials(model, app):
            yield app, found, False
        if not any(source.kind == "django" for source in app.sources):
            continue
        from celery_backend_lint.model.sibling_settings import sibling_credentials

        for found in sibling_credentials(model, app):
            if found.location not in beside:
                beside.add(found.location)
                yield app, found, True


def _fix(model: Model, app: App, found: HeldCredential, beaten: Reassigned | None, is_beside: bool) -> Fix:
    from celery_backend_lint.fixes.credentials import delete_reassigned, move_literal

    if beaten is not None:
        return delete_reassigned(model, found, beaten)
    if is_beside:
        raise CannotFixError(
            f"`{found.location.path}` is one of several settings that `DJANGO_SETTINGS_MODULE` chooses from: each has "
            "another value for the variable"
        )
    return move_literal(model, app, found)


def _read(model: Model, app: App, found: HeldCredential, is_beside: bool) -> str:
    """The read that the help text proposes: what the fix would write, of the setting's own variable without one."""
    from celery_backend_lint.fixes.credentials import read_instead

    try:
        if not is_beside:
            return read_instead(model, app, found)
    except CannotFixError:
        pass  # its reason is shown where a fix is asked for
    return f'os.environ["CELERY_{found.assignment.setting.upper()}"]'
