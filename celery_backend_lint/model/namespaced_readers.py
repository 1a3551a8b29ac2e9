"""Who else loads Django's settings, under a namespace: an app that has none is then not the whole story."""

from __future__ import annotations

import re

from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.names import NameUse

_LOADED = rb"""\.config_from_object\(\s*(?:["']django\.conf:settings["']|settings)\s*,[^()]*\bnamespace\s*=\s*["']\w"""


def has_namespaced_reader(model: Model, app: App, use: NameUse) -> bool:
    """Whether a name in Django's settings that ``app`` loads without a namespace is loaded by another app under one.

    That is an app of this project with the same settings, or one of a class that is not known as Celery's, such as
    tenant-schemas-celery's ``CeleryApp``: which settings it has cannot be told.
    """
    if use.kind != "django" or app.namespace:
        return False
    places = set(use.locations)
    apps = [one for one in model.apps if not one.in_tests]
    for other in apps:
        if other.namespace and any(
            places.intersection(name.locations)
            for source in other.sources
            if source.kind == "django"
            for name in source.names
            if name.name == use.written
        ):
            return True
    known = {one.location.path for one in apps} | {source.location.path for one in apps for source in one.sources}
    for path in model.project.python_files_mentioning([b"config_from_object"]):
        if path in known or is_test_path(path):
            continue
        source = model.project.source(path)
        if source is not None and re.search(_LOADED, source.utf8):
            return True
    return False
