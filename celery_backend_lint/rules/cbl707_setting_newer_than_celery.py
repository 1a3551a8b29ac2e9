"""CBL707: a setting that the project's Celery does not have yet."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.model import facts
from celery_backend_lint.model.backend_values import dotted, older_admitted
from celery_backend_lint.model.connection_facts import RELEASE_MAY_LACK
from celery_backend_lint.model.name_reads import read_names
from celery_backend_lint.model.names import is_below_four, newer_settings
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.names import NameUse

RULE = Rule("CBL707", "setting-newer-than-celery", Severity.WARNING, since="0.1.0")


def check_setting_newer_than_celery(model: Model) -> Iterator[Finding]:
    """A setting came with a later Celery than the one that the project gets.

    ## What it does
    Compares each setting with the releases that have it: a warning where the locked Celery, or the newest that the
    requirement admits, does not have it yet; advice where only an older one that is admitted lacks it.

    ## Why is this bad?
    Celery does not complain about a name that it does not know. What the setting was meant to do, a retry or a limit
    say, does not happen, and comes alive with some later upgrade.

    ## Example
    ```python
    # requirements.txt: celery==5.6.3
    result_failure_expires = 604800
    ```

    ## Use instead
    ```python
    # requirements.txt: celery==5.7.0
    result_failure_expires = 604800
    ```

    ## Known limits
    Silent where the project declares no Celery, or one before 4.0, for names that the project reads itself, in an `if`
    about a version, and where a comment says that it has no effect before the release that has it. Celery 4.4 is the
    oldest that is known. Of retries and health checks, which CBL603 and CBL607 ask for, it is not told that an older
    release lacks them. That a release has a setting does not mean that each backend reads it (CBL703).

    ## References
    - [Celery: Configuration and defaults](https://docs.celeryq.dev/en/stable/userguide/configuration.html)
    - `celery.app.defaults.NAMESPACES`, Celery 4.4 to 5.7
    """
    for app in model.checked_apps:
        declared = app.declared
        if not declared.text or is_below_four(declared):
            continue
        older = older_admitted(declared) if model.wants_advice else None
        found = list(newer_settings(model, app, older or declared.version))
        reads = read_names(model, (use.written for use in found))
        for use in found:
            if use.meaning.setting in RELEASE_MAY_LACK and _since(use) <= declared.version:
                continue
            if use.written not in reads:
                yield from _findings(model, app, use)


_FOR_REDIS = ("worker_disable_prefetch",)
"""Settings that a worker ignores, with a warning, whose broker is not Redis."""


def _has_another_broker(model: Model, app: App) -> bool:
    """Whether the broker is seen to be another than Redis, whatever variables say."""
    from celery_backend_lint.model.broker_outcomes import broker_outcomes
    from celery_backend_lint.model.redis_choice import REDIS

    found = broker_outcomes(model, app)
    return bool(found) and REDIS.isdisjoint(one.transport for one in found)


def _since(use: NameUse) -> tuple[int, ...]:
    return facts.setting_releases(use.meaning.setting)[0][0]


def _asks_for_the_version(model: Model, location: Location) -> bool:
    """Whether a setting stands in an ``if`` about Celery's version, or about whether it has the setting."""
    import re

    from celery_backend_lint.model.source_nodes import node_at
    from celery_backend_lint.syntax.python import text_of

    node = node_at(model.evaluator, location)
    while node is not None:
        condition = node.child_by_field_name("condition") if node.type == "if_statement" else None
        if condition is not None and re.search(r"(?i)version|hasattr", text_of(condition)) is not None:
            return True
        node = node.parent
    return False


def _is_known(model: Model, location: Location, since: tuple[int, ...]) -> bool:
    """Whether a comment at a setting says that nothing comes of it before the release that has it.

    One that only says which release it needs does not: that the project does not get this one is news.
    """
    import re

    source = model.project.source(location.path)
    lines = source.text.split("\n") if source is not None else []
    last = min(location.span.end_line, len(lines))
    above = lines[location.span.line - 2].strip() if location.span.line > 1 else ""
    comments = [above if above.startswith("#") else "", *(lines[location.span.line - 1 : last])]
    version = rf"\b{since[0]}\.{since[1]}(?:\.{since[2]})?\b(?!\.\d)"
    idle = (
        r"(?i)\b(?:before|until|below|older|ignore[sd]?|no effect|without effect|not (?:work|read|known|supported))\b"
    )
    said = [line.partition("#")[2] for line in comments]
    return any(re.search(version, one) is not None and re.search(idle, one) is not None for one in said)


def _findings(model: Model, app: App, use: NameUse) -> Iterator[Finding]:
    since, version = _since(use), app.declared.version
    if since > version:
        severity, what = Severity.WARNING, f"Celery {dotted(version)} ignores `{use.written}`"
    else:
        older = older_admitted(app.declared) or version
        severity, what = (
            Severity.ADVICE,
            f"Celery {dotted(older)}, which `{app.celery}` admits, ignores `{use.written}`",
        )
    manifest = next(iter(model.manifests.for_path(app.path).declares("celery")), None)
    remedy = f"require `celery>={dotted(since)}`, or remove it"
    if use.meaning.setting in _FOR_REDIS and _has_another_broker(model, app):
        remedy = "remove it: a later Celery heeds it with a Redis broker only"
    for location in use.locations:
        if _asks_for_the_version(model, location) or _is_known(model, location, since):
            continue
        yield RULE.finding(
            location,
            f"{what} without a word: there is none before {dotted(since)}",
            help=remedy,
            app=app.name,
            related=(Related(manifest.location, "celery is declared here"),) if manifest is not None else (),
            severity=severity,
        )
