"""Requirements added to and changed in a project's manifests. This is what rules and commands call.

Nothing is written to the disk: edits are returned, and each changed manifest has been read again by then
(``proof``). Lock files are never changed; ``ManifestChange.note`` says what renews them.

Two requirements are two changes: make a fix of each, and the second goes in once the first is there.
"""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.manifests import pep508, proof, requirement_files
from celery_backend_lint.fixes.manifests.places import Place, places_of_celery
from celery_backend_lint.fixes.manifests.renewal import renewal, renewal_of
from celery_backend_lint.fixes.text_edits import readable
from celery_backend_lint.model.manifests.declared import normalized
from celery_backend_lint.model.manifests.selection import strictest
from celery_backend_lint.model.versions import admits
from celery_backend_lint.model.wanted_requirements import Wanted, goes_as_extra, stands_beside
from celery_backend_lint.record import record
from celery_backend_lint.syntax.requirements import parse_requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model.manifests.declared import Manifest, Requirement
    from celery_backend_lint.model.manifests.selection import Manifests, ManifestSet
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.requirements import RequirementText
    from celery_backend_lint.syntax.toml import TomlNode


@record
class ManifestChange:
    """What was done: ``title`` in the imperative (``Add redis>=4.5.2 to requirements.txt``), its ``edits``, the
    ``paths`` of the manifests, and in ``note`` what is left to do by hand (``""`` for nothing): lock files to renew.
    """

    title: str
    edits: tuple[Edit, ...]
    paths: tuple[str, ...]
    note: str = ""


def add_requirement(
    manifests: Manifests, project: Project, requirement: str | Wanted, near: str = ""
) -> ManifestChange | None:
    """Add a package to the manifests that declare celery for a file of the project (``near``, a path from the root).

    ``requirement`` is a name with extras and versions as PEP 508 has it (``redis>=4.5.2,<6.5``), without marker and
    URL; or a ``Wanted``, which may say that an extra of Celery brings the same: it is merged into the entry of celery
    where that asks for extras already. Where a manifest declares the package already, it stays as it is.

    Returns None where nothing is to be done. Raises CannotFixError, with the reason, where no manifest declares celery
    or where one is not to be changed by hand: then none is changed. See ``new_requirement`` for a project without
    celery.
    """
    needed = requirement if isinstance(requirement, Wanted) else Wanted(requirement)
    edits: list[Edit] = []
    paths: list[str] = []
    written: dict[str, None] = {}
    unpinned: list[str] = []
    for place in places_of_celery(manifests, near):
        manifest = place.manifest
        if goes_as_extra(needed, place.celery[0], manifest.format):
            made = _add_extra(project, place, needed.extra)
            written |= {f"celery[{needed.extra}]": None} if made else {}
        else:
            made = _add_line(project, place, stands_beside(needed, place.celery[0], manifest.format))
            written |= {stands_beside(needed, place.celery[0], manifest.format): None} if made else {}
            if made and manifest.format == "requirements" and requirement_files.all_pinned(manifest):
                unpinned.append(manifest.path)
        if made:
            edits += made
            paths.append(manifest.path)
    if not edits:
        return None
    title = f"Add {' and '.join(written)} to {' and '.join(dict.fromkeys(paths))}"
    return _change(project, manifests.for_path(near), title, edits, paths, unpinned)


def narrow_with_extra(
    manifests: Manifests, project: Project, extra: str, specifier: str, near: str = ""
) -> ManifestChange:
    """Have the declarations of celery for a file ask for an extra and for another range (PEP 440), both at once.

    Raises CannotFixError where one is not to be changed by hand, and where it is a key of a TOML table.
    """
    edits: list[Edit] = []
    paths: list[str] = []
    for place in places_of_celery(manifests, near):
        manifest = place.manifest
        source = _changeable(project, manifest)
        asked = _declarations(source, place)
        if any(one.url or one.unclear or one.name != "celery" for one in asked):
            raise CannotFixError(f"what `{manifest.path}` asks of celery cannot be told")
        if any(_is_in_table(source, manifest, one) for one in asked):
            raise CannotFixError(f"celery in `{manifest.path}` needs the extra and another range at once")
        changed = [edit for one in asked if (edit := pep508.add_extra(source, one, extra)) is not None]
        changed += [_change_specifier(source, manifest, one, specifier) for one in asked]
        gone = [proof.fact(one) for one in asked]
        clauses = frozenset(specifier.split(","))
        made = [(name, tuple(sorted({*extras, extra})), clauses, *rest) for name, extras, _, *rest in gone]
        proof.check(project, manifest, changed, gone, made, manifest.format)  # type: ignore[arg-type]
        edits += changed
        paths.append(manifest.path)
    title = f"Ask for celery[{extra}]{specifier} in {' and '.join(dict.fromkeys(paths))}"
    return _change(project, manifests.for_path(near), title, edits, paths, [])


def new_requirement(project: Project, manifests: Manifests, requirement: str, near: str = "") -> ManifestChange | None:
    """Add a package to the manifest that a file of the project is installed by, whatever that declares.

    For a project that does not declare celery yet. The manifest is the one nearest to ``near``, of the kind that says
    most: pyproject.toml, then requirements.in, requirements.txt, Pipfile, setup.cfg, setup.py, environment.yml.
    Returns None where it is declared already. Raises CannotFixError where there is no manifest, or none that can take
    it.
    """
    from celery_backend_lint.fixes.manifests.main_manifest import add_to_main

    new = _parsed(requirement)
    held = manifests.for_path(near)
    if any(one.kind == "runtime" for one in held.declares(normalized(new.name))):
        return None
    manifest, edits, written = add_to_main(project, held, new, near)
    proof.check(project, manifest, edits, [], [proof.made(written, "")], manifest.format)
    unpinned = [manifest.path] if requirement_files.all_pinned(manifest) and not new.specifier.startswith("==") else []
    return _change(project, held, f"Add {requirement} to {manifest.path}", edits, [manifest.path], unpinned)


def change_versions(
    manifests: Manifests, project: Project, package: str, specifier: str, near: str = ""
) -> ManifestChange:
    """Have every declaration of a package that admits nothing of a range (PEP 440) ask for that range.

    Declarations that admit something of it stay, markers and extras too. Raises CannotFixError where a lock file holds
    the package, which a tool has to renew, and where a declaration is not to be changed by hand.
    """
    from celery_backend_lint.model import facts

    held = manifests.for_path(near)
    declared = held.requirements(package)
    locks = [one for one in declared if one.kind == "lock"]
    releases = [version for version in facts.releases(package) if admits(specifier, version)]
    plain = [one for one in declared if one.kind != "lock"]
    counted = [one for path in dict.fromkeys(one.location.path for one in plain) for one in strictest(plain, path)]
    wrong = [one for one in counted if not any(admits(one.specifier, version) for version in releases)]
    if locks:
        what = f"write `{package}{specifier}` in `{wrong[0].location.path}`, then " if wrong else ""
        how = renewal_of(project, locks[0].location.path)
        raise CannotFixError(f"`{locks[0].location.path}` holds {package} and is written by a tool: {what}{how}")
    by_path: dict[str, list[Requirement]] = {}
    for one in wrong:
        if one.url or one.unclear:
            raise CannotFixError(f"the version of {package} in `{one.location.path}` cannot be told")
        by_path.setdefault(one.location.path, []).append(one)
    edits: list[Edit] = []
    unpinned: list[str] = []
    for path, found in by_path.items():
        manifest = manifests.manifests[path]
        source = _changeable(project, manifest)
        changed = [_change_specifier(source, manifest, one, specifier) for one in found]
        clauses = frozenset(specifier.split(","))
        gone = [proof.fact(one) for one in found]
        made = [(name, extras, clauses, marker, group) for name, extras, _, marker, group in gone]
        proof.check(project, manifest, changed, gone, made, manifest.format)
        edits += changed
        if manifest.format == "requirements" and requirement_files.all_pinned(manifest):
            unpinned.append(path)
    if not edits:
        raise CannotFixError(f"no declaration of {package} excludes {specifier}")
    title = f"Ask for {package}{specifier} in {' and '.join(by_path)}"
    return _change(project, held, title, edits, list(by_path), unpinned)


def _change(
    project: Project, held: ManifestSet, title: str, edits: list[Edit], paths: list[str], unpinned: list[str]
) -> ManifestChange:
    notes = [f"every other version in `{path}` is pinned: pin this one as well" for path in unpinned]
    renewed = renewal(project, held, paths)
    return ManifestChange(
        title, tuple(edits), tuple(dict.fromkeys(paths)), "; ".join([*notes, *([renewed] if renewed else [])])
    )


def _parsed(requirement: str) -> RequirementText:
    new = parse_requirement(requirement)
    if new is None or new.marker or new.url:
        raise ValueError(f"{requirement!r} is no requirement of name, extras and versions")
    return new


def _changeable(project: Project, manifest: Manifest) -> SourceFile:
    source = readable(project, manifest.path)
    if any(problem.whole_file for problem in manifest.problems):
        raise CannotFixError(f"`{manifest.path}` cannot be read as a whole, so it is not changed")
    requirement_files.refuse_generated(source, manifest)
    return source


def _root(source: SourceFile) -> TomlNode:
    from celery_backend_lint.syntax.toml import parse

    return parse(source.utf8).root


def _add_extra(project: Project, place: Place, extra: str) -> list[Edit]:
    manifest = place.manifest
    source = _changeable(project, manifest)
    asked = [one for one in _declarations(source, place) if extra not in one.extras]
    edits: list[Edit] = []
    for one in asked:
        if _is_in_table(source, manifest, one):
            from celery_backend_lint.fixes.manifests import toml_tables

            edit = toml_tables.add_extra(source, _root(source), one, extra)
        else:
            edit = pep508.add_extra(source, one, extra)
        edits += [edit] if edit is not None else []
    gone = [proof.fact(one) for one in asked]
    made = [(name, tuple(sorted((*extras, extra))), *rest) for name, extras, *rest in gone]
    if edits:
        proof.check(project, manifest, edits, gone, made, manifest.format)  # type: ignore[arg-type]
    return edits


def _declarations(source: SourceFile, place: Place) -> list[Requirement]:
    """The declarations of celery to go by: those in ``project.dependencies`` where Poetry's table adds to them."""
    in_arrays = [one for one in place.celery if not _is_in_table(source, place.manifest, one)]
    return in_arrays or list(place.celery)


def _is_in_table(source: SourceFile, manifest: Manifest, requirement: Requirement) -> bool:
    """Whether a requirement is a key of a TOML table."""
    if manifest.format == "pipfile":
        return True
    if manifest.format != "pyproject":
        return False
    from celery_backend_lint.fixes.manifests import toml_arrays

    return toml_arrays.array_of(source, _root(source), requirement) is None


def _add_line(project: Project, place: Place, requirement: str) -> list[Edit]:
    new = _parsed(requirement)
    manifest = place.manifest
    source = _changeable(project, manifest)
    anchor = _declarations(source, place)[-1]
    name = normalized(new.name)
    own = [one for one in manifest.requirements if one.name == name and one.group == anchor.group and not one.marker]
    if own:  # a pin of kombu takes the extra, and stays as it is without one
        return [edit for extra in new.extras for edit in _add_extra(project, Place(manifest, tuple(own)), extra)]
    edit, written = add_beside(source, manifest, anchor, new)
    proof.check(project, manifest, [edit], [], [proof.made(written, anchor.group)], manifest.format)
    return [edit]


def add_beside(
    source: SourceFile, manifest: Manifest, anchor: Requirement, new: RequirementText
) -> tuple[Edit, RequirementText]:
    """Put a requirement into the list that another one stands in, in the manner of its format.

    Returns the edit and what is written. Raises CannotFixError where that is not understood.
    """
    if manifest.format == "pyproject":
        from celery_backend_lint.fixes.manifests import toml_arrays

        found = toml_arrays.array_of(source, _root(source), anchor)
        if found is not None:
            return toml_arrays.add(source, *found, new), new
    if manifest.format in ("pyproject", "pipfile"):
        from celery_backend_lint.fixes.manifests import toml_tables

        return toml_tables.add(source, _root(source), anchor, new), new
    if manifest.format == "setup.cfg":
        from celery_backend_lint.fixes.manifests import setup_cfg

        return setup_cfg.add(source, anchor, new), new
    if manifest.format == "setup.py":
        from celery_backend_lint.fixes.manifests import setup_py

        return setup_py.add(source, anchor, new), new
    if manifest.format == "conda":
        from celery_backend_lint.fixes.manifests import conda

        return conda.add(source, anchor, new)
    return requirement_files.add(source, anchor, new), new


def _change_specifier(source: SourceFile, manifest: Manifest, requirement: Requirement, specifier: str) -> Edit:
    if _is_in_table(source, manifest, requirement):
        from celery_backend_lint.fixes.manifests import toml_tables

        return toml_tables.change_specifier(source, _root(source), requirement, specifier)
    if manifest.format == "setup.py":
        from celery_backend_lint.fixes.manifests import setup_py

        setup_py.literal(source, requirement)
    elif manifest.format == "conda":
        from celery_backend_lint.fixes.manifests import conda

        return conda.change_specifier(source, requirement, specifier)
    return pep508.change_specifier(source, requirement, specifier)
