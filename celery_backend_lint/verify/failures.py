"""Why a project's app could not be loaded, in the user's terms, and what to do."""

from __future__ import annotations

import os
import re

from celery_backend_lint.location import Location, Span
from celery_backend_lint.verify.readers_of_files import unset_variables
from celery_backend_lint.verify.results import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


def not_made(app: App, module: str, root: str) -> Failure:
    """Importing the module of an app did not create it."""
    if module == "celery":
        package = os.path.basename(os.path.dirname(os.path.realpath(os.path.join(root, app.path)))) or "package"
        return Failure(
            "the module celery is the library of that name, not this file",
            f"name it by its folder, with -A {package}.celery from the folder above, or call the file otherwise",
            app.location,
        )
    return Failure(
        "importing the module does not create the app",
        "it is created by a function: name the module that calls it with -A, as for `celery -A`",
        app.location,
    )


def import_failure(model: Model | None, error: Mapping[str, Any], reply: Mapping[str, Any], root: str) -> Failure:
    """An error of the probe in the user's terms."""
    text = f"{error['type']}: {error['text']}" if error["text"] else error["type"]
    place = error["place"]
    location = None
    if place is not None and os.path.realpath(place["path"]).startswith(os.path.realpath(root) + os.sep):
        path = os.path.relpath(os.path.realpath(place["path"]), os.path.realpath(root)).replace(os.sep, "/")
        location = Location(path, Span(place["line"], 1, place["line"], 1))
    if error["stage"] == "celery" and "partially initialized module 'celery'" in error["text"]:
        return Failure(
            f"a file called celery hides the library of that name: {text}",
            "call it otherwise, or take its folder off PYTHONPATH and name it by its package, with -A PACKAGE.celery",
            location,
            reply.get("output", ""),
        )
    if error["stage"] == "celery":
        return Failure(
            f"Celery cannot be imported there: {text}",
            "install it there, or name the project's own interpreter with --python",
        )
    unset = sorted(
        {name for app in (model.checked_apps if model is not None else ()) for name in unset_variables(app, {})}
    )
    if error["type"] in ("ModuleNotFoundError", "ImportError"):
        advice = "install what the project needs there, or name its own interpreter with --python"
    elif "DJANGO_SETTINGS_MODULE" in error["text"]:
        advice = "set DJANGO_SETTINGS_MODULE as the worker's environment does"
    elif any(re.search(rf"\b{re.escape(name)}\b", error["text"]) for name in unset) or error["type"] == "KeyError":
        advice = "set the variables that the project needs, as the worker's environment does"
    else:
        advice = "the project's own code fails here: run it as the worker is run, with the same environment"
    return Failure(f"the project cannot be imported: {text}", advice, location, reply.get("output", ""))
