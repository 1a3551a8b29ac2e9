"""The results of an app put into another database of the same Redis (CBL114)."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.fixes.python.own_values import refuse_shared
from celery_backend_lint.fixes.text_edits import readable, replace
from celery_backend_lint.fixes.written_text import rewritten
from celery_backend_lint.model.redis_databases import free_number, redis_databases
from celery_backend_lint.model.urls import split, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.redis_databases import RedisDatabase


def use_database(model: Model, results: RedisDatabase, number: int | None) -> Fix:
    """Write the number of a database that nothing else of the project uses at the end of the result backend's URL.

    Raises CannotFixError where the URL is not written in one place, where the broker shares it, and where no number is
    free.
    """
    location = results.value.origin
    if number is None:
        raise CannotFixError(f"no number is free for the results of `{location.path}`")
    text = text_of(results.value) or ""
    better = with_database(text, number)
    if results.number is None or not better:
        raise CannotFixError(f"the number of the database in `{location.path}` comes from the environment")
    brokers = (one for app in model.checked_apps for one in redis_databases(app, "broker_url"))
    if results.unset and any(one.unset == results.unset for one in brokers):
        raise CannotFixError(f"`{results.unset}` is the broker's URL as well: the results need a variable of their own")
    refuse_shared(model, model.checked_apps, ("result_backend",), location)
    edits = (rewritten(model, location, text, better), *_shown(model, results.unset, text, better))
    return Fix(f"Keep results in database {number}; those in the old one stay there", Applicability.UNSAFE, edits)


def _shown(model: Model, variable: str, text: str, better: str) -> Iterator[Edit]:
    """The edits of the examples that show the old default of ``variable``: copied, they would bring it back."""
    for example in model.env_files.examples if variable else ():
        for entry in example.entries:
            if (entry.key, entry.value) != (variable, text):
                continue
            source = readable(model.project, example.path)
            span = entry.value_span
            start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
            if source.utf8[start:end] == text.encode():
                yield replace(source, start, end, better)


def apart_from_broker(model: Model, app: App, url: str) -> str:
    """The URL of an app's result backend with a database of its own, where the broker has the same one today."""
    brokers = [*redis_databases(app, "broker_url")]
    for results in redis_databases(app, "result_backend"):
        if text_of(results.value) == url and any(one.is_same(results) for one in brokers):
            number = free_number(model.checked_apps, results.server)
            return (with_database(url, number) or url) if number is not None else url
    return url


def with_database(text: str, number: int) -> str:
    """A URL with the number of a database at the end of its path; "" where the text is none."""
    url = split(text)
    if url is None:
        return ""
    end = len(text) if url.query is None else url.query.start - 1
    start = url.path.start - 1 if url.path is not None else end
    return f"{text[:start]}/{number}{text[end:]}"
