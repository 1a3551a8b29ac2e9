"""conda: environment.yml with its nested pip list, and ``conda list --export``."""

from __future__ import annotations

import re

from celery_backend_lint.model.manifests.draft import Draft
from celery_backend_lint.syntax.requirements import RequirementText, read_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.manifests.declared import Kind, Manifest
    from celery_backend_lint.project.source import SourceFile

_SPEC = re.compile(
    r"(?:[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_-]+)?::)?(?P<name>[A-Za-z0-9_][A-Za-z0-9._-]*)"
    r"(?:\[version=['\"]?(?P<bracket>[^'\"\]]*)['\"]?\]|\s*(?P<version>(?:[=<>!~]|(?<=\s)[0-9*])[^#]*))?\s*$"
)
PACKAGES = {"redis-py": "redis", "msgpack-python": "msgpack", "py-amqp": "amqp", "elasticsearch-py": "elasticsearch"}
"""Names that conda-forge gives to packages which the index knows by another."""


def read(source: SourceFile) -> Manifest:
    """Read an environment.yml. A YAML file of that name without ``dependencies`` declares nothing."""
    from celery_backend_lint.model.manifests.requirements import purpose
    from celery_backend_lint.syntax.yaml import parse

    draft = Draft(source, "conda")
    if b"dependencies" not in source.utf8:
        return draft.manifest()
    kind, group = purpose(source.path)
    documents = parse(source.utf8)
    if documents.problem_at is not None and b"{{" not in source.utf8 and b"{%" not in source.utf8:
        draft.problem("not readable as YAML", documents.problem_at, documents.problem_at, whole_file=True)
    for document in documents.documents:
        dependencies = document.get("dependencies")
        for item in dependencies.elements() if dependencies else []:
            if item.text is not None:
                _spec(draft, item.text, item.start, item.end, kind, group)
            nested = item.get("pip")
            for inner in nested.elements() if nested else []:
                if inner.text is not None:
                    _pip(draft, inner.text, inner.start, inner.end, kind, group)
    return draft.manifest()


def read_export(source: SourceFile, kind: Kind, group: str) -> Manifest:
    """Read what ``conda list --export`` wrote, often committed as requirements.txt: ``name=version=build``."""
    draft = Draft(source, "conda-export")
    for line in read_lines(source.utf8):
        if line.kind == "requirement":
            _spec(draft, line.text, line.start, line.end, kind, group)
    return draft.manifest()


def _pip(draft: Draft, text: str, start: int, end: int, kind: Kind, group: str) -> None:
    for line in read_lines(text.encode()):
        if line.kind in ("requirement", "editable"):
            draft.requirement(line.text, start, end, kind, group)
        elif line.kind in ("include", "constraint"):
            constraint = line.kind == "constraint"
            draft.include(line.text, start, end, "constraint" if constraint else kind, group, constraint=constraint)
        elif line.kind == "invalid":
            draft.problem(line.text, start, end)


def _spec(draft: Draft, text: str, start: int, end: int, kind: Kind, group: str) -> None:
    found = _SPEC.fullmatch(text.strip())
    if found is None:
        return  # conda's own grammar is wider; what it says of other packages is not needed
    version = (found["bracket"] or found["version"] or "").strip()
    name = PACKAGES.get(found["name"].lower(), found["name"])
    specifier = specifier_of(version)
    unclear = "" if specifier is not None else "its version cannot be read"
    draft.add(RequirementText(name, (), specifier or ""), start, end, kind, group, unclear=unclear)


def specifier_of(version: str) -> str | None:
    """A conda version as PEP 440: ``=5.3`` and ``5.3.*`` are prefixes, ``==5.3`` is exact, ``|`` is or, a build may
    follow. None when it cannot be read.
    """
    version = version.strip()
    if not version or version == "*":
        return ""
    built = re.fullmatch(r"(?:==?)?([0-9][A-Za-z0-9_.!]*)[= ][^=<>,| ]+", version)
    if built:
        return f"=={built[1]}"
    alternatives = []
    for alternative in version.split("|"):
        clauses = []
        for clause in alternative.split(","):
            found = re.fullmatch(
                r"\s*(==|>=|<=|!=|~=|=|<|>)?\s*([0-9]+(?:\.[0-9]+)*)((?:a|b|rc)[0-9]+)?(\.?\*)?\s*", clause
            )
            if found is None:
                return None
            operator, release, suffix, star = found.groups()
            if operator == "=" or (star and operator in (None, "==")):
                clauses.append(f"=={release}.*" if not suffix else f"=={release}{suffix}")
            elif star and operator == "!=":
                clauses.append(f"!={release}.*")
            elif operator is None:
                clauses.append(f"=={release}{suffix or ''}")
            else:
                clauses.append(f"{operator}{release}{suffix or ''}")
        alternatives.append(",".join(clauses))
    return "||".join(alternatives)
