"""Settings of a machine's own that go over what is written: a module that the configuration imports and git has not."""

from __future__ import annotations

from celery_backend_lint.evaluate.stars import is_local_override
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import module_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node


def local_overrides(model: Model, app: App) -> Iterator[str]:
    """What to remember of each module that may give the app's result backend another value on some machine.

    It is star-imported after the setting is written, where it is there (``try``), and it is not in the tree: because
    git ignores it, or because nobody has added it. Other packages that may be missing are not meant.
    """
    setting = app.settings.get("result_backend")
    written = {one.location.path: one.location for one in reversed(setting.assignments)} if setting is not None else {}
    paths = dict.fromkeys(written)
    for source in app.sources:
        paths[source.path] = None
        paths.update((place.path, None) for name in source.names for place in name.locations)
    for path in paths:
        file = model.evaluator.modules.file(path)
        own = written.get(path)
        if file is None:
            continue
        for star in file.scope.stars:
            module = star.node.child_by_field_name("module_name")
            is_before = own is not None and star.node.start_point[0] + 1 < own.line
            if module is None or is_before or not is_local_override(model.evaluator, file.scope, star):
                continue
            found = _described(model, path, module)
            if found:
                yield f"`{path}` line {star.node.start_point[0] + 1} imports {found}: what it sets goes over this"


def _described(model: Model, path: str, module: Node) -> str:
    """The module's name, and why it is not in the tree; ``""`` where it is a package of others."""
    name = module_name(module)
    dotted = name.lstrip(".")
    folder = path.rpartition("/")[0]
    for _ in range(len(name) - len(dotted) - 1):
        folder = folder.rpartition("/")[0]
    roots = [folder] if name != dotted else [folder, folder.rpartition("/")[0], ""]
    tail = f"{dotted.replace('.', '/')}.py"
    places = list(dict.fromkeys(f"{root}/{tail}" if root else tail for root in roots))
    ignored = model.project.ignored(places) if model.project.is_git else frozenset()
    for place in places:
        if place in ignored:
            return f"`{place}` where it is there, which git ignores"
    for place in places:
        if model.project.on_disk(place):
            return f"`{place}`, which git has not"
    if is_test_path(places[0]) or dotted.startswith("test") or (name == dotted and "local" not in dotted):
        return ""
    return f"`{places[0]}` where it is there, which git has not"
