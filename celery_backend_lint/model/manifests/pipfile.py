"""Pipfile: TOML with ``[packages]``, ``[dev-packages]`` and categories of one's own."""

from __future__ import annotations

from celery_backend_lint.model.manifests.declared import is_development
from celery_backend_lint.model.manifests.draft import Draft
from celery_backend_lint.model.manifests.poetry import read_entry
from celery_backend_lint.model.manifests.pyproject import parse_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.manifests.declared import Kind, Manifest
    from celery_backend_lint.project.source import SourceFile

_OTHER = ("source", "requires", "pipenv", "scripts", "pipfile")


def read(source: SourceFile) -> Manifest:
    """Read a Pipfile."""
    draft = Draft(source, "pipfile")
    for section, table in parse_toml(draft).root.items():
        if section in _OTHER:
            continue
        kind: Kind = "optional"
        if section == "packages":
            kind = "runtime"
        elif is_development(section):
            kind = "development"
        for name, value in table.items():
            group = "" if kind == "runtime" else section
            read_entry(draft, name, value, value.key_start, value.end, kind, group, {})
    return draft.manifest()
