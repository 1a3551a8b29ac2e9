"""What sets the variable outside of the code: env files in use, deployment files. It is told, and never changed.

The configuration is made for the project as it will be once people have changed that: until then the value there would
make rules believe in the old backend.
"""

from __future__ import annotations

import re

from celery_backend_lint.fixes.configuration.misleading_names import misleads
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from celery_backend_lint.fixes.configuration.choices import Choices
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.project.discovery import Project


@record
class OtherURL:
    """A place that gives the variable another value. ``what`` is what its URL begins with, no more of it, or of which
    other variable it is.
    """

    location: Location
    what: str

    @property
    def where(self) -> str:
        """File and line, for messages."""
        return f"`{self.location.path}` line {self.location.line}"


def other_urls(model: Model, app: App, variable: str, choices: Choices) -> tuple[OtherURL, ...]:
    """The places that give ``variable`` a URL of another backend, by path and line: a URL that is there, or that of
    another variable, which is called for another backend (``CELERY_RESULT_BACKEND: ${REDIS_URL}``).
    """
    found = {}
    for location, value in _places(model, app, variable):
        if not value or is_test_path(location.path):
            continue
        other = re.fullmatch(r"\{(\w+)\}", value)
        if other is not None and other[1] != variable and misleads(other[1], choices):
            found[location.path, location.line] = OtherURL(location, f"what `{other[1]}` holds")
        elif not choices.fits(value):
            found[location.path, location.line] = OtherURL(location, value.partition(":")[0])
    return tuple(found[key] for key in sorted(found))


def _places(model: Model, app: App, variable: str) -> Iterator[tuple[Location, str]]:
    for file in model.env_files.in_use:
        if not model.env_files.concerns(file.path, (app.path,)):
            continue
        source = model.project.source(file.path)
        for entry in file.entries:
            if entry.key == variable and not entry.commented and entry.value and source is not None:
                yield type(app.location)(file.path, entry.value_span), entry.value
    for _, one in model.deployment.setting(variable):
        if one.text:
            yield one.location, one.text


def as_it_will_be(project: Project, places: Iterable[OtherURL], url: str) -> dict[str, bytes]:
    """The files with those places changed to ``url``, by path."""
    changed: dict[str, list[tuple[int, int]]] = {}
    for one in places:
        source = project.source(one.location.path)
        if source is not None and source.problem is None and source.utf8 == source.data:
            span = one.location.span
            start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
            changed.setdefault(one.location.path, []).append((start, end))
    files = {}
    for path, spans in changed.items():
        source = project.source(path)
        data = source.data if source is not None else b""
        for start, end in sorted(spans, reverse=True):
            written = data[start:end]
            quote = written[:1] if written[:1] in (b"'", b'"') and written[:1] == written[-1:] else b""
            data = data[:start] + quote + url.encode() + quote + data[end:]
        files[path] = data
    return files


def as_it_is(path: str, after: bytes, before: Mapping[str, bytes], assumed: Mapping[str, bytes]) -> bytes:
    """What was made of a file that was read with ``assumed``, with the lines that it had before in their place."""
    if path not in assumed:
        return after
    old, new = before[path].splitlines(keepends=True), assumed[path].splitlines(keepends=True)
    lines = {one: other for one, other in zip(new, old, strict=True) if one != other}
    return b"".join(lines.get(line, line) for line in after.splitlines(keepends=True))
