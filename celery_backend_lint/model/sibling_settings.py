"""Django settings beside those that an app is read with: other values of ``DJANGO_SETTINGS_MODULE`` name them.

``conf/dev.py`` and ``conf/prod.py`` beside ``conf/local.py``: modules of one folder that star-import the same base.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.stars import star_target
from celery_backend_lint.model.app import Assignment
from celery_backend_lint.model.credentials import credentials_of, holds_credentials
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.model.names import meaning
from celery_backend_lint.model.process_environment import is_for_tests
from celery_backend_lint.model.unloaded_configuration import loaded_paths
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.credentials import HeldCredential

NEEDLES = (b"BROKER_URL", b"RESULT_BACKEND")
"""What stands in settings that say what Celery connects with."""


def sibling_credentials(model: Model, app: App) -> Iterator[HeldCredential]:
    """The credentials of Celery's connections in the settings beside an app's own; stand-ins are left out."""
    for file in _siblings(model, app):
        for name, bindings in file.scope.bindings.items():
            setting = meaning(name, app.declared.version, app.namespace).setting
            if not setting or not holds_credentials(setting, app) or bindings[-1].kind != "assign":
                continue
            value = model.evaluator.read(file.scope, name, None)
            if value is None or value.origin.path != file.path:
                continue
            location = model.evaluator.location(bindings[-1].target, file.scope)
            for found in credentials_of(model, Assignment(setting, name, value, location, "django")):
                if not found.stand_in:
                    yield found


def _siblings(model: Model, app: App) -> Iterator[ModuleFile]:
    """The modules in the folders of an app's Django settings that build on the same base, and that no app reads."""
    ev = model.evaluator
    own = [ev.modules.file(source.path) for source in app.sources if source.kind == "django"]
    ours = [file for file in own if file is not None]
    bases = {file.path for file in ours}.union(*(_star_imported(model, file) for file in ours))
    folders = {file.folder for file in ours}
    read = loaded_paths(model) if ours else frozenset()
    near = [path for path in model.project.paths() if path.endswith(".py") and path.rpartition("/")[0] in folders]
    for path in near if ours else ():
        if path in read or path in bases or is_test_path(path) or is_for_tests(path) or is_example_path(path):
            continue
        file = ev.modules.file(path) if model.project.mentions(path, NEEDLES) else None
        if file is not None and not bases.isdisjoint(_star_imported(model, file)):
            yield file


def _star_imported(model: Model, file: ModuleFile) -> set[str]:
    targets = [star_target(model.evaluator, file.scope, star) for star in file.scope.stars if star.kind == "star"]
    return {target.file.path for target in targets if target is not None}
