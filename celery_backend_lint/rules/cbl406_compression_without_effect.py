"""CBL406: a compression of results that is unknown, or that nothing applies."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.facts import Compression

RULE = Rule("CBL406", "compression-without-effect", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_compression_without_effect(model: Model) -> Iterator[Finding]:
    """`result_compression` names no method that kombu knows, or the result backend does not compress.

    ## What it does
    Compares `result_compression` with the methods of kombu (gzip, bzip2, lzma, brotli, zstd and their other names), and
    the app's result backend with those that read the setting.

    ## Why is this bad?
    Before Celery 5.7 no result backend reads the setting: results are stored as they are, without a word. From 5.7 on
    Redis, MongoDB, DynamoDB, Cassandra, Google Cloud Storage and files compress; a name that kombu does not know raises
    `ImproperlyConfigured` at the first use of the result backend. The others, databases and RPC among them, warn and
    store results uncompressed.

    ## Example
    ```python
    result_backend = "redis://cache/1"
    result_compression = "gzip2"
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache/1"
    result_compression = "gzip"
    ```

    ## Fix safety
    A safe fix is offered where one known name is meant.

    ## Known limits
    Silent where the backend is not known or there is none, and about names where the project registers methods with
    `kombu.compression`. Methods whose package is missing are CBL205's.

    ## References
    - [Celery: result_compression](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-compression)
    """
    for app in model.checked_apps:
        if "result_compression" not in app.settings:
            continue
        from celery_backend_lint.model.serializers import effective

        for value in effective(app, "result_compression"):
            if isinstance(value, Literal) and isinstance(value.value, str) and value.value:
                yield from _check(model, app, value.value, value.origin)


def _check(model: Model, app: App, name: str, location: Location) -> Iterator[Finding]:
    from celery_backend_lint.findings.masking import mask
    from celery_backend_lint.model import facts
    from celery_backend_lint.model.backend_outcomes import stores_results
    from celery_backend_lint.model.backend_values import dotted
    from celery_backend_lint.model.compression import READ_SINCE, compresses, registers_own
    from celery_backend_lint.model.serializers import written_name

    version = app.declared.version
    kinds = stores_results(model, app)
    verdicts = {kind: compresses(kind, version) for kind in kinds}
    written = written_name(app, "result_compression")
    if not kinds or None in verdicts.values():
        return
    if not any(verdicts.values()):
        if version < READ_SINCE:
            message = f"{written} has no effect: no result backend of Celery {dotted(version)} reads it, and results"
        else:
            which = " or ".join(kinds)
            message = f"{written} has no effect: the {which} result backend does not compress, and results"
        yield RULE.finding(
            location,
            f"{message} are stored as they are",
            help="take it out, or use Celery 5.7 and a backend that compresses (Redis, MongoDB, files …)",
            app=app.name,
            severity=Severity.WARNING,
        )
        return
    known = facts.compressions(facts.kombu_of(version))
    if name in known or registers_own(model.project):
        return
    older = app.declared.oldest < READ_SINCE
    message = f"no compression {mask(name)!r} is known: the first use of the result backend raises ImproperlyConfigured"
    if older:
        message += f" with Celery {dotted(version)}; {dotted(app.declared.oldest)}, admitted too, ignores the setting"
    meant = _meant(name, known)
    yield RULE.finding(
        location,
        message,
        help=f'`{written} = "{meant or "gzip"}"`',
        app=app.name,
        severity=Severity.WARNING if older else None,
        propose=partial(_correct, model, location, meant) if meant is not None else None,
    )


def _meant(name: str, known: dict[str, Compression]) -> str | None:
    from celery_backend_lint.model import facts

    lowered = name.strip().lower()
    if lowered in known:
        return lowered
    names = [one for one in known if "/" not in one]
    return next(iter(facts.close_names(lowered, names, 1)), None)


def _correct(model: Model, location: Location, meant: str) -> Fix:
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.fixes.python.own_values import refuse_shared
    from celery_backend_lint.fixes.python.values import replace_string

    refuse_shared(model, model.apps, ("result_compression",), location)
    return Fix(f'Write "{meant}"', Applicability.SAFE, (replace_string(model, location, meant),))
