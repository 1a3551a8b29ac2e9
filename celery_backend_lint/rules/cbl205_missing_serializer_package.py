"""CBL205: a serializer or compression whose package is declared nowhere."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.wanted_requirements import Wanted

RULE = Rule("CBL205", "missing-serializer-package", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

_SETTINGS = ("result_serializer", "task_serializer", "result_compression", "task_compression")
_ZSTD_OF_PYTHON: Version = (3, 14)


def check_missing_serializer_package(model: Model) -> Iterator[Finding]:
    """The package that a serializer or a compression needs is declared in no manifest.

    ## What it does
    Looks up which package kombu imports for `yaml` and `msgpack` as `result_serializer` or `task_serializer`, and for
    `brotli` and `zstd` as `task_compression` or, from Celery 5.7 on, `result_compression`; and whether the manifests
    and lock files bring it.

    ## Why is this bad?
    Without PyYAML the first use of the result backend raises `KeyError: 'yaml'`, and sending a task
    `SerializerNotInstalled`, as both do without msgpack. A compression that is not installed raises `KeyError` when a
    task is sent, and `ImproperlyConfigured` in the result backend. kombu 5.7 imports `backports.zstd` (or Python 3.14's
    own module) for zstd, and no longer `zstandard`, which is what `celery[zstd]` installs.

    ## Example
    ```python
    result_serializer = "yaml"
    ```
    ```text
    celery==5.6.2
    ```

    ## Use instead
    ```text
    celery[yaml]==5.6.2
    ```

    ## Fix safety
    Adding a missing requirement where celery is declared is safe.

    ## Known limits
    Any package may bring these along: without a lock file it is only said where all that is declared is known not to.
    Naming a serializer in `accept_content` alone needs no package. What single tasks ask for is not looked at.

    ## References
    - [Celery: serializers](https://docs.celeryq.dev/en/stable/userguide/calling.html#serializers)
    - [Celery: compression](https://docs.celeryq.dev/en/stable/userguide/calling.html#compression)
    """
    for app in model.checked_apps if model.manifests.manifests else ():
        told: set[str] = set()
        for setting in _SETTINGS:
            if setting in app.settings:
                yield from _check(model, app, setting, told)


def _check(model: Model, app: App, setting: str, told: set[str]) -> Iterator[Finding]:
    from celery_backend_lint.model.serializers import effective

    for value in effective(app, setting):
        name = value.value if isinstance(value, Literal) else None
        if isinstance(name, str) and name in _CANDIDATES and name not in told:
            needs = _needs(model, app, setting, name)
            if needs and _is_missing(model, app, needs):
                told.add(name)
                yield _finding(model, app, setting, name, value.origin, needs)


_CANDIDATES = frozenset({"yaml", "msgpack", "brotli", "zstd", "zstandard", "application/x-brotli", "application/zstd"})


def _needs(model: Model, app: App, setting: str, name: str) -> tuple[str, ...]:
    """The distributions of which one is needed whichever kombu gets installed; empty where that is not sure."""
    from celery_backend_lint.model import facts
    from celery_backend_lint.model.backend_outcomes import stores_results
    from celery_backend_lint.model.compression import compresses
    from celery_backend_lint.model.fresh_install import kombus
    from celery_backend_lint.model.project_python import pythons

    if setting == "result_compression":
        kinds = stores_results(model, app)
        if not kinds or not all(compresses(kind, app.declared.version) for kind in kinds):
            return ()
    found: set[tuple[str, ...]] = set()
    manifests = model.manifests.for_path(app.path)
    for kombu in kombus(model.project, manifests, app.declared.version):
        if setting.endswith("serializer"):
            known = facts.serializers(kombu).get(name)
            packages = known.packages if known is not None else ()
        else:
            method = facts.compressions(kombu).get(name)
            packages = method.packages if method is not None else ()
        if "backports.zstd" in packages and any(one >= _ZSTD_OF_PYTHON for one in pythons(model.project, manifests)):
            packages = ()
        found.add(packages)
    return next(iter(found)) if len(found) == 1 else ()


def _is_missing(model: Model, app: App, needs: tuple[str, ...]) -> bool:
    from celery_backend_lint.model.manifests.declared import normalized
    from celery_backend_lint.model.packages import Packages

    everything = Packages(model, app)
    if everything.manifest_of_celery() is None or everything.gives(map(normalized, needs)):
        return False
    return Packages(model, app, development=False).surely_lack(needs)


def _finding(model: Model, app: App, setting: str, name: str, location: Location, needs: tuple[str, ...]) -> Finding:
    from celery_backend_lint.model.packages import Packages
    from celery_backend_lint.model.serializers import written_name
    from celery_backend_lint.model.wanted_requirements import described, wanted

    packages = Packages(model, app)
    celery = packages.manifest_of_celery()
    assert celery is not None  # noqa: S101 - asked before
    extra = {"zstandard": "zstd", "pyyaml": "yaml"}.get(needs[0], needs[0])
    needed = wanted(packages.set, needs[0], extra, app.declared.version)
    path = celery.location.path
    declaring = model.manifests.manifests.get(path)
    what = described(needed, celery, declaring.format if declaring is not None else "")
    return RULE.finding(
        location,
        f"{written_name(app, setting)} {name!r} needs {' or '.join(needs)}, which no manifest declares: on a fresh "
        f"install {_effect(setting, name)}",
        help=f"add `{what}` to {path}",
        app=app.name,
        related=(Related(celery.location, f"{celery.name} is declared here"),),
        propose=partial(_declare, model, needed, app.path),
    )


def _effect(setting: str, name: str) -> str:
    if setting == "task_serializer":
        return "sending a task raises SerializerNotInstalled"
    if setting == "task_compression":
        return "sending a task raises KeyError"
    if setting == "result_compression":
        return "the first use of the result backend raises ImproperlyConfigured"
    error = "KeyError" if name == "yaml" else "SerializerNotInstalled"
    return f"the first use of the result backend raises {error}"


def _declare(model: Model, needed: Wanted, near: str) -> Fix:
    from celery_backend_lint.findings.fix import CannotFixError, Fix
    from celery_backend_lint.fixes.manifests.changes import add_requirement

    change = add_requirement(model.manifests, model.project, needed, near)
    if change is None:  # pragma: no cover - then there would be no finding
        raise CannotFixError(f"{needed.requirement} is declared")
    return Fix(change.title, Applicability.SAFE, change.edits, change.note)
