"""What the documentation of a project shows for a variable: ``NAME=value`` in a line of its own."""

from __future__ import annotations

import re

from celery_backend_lint.model.file_mentions import documented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model


def documented_value(model: Model, variable: str, path: str) -> str:
    """The value that the documentation of the service of the code at ``path`` shows for a variable, in quotes or not;
    "" for none, for several, and for one that is no whole word (``<your key>``, ``$HOST``, ``redis://…``).
    """
    line = re.compile(
        r"(?m)^[ \t>*-]*(?:export[ \t]+)?"
        + re.escape(variable)
        + r"[ \t]*=[ \t]*([\"']?)([^\s\"'`#]*)\1[ \t]*(?:#.*)?$"
    )
    shown: set[str] = set()
    for name in documented(model.project, (variable,)).get(variable, ()):
        source = model.project.source(name) if model.env_files.concerns(name, (path,)) else None
        shown.update(found[2] for found in line.finditer(source.text if source is not None else ""))
    value = shown.pop() if len(shown) == 1 else ""
    return "" if re.search(r"[<>$|\\…]|\.\.\.", value) else value
