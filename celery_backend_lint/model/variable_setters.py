"""Where compose files, Dockerfiles, manifests, scripts and the like set a variable, whoever reads it."""

from __future__ import annotations

import re
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model

HANDED_ON = r"[\"']?\$(?:\w+[\"']?\s*$|\{\w+(?:\}[\"']?\s*$|:?\?))"
"""What follows where a variable is only handed on, so that somebody else has to set one: ``X=${X}``, ``X: ${Y:?}``."""


def setter_of(model: Model, reads: Iterable[Environment], *more: str) -> Location | None:
    """Return where a compose file, a Dockerfile or the like sets a variable that one of ``reads`` asks for.
    ``more`` are names of further ones that will do.

    One that is handed on from elsewhere (``X=${X}``, a Secret of the cluster) is not set there.
    """
    from celery_backend_lint.model.ignore_lines import line_of

    names = tuple(dict.fromkeys((*(name for read in reads for name in read.variables), *more)))
    needles = tuple(name.encode() for name in names)
    either = "|".join(map(re.escape, names))
    pattern = rf"^\s*(?:-\s+|ENV\s+|export\s+)?[\"']?({either})[\"']?\s*[:=]\s*(?!{HANDED_ON})\S"
    for path in _setting_files(model.project.paths()):
        source = model.project.source(path) if model.project.mentions(path, needles) else None
        for number, line in enumerate((source.text if source is not None else "").splitlines(), 1):
            if any(name in line for name in names) and re.match(pattern, line):
                return line_of(path, number, line)
    for one in names:  # what stands in no line of its own: ``- name: X`` and its value, scripts, ``X=y celery worker``
        for _, variable in model.deployment.setting(one):
            if variable.text and not variable.text.lstrip("\"'").startswith("{"):
                return variable.name_location
    return None


@lru_cache(maxsize=1)  # asked for each variable, and a project may have ten thousand files
def _setting_files(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The files that may set variables for what runs in them."""
    names = ("Dockerfile", "Procfile")
    return tuple(
        path for path in paths if path.endswith((".yml", ".yaml", ".sh")) or path.rpartition("/")[2].startswith(names)
    )
