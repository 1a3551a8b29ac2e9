"""Helm's values files, read as plain YAML: ``env``, ``extraEnv`` and their like, as maps and as lists.

What a chart makes of them is its own business; that they are called so is the convention of charts.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.deployment.commands import celery_commands
from celery_backend_lint.model.deployment.places import Places
from celery_backend_lint.model.deployment.records import Service, Variable
from celery_backend_lint.syntax.yaml import parse_leniently

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.yaml import YamlNode

_SECTION = re.compile(
    r"(?i)(?:extra|common|app|global|shared|default|plain|pod|container|worker|additional)?_?-?"
    r"(?:envs?|env_?vars?|environment|environment_?variables|config_?map)(?:_?vars)?$"
)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*$")
_MOST_NODES = 20_000


def read_values(source: SourceFile) -> tuple[Service, ...]:
    """A service for each part of the values that sets variables or names a command."""
    places = Places(source, templates=True)
    found: list[Service] = []
    for document in parse_leniently(places.utf8).documents:
        waiting: list[tuple[str, YamlNode]] = [("values", document)]
        seen: set[int] = set()
        while waiting and len(seen) < _MOST_NODES:
            name, node = waiting.pop()
            if id(node.value) in seen or not isinstance(node.value, (dict, list)):
                continue
            seen.add(id(node.value))
            service = _service(places, name, node)
            if service is not None:
                found.append(service)
            waiting.extend((key, value) for key, value in reversed(node.items()))
            waiting.extend((name, value) for value in reversed(node.elements()))
    return tuple(found)


def _service(places: Places, name: str, node: YamlNode) -> Service | None:
    variables = [one for key, value in node.items() if _SECTION.match(key) for one in _variables(places, value)]
    words = []
    for key in ("command", "args"):
        given = node.get(key)
        if given is not None:
            words += [word for line in places.command_lines(given) for word in line]
    commands = tuple(celery_commands(words, places.word, "helm"))
    if not variables and not commands:
        return None
    path = places.source.path
    at, folder = places.key(node), path.rpartition("/")[0]
    # the chart's templates may give the process more, from a Secret above all
    return Service(name, path, at, folder, "helm", tuple(variables), (), commands, partial=True)


def _variables(places: Places, section: YamlNode, depth: int = 0) -> Iterator[Variable]:
    for key, value in section.items():
        if isinstance(value.value, dict) and depth < 2:  # ``env: {normal: {A: b}, secret: {…}}``
            inner = value.get("value")
            if _VARIABLE.match(key) and inner is not None:
                yield places.plain(key, inner, "helm", places.key(value))
            elif _VARIABLE.match(key):
                yield Variable(key, None, "", places.key(value), places.key(value), "helm")
            else:
                yield from _variables(places, value, depth + 1)
        elif _VARIABLE.match(key) and not isinstance(value.value, (dict, list)):
            yield places.plain(key, value, "helm")
        elif isinstance(value.value, list) and depth < 2:
            yield from _variables(places, value, depth + 1)
    for item in section.elements():
        name = item.get("name")
        if name is not None and name.text and _VARIABLE.match(name.text):
            value_node = item.get("value")
            at = places.value(name)
            if value_node is None:
                yield Variable(name.text, None, "", at, at, "helm")
            else:
                yield places.plain(name.text, value_node, "helm", at)
