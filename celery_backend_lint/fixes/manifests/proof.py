"""A changed manifest read again: it must declare what it declared, but for what was meant. Else nothing is changed."""

from __future__ import annotations

from collections import Counter

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.fixes.composition import compose
from celery_backend_lint.fixes.soundness import broken
from celery_backend_lint.model.manifests.collect import read_manifest
from celery_backend_lint.model.manifests.declared import normalized
from celery_backend_lint.project.source import SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model.manifests.declared import Manifest, Requirement
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.syntax.requirements import RequirementText

    Fact: TypeAlias = "tuple[str, tuple[str, ...], frozenset[str], str, str]"


def fact(requirement: Requirement) -> Fact:
    """What a requirement says, wherever it stands."""
    clauses = frozenset(requirement.specifier.split(",")) - {""}
    return requirement.name, tuple(sorted(requirement.extras)), clauses, requirement.marker, requirement.group


def made(new: RequirementText, group: str) -> Fact:
    """What a requirement that is added to a group will say."""
    extras = tuple(sorted(map(normalized, new.extras)))
    return normalized(new.name), extras, frozenset(new.specifier.split(",")) - {""}, "", group


def check(
    project: Project, manifest: Manifest, edits: list[Edit], gone: list[Fact], come: list[Fact], format: str
) -> None:
    """Raise CannotFixError where ``edits`` of one manifest change anything but requirements: ``gone`` to ``come``."""
    path = manifest.path
    source = project.source(path)
    after = compose(project, [Fix("", Applicability.SAFE, tuple(edits))])[path]
    before = source.data if source is not None else None
    old = _read(path, before, format)
    new = _read(path, after, format)
    was, now = Counter(map(fact, old.requirements)), Counter(map(fact, new.requirements))
    if format == "setup.py":  # a list that has a name may serve install_requires and extras at once
        was, now, left, right = _once(was), _once(now), _once(gone), _once(come)
    else:
        left, right = Counter(gone), Counter(come)
    sound = not broken(path, before, after) and len(new.problems) <= len(old.problems)
    if not sound or was - now != left or now - was != right:
        raise CannotFixError(f"`{path}` is laid out in a way that is not changed safely")


def _read(path: str, data: bytes | None, format: str) -> Manifest:
    return read_manifest(SourceFile("", path, data or b""), format)


def _once(facts: Iterable[Fact]) -> Counter[Fact]:
    """Each fact once, whatever group it is in."""
    return Counter({(*one[:4], "") for one in facts})
