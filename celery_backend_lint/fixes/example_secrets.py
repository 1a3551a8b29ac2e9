"""Secrets in an example of the environment replaced by placeholders, wherever they stand in the file."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError, Edit
from celery_backend_lint.fixes.placeholders import placeholder, without_secrets
from celery_backend_lint.fixes.text_edits import readable, replace
from celery_backend_lint.model.secrets import credentials_in_urls, is_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.env_files import EnvFile
    from celery_backend_lint.syntax.dotenv import Entry

SHORTEST = 5
"""Characters that a secret has at least to be looked for elsewhere in the file."""


def replaced(model: Model, example: EnvFile, entry: Entry) -> list[Edit]:
    """Replace the secrets of an entry, and every repetition of them in the file, in comments too.

    Raises CannotFixError where the file cannot be read, or has a line that no reader takes.
    """
    source = readable(model.project, example.path)
    for line, message in example.bad_lines:
        raise CannotFixError(f"line {line} of `{example.path}` {message}: nothing is replaced there")
    span = entry.value_span
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    raw = source.utf8[start:end].decode()
    made = without_secrets(entry.key, raw)
    if made == raw or is_secret(entry.key, made):
        scheme, sign, _ = raw.partition("://")
        made = placeholder(entry.key, "", scheme + sign if sign and "\n" not in scheme else "")
    edits = [replace(source, start, end, made)]
    text = source.utf8
    for secret in sorted(set(_spellings(raw, made)), key=len, reverse=True):
        word = rb"(?<!\w)" + re.escape(secret.encode()) + rb"(?!\w)"
        for found in re.finditer(word, text):
            taken = [(source.offset(*_start(edit)), source.offset(*_end(edit))) for edit in edits]
            if all(found.end() <= first or last <= found.start() for first, last in taken):
                edits.append(replace(source, *found.span(), _other(entry.key, made)))
    return edits


def _spellings(raw: str, made: str) -> Iterator[str]:
    """The secrets of a value that ``made`` does not hold, as they may stand elsewhere: quoted for a URL or not."""
    from urllib.parse import quote, unquote

    secrets = [raw[url.start : url.end] for url in credentials_in_urls(raw)]
    for secret in secrets or ([raw] if "://" not in raw else []):
        for spelling in (secret, unquote(secret), quote(secret, safe="")):
            if len(spelling) >= SHORTEST and spelling not in made and "\n" not in spelling:
                yield spelling


def _other(key: str, made: str) -> str:
    """The placeholder that stands for the secret alone."""
    found = re.search(r"your_\w+_(?:password|token|key)_here", made)
    return found[0] if found is not None else f"your_{re.sub(r'[^a-z0-9]+', '_', key.lower())}_here"


def _start(edit: Edit) -> tuple[int, int]:
    return edit.location.span.line, edit.location.span.column


def _end(edit: Edit) -> tuple[int, int]:
    return edit.location.span.end_line, edit.location.span.end_column
