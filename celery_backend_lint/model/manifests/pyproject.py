"""pyproject.toml: PEP 621, dependency groups (PEP 735), Poetry, PDM, uv, Hatch, setuptools' dynamic files, Flit."""

from __future__ import annotations

from celery_backend_lint.model.manifests.declared import is_development, normalized
from celery_backend_lint.model.manifests.draft import Draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.manifests.declared import Kind, Manifest
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.toml import TomlDocument, TomlNode

_TABLES = (
    ("project",),
    ("dependency-groups",),
    ("tool", "poetry"),
    ("tool", "pdm"),
    ("tool", "uv"),
    ("tool", "rye"),
    ("tool", "pixi"),
    ("tool", "hatch", "envs"),
    ("tool", "hatch", "metadata"),
    ("tool", "setuptools", "dynamic"),
    ("tool", "flit", "metadata"),
)


def read(source: SourceFile) -> Manifest:
    """Read a pyproject.toml. Broken TOML is a problem of the file; what could be read counts all the same."""
    draft = Draft(source, "pyproject")
    root = parse_toml(draft, _TABLES).root
    tool = root.get("tool")
    if tool is not None:
        _uv_sources(draft, tool.get("uv", "sources"))
    project = root.get("project")
    if project is not None:
        _project(draft, project)
    _groups(draft, root.get("dependency-groups"))
    if tool is None:
        return draft.manifest()
    poetry = tool.get("poetry")
    if poetry is not None:
        from celery_backend_lint.model.manifests.poetry import read_poetry

        read_poetry(draft, poetry)
    _strings(draft, tool.get("uv", "dev-dependencies"), "development", "dev")
    _strings(draft, tool.get("uv", "constraint-dependencies"), "constraint", "")
    _strings(draft, tool.get("uv", "override-dependencies"), "constraint", "")
    _strings(draft, tool.get("rye", "dev-dependencies"), "development", "dev")
    for group, items in _pairs(tool.get("pdm", "dev-dependencies")):
        _strings(draft, items, "development", group)
    _pixi(draft, tool.get("pixi"))
    _hatch(draft, tool.get("hatch"))
    _setuptools(draft, tool.get("setuptools", "dynamic"))
    _flit(draft, tool.get("flit", "metadata"))
    return draft.manifest()


def parse_toml(draft: Draft, only: tuple[tuple[str, ...], ...] = ()) -> TomlDocument:
    """Parse a draft's file, its problem noted. A project template is read with its Jinja blocks blanked."""
    from celery_backend_lint.syntax.toml import parse

    utf8 = draft.source.utf8
    document = parse(utf8, only)
    if document.problem is None:
        return document
    if b"{%" in utf8 or b"{{" in utf8:
        blanked = parse(_without_jinja(utf8), only)
        if blanked.problem is None:
            return blanked
    starts = utf8.split(b"\n")
    line = min(document.problem.line, len(starts))
    start = sum(len(text) + 1 for text in starts[: line - 1])
    column = len(starts[line - 1].decode("utf-8", "replace")[: document.problem.column - 1].encode())
    at = min(start + column, len(utf8))
    draft.problem(document.problem.message, at, at, whole_file=True)
    return document


def _without_jinja(utf8: bytes) -> bytes:
    import re

    return re.sub(
        rb"\{%.*?%\}|\{#.*?#\}|(?m:^[ \t]*\{\{.*?\}\})",
        lambda found: re.sub(rb"[^\n]", b" ", found[0]),
        utf8,
        flags=re.DOTALL,
    )


def _project(draft: Draft, project: TomlNode) -> None:
    name = project.get("name")
    if name is not None and name.text:
        draft.provides = normalized(name.text)
    _strings(draft, project.get("dependencies"), "runtime", "")
    for extra, items in _pairs(project.get("optional-dependencies")):
        _strings(draft, items, "development" if is_development(extra) else "optional", extra)


def _groups(draft: Draft, groups: TomlNode | None) -> None:
    """PEP 735. What ``include-group`` takes in counts where it stands: each group is read on its own."""
    for group, items in _pairs(groups):
        _strings(draft, items, "development" if is_development(group) else "optional", group)


def _strings(draft: Draft, items: TomlNode | None, kind: Kind, group: str) -> None:
    for item in items.elements() if items else []:
        if item.text is not None:
            start, end = inside(draft, item)
            draft.requirement(item.text, start, end, kind, group)
        elif not isinstance(item.value, dict):
            draft.problem("a requirement must be a string", item.start, item.end)


def inside(draft: Draft, item: TomlNode) -> tuple[int, int]:
    """The byte range of a string without its quotes."""
    quotes = 3 if draft.source.utf8[item.start : item.start + 3] in (b'"""', b"'''") else 1
    return item.start + quotes, max(item.start + quotes, item.end - quotes)


def _pairs(table: TomlNode | None) -> list[tuple[str, TomlNode]]:
    return table.items() if table else []


def _uv_sources(draft: Draft, sources: TomlNode | None) -> None:
    for name, value in _pairs(sources):
        from celery_backend_lint.syntax.requirements import without_user

        for one in value.elements() if isinstance(value.value, list) else [value]:
            texts = {key: node.text for key, node in one.items() if node.text is not None}
            if "path" in texts:
                draft.local(texts["path"] or "")
            workspace = one.get("workspace")
            url = next((texts[key] for key in ("git", "url", "path") if texts.get(key)), "")
            if url or (workspace is not None and workspace.value is True):
                draft.sources[normalized(name)] = without_user(url) if url else "workspace"


def _pixi(draft: Draft, pixi: TomlNode | None) -> None:
    from celery_backend_lint.model.manifests.poetry import read_entry

    if pixi is None:
        return
    tables: list[tuple[TomlNode | None, Kind, str]] = [(pixi.get("pypi-dependencies"), "runtime", "")]
    tables.append((pixi.get("dependencies"), "runtime", ""))
    for feature, content in _pairs(pixi.get("feature")):
        kind: Kind = "development" if is_development(feature) else "optional"
        tables += [(content.get("pypi-dependencies"), kind, feature), (content.get("dependencies"), kind, feature)]
    for table, kind, group in tables:
        for name, value in _pairs(table):
            if name != "python":
                read_entry(draft, name, value, value.key_start, value.end, kind, group, {})


def _hatch(draft: Draft, hatch: TomlNode | None) -> None:
    if hatch is None:
        return
    for environment, content in _pairs(hatch.get("envs")):
        kind: Kind = "development" if environment == "default" or is_development(environment) else "optional"
        _strings(draft, content.get("dependencies"), kind, environment)
        _strings(draft, content.get("extra-dependencies"), kind, environment)
    hook = hatch.get("metadata", "hooks", "requirements_txt")
    if hook is not None:
        _files(draft, hook.get("files"), "runtime", "")
        _files(draft, hook.get("filename"), "runtime", "")
        for extra, files in _pairs(hook.get("optional-dependencies")):
            _files(draft, files, "development" if is_development(extra) else "optional", extra)


def _setuptools(draft: Draft, dynamic: TomlNode | None) -> None:
    if dynamic is None:
        return
    _files(draft, dynamic.get("dependencies", "file"), "runtime", "")
    for extra, content in _pairs(dynamic.get("optional-dependencies")):
        _files(draft, content.get("file"), "development" if is_development(extra) else "optional", extra)


def _files(draft: Draft, files: TomlNode | None, kind: Kind, group: str) -> None:
    if files is None:
        return
    for one in files.elements() if isinstance(files.value, list) else [files]:
        if one.text:
            draft.include(one.text, *inside(draft, one), kind, group)


def _flit(draft: Draft, metadata: TomlNode | None) -> None:
    if metadata is None:
        return
    _strings(draft, metadata.get("requires"), "runtime", "")
    _strings(draft, metadata.get("dev-requires"), "development", "dev")
    for extra, items in _pairs(metadata.get("requires-extra")):
        _strings(draft, items, "development" if is_development(extra) else "optional", extra)
