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
    problem = broken(path, before, after)
    old = read_manifest(SourceFile("", path, before), format) if before is not None else None
    new = read_manifest(SourceFile("", path, after), format)
    was = Counter(map(fact, old.requirements)) if old is not None else Counter[Fact]()
    now = Counter(map(fact, new.requirements))
    problems = len(old.problems) if old is not None else 0
    if problem or len(new.problems) > problems or was - now != Counter(gone) or now - was != Counter(come):
        raise CannotFixError(f"`{path}` is laid out in a way that is not changed safely")
