"""Django settings that each machine has a module of its own for, made after an example or named and kept out of git."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import stars
from celery_backend_lint.evaluate.django.settings import NAMED, starters
from celery_backend_lint.model.configuration_chain import chain
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import FROM_MODULE, without_blanks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

_EXAMPLE = r"(?i)(?:.*[._-])?(?:examples?|samples?|templates?|tmpl|dist|skel(?:eton)?)(?:[._-].*)?"
"""How a file is called that is copied and filled in: ``example_settings.py``, ``local_settings.py.dist``."""

_STAR = rb"(?m)^" + FROM_MODULE + rb"[ \t]*\*"


def may_be_replaced(model: Model, app: App) -> bool:
    """Whether the settings that an app is seen to have are what other settings, not in the repository, begin with.

    Only Django's, which a variable chooses: they are where an example of settings star-imports them, and where what
    starts Django names a module that is not there and that git is told to ignore.
    """
    if all(source.kind != "django" for source in app.sources):
        return False
    return _has_example(model, set(chain(model, app))) or any(_ignored_modules(model, app))


def _has_example(model: Model, paths: set[str]) -> bool:
    for path in model.project.paths():
        name = path.rpartition("/")[2]
        if ".py" not in name or path in paths or is_test_path(path) or re.fullmatch(_EXAMPLE, name) is None:
            continue
        file = model.evaluator.modules.file(path)
        if file is not None:
            targets = (stars.star_target(model.evaluator, file.scope, star) for star in file.scope.stars)
            if any(target is not None and target.file.path in paths for target in targets):
                return True
        elif any(found in paths for found in _starred(model, path)):
            return True
    return False


def _starred(model: Model, path: str) -> Iterator[str]:
    """The modules that a file star-imports which is Python but for its name's ending."""
    source = model.project.source(path)
    for module in re.findall(_STAR, source.utf8) if source is not None else ():
        modules, dotted = model.evaluator.modules, without_blanks(module.decode("utf-8", "replace"))
        name = dotted.lstrip(".")
        level = len(dotted) - len(name)
        found = modules.find_relative(level, name, path) if level else modules.find(name, path)
        if found is not None:
            yield found


def _ignored_modules(model: Model, app: App) -> Iterator[str]:
    """The files that modules named by manage.py and its like would be, which git ignores."""
    for path in starters(model.evaluator, app.path):
        source = model.project.source(path)
        for name in re.findall(NAMED, source.utf8) if source is not None else ():
            dotted = name.decode()
            if model.evaluator.modules.find(dotted, path) is None:
                folder = path.rpartition("/")[0]
                stem = dotted.replace(".", "/")
                yield from model.project.ignored({f"{stem}.py", f"{folder}/{stem}.py" if folder else f"{stem}.py"})
