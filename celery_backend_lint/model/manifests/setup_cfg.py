"""setup.cfg: ``install_requires`` and the other lists of setuptools' ``[options]``."""

from __future__ import annotations

import re

from celery_backend_lint.model.manifests.declared import is_development, normalized
from celery_backend_lint.model.manifests.draft import Draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.manifests.declared import Kind, Manifest
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.ini import IniValue


def read(source: SourceFile) -> Manifest:
    """Read a setup.cfg; one that declares nothing is not even parsed."""
    draft = Draft(source, "setup.cfg")
    utf8 = source.utf8
    if b"[options" not in utf8 and b"requires" not in utf8:
        return draft.manifest()
    from celery_backend_lint.syntax.ini import parse

    document = parse(utf8)
    if document.problem is not None:
        lines = utf8.split(b"\n")
        start = sum(len(line) + 1 for line in lines[: document.problem.line - 1])
        end = start + len(lines[document.problem.line - 1]) if document.problem.line <= len(lines) else start
        draft.problem(f"not readable as INI: {document.problem.message}", start, end, whole_file=True)
    sections = document.sections
    metadata = sections.get("metadata", {})
    name = metadata.get("name")
    if name is not None and name.lines:
        draft.provides = normalized(name.lines[0].text)
    options = sections.get("options", {})
    _list(draft, options.get("install_requires"), "runtime", "")
    _list(draft, options.get("tests_require"), "development", "test")
    for key in ("requires-dist", "requires_dist"):  # d2to1 and pbr
        _list(draft, metadata.get(key), "runtime", "")
    for section in ("options.extras_require", "extras"):
        for extra, value in sections.get(section, {}).items():
            _list(draft, value, "development" if is_development(extra) else "optional", extra)
    return draft.manifest()


def _list(draft: Draft, value: IniValue | None, kind: Kind, group: str) -> None:
    for line in value.lines if value else ():
        if line.text.startswith("file:"):
            for target in line.text[len("file:") :].split(","):
                draft.include(target.strip(), line.start, line.end, kind, group)
            continue
        # setuptools splits at newlines where there are any, else at semicolons; a comment may follow
        text = re.sub(r"\s+#.*$", "", line.text)
        alone = value is not None and len(value.lines) == 1 and line.start > value.key_end
        single = alone and draft.source.utf8.find(b"\n", value.key_end, line.start) < 0 if value else False
        for part in text.split(";") if single and not _has_marker(text) else [text]:
            bare = part.strip().rstrip(",")
            if bare:
                draft.requirement(bare, line.start, line.start + len(text.encode()), kind, group)


def _has_marker(text: str) -> bool:
    return bool(re.search(r";\s*\(*\s*(?:python_|platform_|sys_platform|os_name|implementation_|extra\b|['\"])", text))
