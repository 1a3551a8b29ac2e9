"""CBL206: the project creates a Celery app, and none of its manifests declares celery."""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.location import Location
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.manifests.declared import Manifest
    from celery_backend_lint.model.packages import Packages

RULE = Rule("CBL206", "celery-not-declared", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)

COMMENTED_OUT = r"(?mi)^[ \t]*#+[ \t]*[-\"']?[ \t]*celery(?:\[[^\]\n]*\])?[ \t]*(?:[=<>~!]=|[<>]|(?<=\]))"
"""A requirement of celery that is commented out, in any format of manifests."""


def check_celery_not_declared(model: Model) -> Iterator[Finding]:
    """The code creates a Celery app, and no manifest declares celery.

    ## What it does
    Looks for `celery` in every manifest and lock file of a project that creates a Celery app outside of tests and
    examples: by name, as an extra, or through a package that brings it (`flower`, anything with celery in its name).

    ## Why is this bad?
    The manifests do install what they list, so that a fresh install raises `ModuleNotFoundError: No module named
    'celery'` where the app is imported: in a Django project with `from .celery import app` that is everywhere. It goes
    unnoticed where celery happens to be installed. Without a declaration there is no version either: the tables of
    settings and ranges that other rules go by are those of the newest release.

    ## Example
    ```text
    django==5.2
    redis==6.4.0
    ```

    ## Use instead
    ```text
    django==5.2
    redis==6.4.0
    celery[redis]
    ```

    ## Fix safety
    Adding celery, with the extras that the app's broker and result backend need, is safe: without it nothing ran. It
    goes into the manifest that says most of how the app's folder is installed. Where redis-py is held at a release that
    no Celery of today goes with (`redis==4.3.4`), it has to be raised along, which the project's own code may not
    expect: that needs `--unsafe-fixes`.

    ## Known limits
    Silent without a manifest that lists what the project runs with, where a Dockerfile, a script or a pipeline installs
    celery by name, where something is installed that cannot be looked into, for a script that lists what it needs
    itself (`# /// script`), where the module catches the ImportError, or each import of the modules that need celery
    does, where a manifest has a requirement of celery commented out, where all that lists packages is that of a folder
    beside a Django app and has no Django, and where nothing lists more than a setup.py whose packages are not there.

    ## References
    - [Celery: installation](https://docs.celeryq.dev/en/stable/getting-started/introduction.html#installation)
    """
    if not model.manifests.manifests or model.manifests.all.requirements("celery"):
        return
    from celery_backend_lint.model.example_code import is_example_path
    from celery_backend_lint.model.optional_imports import is_optional
    from celery_backend_lint.model.packages import Packages

    for app in model.checked_apps:
        if is_example_path(app.path) or _does_without(model, app.path):
            continue
        packages = Packages(model, app)
        listing = [one for one in packages.set.manifests if _lists(one) and not _is_anothers(model, app, one)]
        if not listing or packages.gives(("celery",)) or packages.hides_something():
            continue
        if all(_installs_nothing(model, one) for one in listing):
            continue
        if _is_left_out(model, model.manifests.manifests.values()) or is_optional(model, "celery"):
            continue
        if any(one.provides == "celery" or _is_computed(one) for one in model.manifests.manifests.values()):
            continue
        needed = _needed(model, app)
        bounds, raised = _beside_redis(model, packages, needed)
        needed += bounds
        first = listing[0]
        yield RULE.finding(
            Location(first.path),
            f"{app.path} needs celery, which no manifest declares: on a fresh install importing it raises "
            "ModuleNotFoundError",
            help=f"add `{needed}` to what the project requires"
            + (
                f", and have it ask for `redis{raised}`: pip finds no Celery that works with the older one"
                if raised
                else ""
            ),
            app=app.name,
            related=(Related(app.location, "the app"),),
            propose=partial(_declare, model, needed, raised, app.path),
        )
        return


def _does_without(model: Model, path: str) -> bool:
    """Whether a module brings its own list of requirements (PEP 723), or takes celery only where it is installed."""
    source = model.project.source(path)
    text = source.text if source is not None else ""
    if re.search(r"(?m)^# /// script\s*$", text) is not None:
        return True
    imports = re.findall(r"(?m)^([ \t]*)(?:from|import)[ \t]+celery\b", text)
    guarded = re.search(r"except[^:\n]*\b(?:ImportError|ModuleNotFoundError)\b", text) is not None
    return guarded and bool(imports) and all(imports)


def _is_left_out(model: Model, manifests: Iterable[Manifest]) -> bool:
    """Whether one of the manifests has a requirement of celery behind a comment sign: it is known, and not wanted.

    The bare word may be the heading of what follows.
    """
    sources = (model.project.source(one.path) for one in manifests)
    return any(source is not None and re.search(COMMENTED_OUT, source.text) is not None for source in sources)


def _lists(manifest: Manifest) -> bool:
    """Whether a manifest says what the project runs with."""
    return any(one.kind in ("runtime", "lock") for one in manifest.requirements)


def _installs_nothing(model: Model, manifest: Manifest) -> bool:
    """Whether a setup.py is of packages that the repository does not have: pip refuses it, and nobody uses it."""
    source = model.project.source(manifest.path) if manifest.format == "setup.py" else None
    if source is None or "package_dir" in source.text:
        return False
    found = re.search(r"[\"']?\bpackages[\"']?\s*[=:]\s*\[([^\[\]()]*)\]", source.text)
    names = re.findall(r"[\"']([\w.]+)[\"']", found[1]) if found is not None else []
    folder = manifest.path.rpartition("/")[0]
    folders = [f"{folder}/{name.replace('.', '/')}/".lstrip("/") for name in names]
    return bool(folders) and not any(path.startswith(tuple(folders)) for path in model.project.paths())


def _is_anothers(model: Model, app: App, manifest: Manifest) -> bool:
    """Whether a manifest is that of a part beside a Django app, and has no Django: what it lists runs without the app.

    Something else installs Django, and celery may come the same way.
    """
    from celery_backend_lint.model.packages import folder_of

    folder = folder_of(manifest.path)
    source = model.project.source(app.path)
    if not folder or app.path.startswith(f"{folder}/") or source is None or b"django" not in source.data:
        return False
    return not any("django" in one.name for one in manifest.requirements) and not manifest.includes


def _is_computed(manifest: Manifest) -> bool:
    """Whether a package's own list of requirements is put together by code, or is not in the file."""
    packaged = manifest.format in ("setup.py", "setup.cfg") or (manifest.format == "pyproject" and manifest.provides)
    return bool(packaged) and not manifest.includes and not _lists(manifest)


def _needed(model: Model, app: App) -> str:
    """Celery with the extras for the app's broker and result backend."""
    from celery_backend_lint.model.backend_outcomes import backend_outcomes
    from celery_backend_lint.model.broker_outcomes import broker_outcomes
    from celery_backend_lint.model.broker_packages import broker_needs
    from celery_backend_lint.model.packages import backend_needs

    version = app.declared.version
    needs = [need for one in backend_outcomes(model, app) for need in backend_needs(one.kind, one.text, version)]
    needs += [need for one in broker_outcomes(model, app) for need, _ in broker_needs(one.transport, version)]
    extras = ",".join(sorted({need.extra for need in needs if need.extra}))
    return f"celery[{extras}]" if extras else "celery"


def _beside_redis(model: Model, packages: Packages, needed: str) -> tuple[str, str]:
    """The bounds of the new requirement beside a declared redis-py, and the range to raise that to, "" for none."""
    if "redis" not in needed or not packages.set.has("redis"):
        return "", ""
    from celery_backend_lint.model.redis_choice import celery_beside_redis

    return celery_beside_redis(model, packages.set)


def _declare(model: Model, needed: str, raised: str, near: str) -> Fix:
    from celery_backend_lint.findings.fix import CannotFixError, Fix
    from celery_backend_lint.fixes.manifests.changes import change_versions, new_requirement

    change = new_requirement(model.project, model.manifests, needed, near)
    if change is None:  # pragma: no cover - then there would be no finding
        raise CannotFixError(f"{needed} is declared")
    if not raised:
        return Fix(change.title, Applicability.SAFE, change.edits, change.note)
    redis = change_versions(model.manifests, model.project, "redis", raised, near)
    notes = "; ".join(dict.fromkeys(one for one in (change.note, redis.note) if one))
    return Fix(
        f"{change.title}; {redis.title[0].lower()}{redis.title[1:]}",
        Applicability.UNSAFE,
        (*change.edits, *redis.edits),
        notes,
    )
