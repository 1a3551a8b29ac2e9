"""Whether a project reads task results, as far as its text shows: for how much a lost backend matters."""

from __future__ import annotations

import re

from celery_backend_lint.location import Location, Span
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile

SIGNS = (b"AsyncResult", b"GroupResult", b"ResultSet", b"chord", b".delay(", b".apply_async(", b"send_task(")

READ = (
    r"(?:get|wait|join|ready|successful|failed|collect|forget|then)\s*\("
    r"|(?:result|status|state|info|traceback)\b(?!\s*=[^=])"
)


def result_use(project: Project) -> Location | None:
    """The first place, by path and line, outside of tests that reads a result or needs one (a chord); None for none."""
    for path in project.python_files_mentioning(SIGNS):
        source = project.source(path)
        if source is not None and not is_test_path(path):
            at = _first_use(source.text)
            if at is not None:
                return _place(source, at)
    return None


def _first_use(text: str) -> int | None:
    found = [
        re.search(
            r"^[^#\n]*?(?<!def )(?<!class )\b(?:AsyncResult|GroupResult|ResultSet|chord)\s*\(", text, re.MULTILINE
        ),
        re.search(rf"\.(?:delay|apply_async|send_task)\((?:[^()]|\([^()]*\))*\)\s*\.(?:{READ})", text),
    ]
    sent = re.finditer(r"^[ \t]*([A-Za-z_]\w*)[^=\n]*=[^=\n]*\.(?:delay|apply_async|send_task)\(", text, re.MULTILINE)
    found.extend(re.compile(rf"(?<![\w.]){call[1]}\.(?:{READ})").search(text, call.end()) for call in sent)
    return min((match.start() for match in found if match is not None), default=None)


def _place(source: SourceFile, at: int) -> Location:
    line = source.text.count("\n", 0, at) + 1
    return Location(source.path, Span(line, 1, line, 1))
