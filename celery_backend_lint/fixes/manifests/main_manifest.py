"""The manifest that a project is installed by, for requirements that have no neighbour yet."""

from __future__ import annotations

import posixpath
import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.manifests import requirement_files
from celery_backend_lint.fixes.text_edits import readable
from celery_backend_lint.model.packages import folder_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model.manifests.declared import Manifest
    from celery_backend_lint.model.manifests.selection import ManifestSet
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.requirements import RequirementText

_GENERAL = r"(?:requirements|reqs|base|common|default|main|app|prod|production)\.(?:in|txt|pip)"
_ORDER = ("pyproject", "requirements", "pipfile", "setup.cfg", "setup.py", "conda")


def add_to_main(
    project: Project, held: ManifestSet, new: RequirementText, near: str
) -> tuple[Manifest, list[Edit], RequirementText]:
    """Add a requirement to the manifest that says most of how a file of the project is installed.

    Returns the manifest, the edits and what is written. Raises CannotFixError where no manifest can take it.
    """
    reasons: list[str] = []
    for manifest in sorted((one for one in held.manifests if _is_main(one)), key=lambda one: _rank(held, one, near)):
        try:
            edit, written = _add(project, manifest, new)
        except CannotFixError as error:
            reasons.append(str(error))
        else:
            return manifest, [edit], written
    raise CannotFixError(reasons[0] if reasons else "the project has no manifest that requirements could go into")


def _is_main(manifest: Manifest) -> bool:
    if manifest.format not in _ORDER or any(problem.whole_file for problem in manifest.problems):
        return False
    if manifest.format != "requirements":
        return True
    from celery_backend_lint.model.manifests.requirements import purpose

    return purpose(manifest.path) == ("runtime", "") or any(one.kind == "runtime" for one in manifest.requirements)


def _rank(held: ManifestSet, manifest: Manifest, near: str) -> tuple[int, bool, int, int, bool, str]:
    """Nearest first; a requirements file of a special purpose last, and of the others those that most files take in."""
    folder = folder_of(manifest.path)
    above = not folder or near.startswith(f"{folder}/")
    name = posixpath.basename(manifest.path)
    special = manifest.format == "requirements" and re.fullmatch(_GENERAL, name) is None
    taken_in = sum(include.path == manifest.path for one in held.manifests for include in one.includes)
    order = _ORDER.index(manifest.format)
    return (-len(folder) if above else 1, special, order, -taken_in, not name.endswith(".in"), manifest.path)


def _add(project: Project, manifest: Manifest, new: RequirementText) -> tuple[Edit, RequirementText]:
    from celery_backend_lint.fixes.manifests.changes import add_beside

    source = readable(project, manifest.path)
    requirement_files.refuse_generated(source, manifest)
    own = [one for one in manifest.requirements if one.kind == "runtime" and not one.group and not one.url]
    if own:
        return add_beside(source, manifest, own[-1], new)
    if manifest.format == "requirements":
        return requirement_files.append(project, manifest.path, new), new
    if manifest.format in ("pyproject", "pipfile"):
        edit = _into_empty(source, manifest, new)
        if edit is not None:
            return edit, new
    raise CannotFixError(f"`{manifest.path}` has no list of requirements that one could be added to")


def _into_empty(source: SourceFile, manifest: Manifest, new: RequirementText) -> Edit | None:
    """The first requirement of ``dependencies = []``, ``[tool.poetry.dependencies]`` or ``[packages]``."""
    from celery_backend_lint.fixes.manifests import toml_arrays, toml_tables
    from celery_backend_lint.syntax.toml import parse

    root = parse(source.utf8).root
    if manifest.format == "pipfile":
        table = root.get("packages")
        return toml_tables.into_empty(source, table, new) if table is not None else None
    array = root.get("project", "dependencies")
    if array is not None:
        return toml_arrays.into_empty(source, array, new)
    table = root.get("tool", "poetry", "dependencies")
    if table is not None:
        return toml_tables.into_empty(source, table, new)
    project = root.get("project")
    dynamic = project.get("dynamic") if project is not None else None
    if project is None or any(one.text == "dependencies" for one in (dynamic.elements() if dynamic else [])):
        return None
    return toml_tables.new_array(source, project, "dependencies", new)
