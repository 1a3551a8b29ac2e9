"""CBL103: a result backend that the project's Celery no longer has."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model import facts
from celery_backend_lint.model.backend_kind import alias_of
from celery_backend_lint.model.backend_values import backend_values, dotted
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.backend_values import BackendValue
    from celery_backend_lint.model.data import Version

RULE = Rule("CBL103", "removed-backend", Severity.ERROR, since="0.1.0", fix=Applicability.UNSAFE)


def check_removed_backend(model: Model) -> Iterator[Finding]:
    """The result backend is one that the project's Celery has dropped.

    ## What it does
    Checks for result backends that older releases of Celery had: `amqp` and `riak`, both gone since 5.0. The release is
    the locked one, else the newest that the requirement admits and that runs on the oldest Python which the project
    names (its images, version files, upper bounds of manifests; code around Celery that only Python 2 compiles; pins
    that have wheels for older Pythons only): Python 2.7 and 3.5 get Celery 4.4. Where no manifest pins Celery and git
    tracks an environment with it, it is that one.

    ## Why is this bad?
    `app.backend` raises ImproperlyConfigured or ModuleNotFoundError in every process that stores or asks for a result.
    That is often met when Celery is upgraded: the broker goes on to work, the same URL as a result backend does not.

    ## Example
    ```python
    result_backend = "amqp://rabbit.example.com//"
    ```

    ## Use instead
    ```python
    result_backend = "rpc://"
    ```

    ## Fix safety
    `rpc://` keeps results in RabbitMQ as `amqp` did, but only the process that sent a task can read its result, and
    once only: the fix is unsafe.

    ## Known limits
    Whether a project that declares no Celery runs an old one cannot be seen: the newest is assumed (`--target-celery`).
    Where another value wins today, the finding is a warning.

    ## References
    - [Celery 5.0: what's new](https://docs.celeryq.dev/en/v5.0.0/whatsnew-5.0.html)
    - [Celery: RPC backend settings](https://docs.celeryq.dev/en/stable/userguide/configuration.html#rpc-backend-settings)
    """
    for app in model.checked_apps:
        for value in backend_values(app):
            alias = alias_of(value.text or "")
            removed = facts.removed_backend(alias)
            lacking = _lacking(model, app, removed) if removed is not None else None
            if removed is None or lacking is None:
                continue
            yield RULE.finding(
                value.location,
                f"Celery {dotted(lacking)} has no result backend `{alias}` any more{value.clause}, "
                f"{dotted(removed)} dropped it: whatever stores or reads a result fails",
                help="write `rpc://`, or choose another backend" if alias == "amqp" else "choose another backend",
                app=app.name,
                severity=None if value.effective else Severity.WARNING,
                propose=partial(_fix, model, app, value) if alias == "amqp" else None,
            )


def _lacking(model: Model, app: App, removed: Version) -> Version | None:
    """The Celery without the backend that gets installed; None where one with it may be.

    On a Python that the project names pip passes over the releases which state that they do not run there.
    """
    from celery_backend_lint.model.fresh_install import runs_on
    from celery_backend_lint.model.project_python import pythons
    from celery_backend_lint.model.versions import admits

    declared = app.declared
    if declared.version < removed or declared.locked:
        return declared.version if declared.version >= removed else None
    later = [
        text
        for text in facts.releases("celery")
        if removed <= facts.release_of(text) <= declared.version and admits(declared.text, text)
    ]
    if later and declared.oldest < removed:
        python = pythons(model.project, model.manifests.for_path(app.path))[0]
        later = [text for text in later if runs_on("celery", text, python)]
    return facts.release_of(later[-1]) if later else None


def _fix(model: Model, app: App, value: BackendValue) -> Fix:
    from celery_backend_lint.fixes.backend_urls import use_rpc

    return use_rpc(model, app, value)
