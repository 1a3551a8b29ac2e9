"""Kubernetes manifests: what the containers of any workload get, and run; kustomize's generators of ConfigMaps.

``env`` and ``envFrom`` are those of ``core/v1`` Container: an ``env`` entry beats ``envFrom``, ``$(NAME)`` in a value
or an argument is an entry that stands before it. Helm templates are read with their expressions blanked.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.deployment.commands import celery_commands
from celery_backend_lint.model.deployment.places import Places
from celery_backend_lint.model.deployment.records import Command, Service, Variable
from celery_backend_lint.syntax.yaml import parse_leniently

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.yaml import YamlNode

    ConfigMap = tuple[Variable, ...]
    FindMap = Callable[[str, str], ConfigMap | None]
    """(kind, name) to what a ConfigMap or a Secret of the tree holds; None where there is none."""

_MOST_NODES = 20_000
_FILLED_IN = rb"\{\{-?\s*(?:range|toYaml|include|template|tpl|with)\b"
"""What in a chart's template may become variables of the container."""


def is_kubernetes(data: bytes) -> bool:
    """Whether the bytes may be those of a manifest, or of a template of one."""
    return b"kind:" in data and (b"apiVersion:" in data or b"containers:" in data)


def read_maps(source: SourceFile) -> dict[tuple[str, str], ConfigMap]:
    """The ConfigMaps and Secrets of a file by kind and name; of a Secret the names only."""
    places = Places(source, templates=True)
    found: dict[tuple[str, str], ConfigMap] = {}
    for document in parse_leniently(places.utf8).documents:
        kind = document.text_at("kind")
        if kind in ("ConfigMap", "Secret"):
            name = document.text_at("metadata", "name") or ""
            found[kind, name] = tuple(_map_variables(places, document, kind))
        for generator in document.elements_at("configMapGenerator"):
            name = generator.text_at("name") or ""
            found["ConfigMap", name] = tuple(_literals(places, generator))
    return found


def _map_variables(places: Places, document: YamlNode, kind: str) -> Iterator[Variable]:
    for section in ("data", "stringData"):
        node = document.get(section)
        for name, value in node.items() if node is not None else ():
            if kind == "Secret":
                at = places.key(value)
                yield Variable(name, None, "", places.value(value), at, "kubernetes")
            else:
                yield places.plain(name, value, "kubernetes")


def _literals(places: Places, generator: YamlNode) -> Iterator[Variable]:
    for item in generator.elements_at("literals"):
        if item.text is not None and "=" in item.text:
            name, _, value = item.text.partition("=")
            start, end = places.part(item, item.text)
            at = places.at(start, min(end, start + len(name.encode())))
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            yield Variable(name, value, value, places.at(*places.part(item, value)), at, "kubernetes")


def read_kubernetes(source: SourceFile, find: FindMap) -> tuple[Service, ...]:
    """A service for each container of the workloads, and one for each ConfigMap, whose variables others are given."""
    places = Places(source, templates=True)
    services: list[Service] = []
    for document in parse_leniently(places.utf8).documents:
        name = document.text_at("metadata", "name") or ""
        services.extend(_service(places, container, name, find) for container in _containers(document))
    folder = source.path.rpartition("/")[0]
    for (kind, name), variables in read_maps(source).items():
        if variables:
            place = variables[0].name_location
            services.append(Service(f"{kind} {name}", source.path, place, folder, "kubernetes", variables))
    return tuple(services)


def _containers(document: YamlNode) -> Iterator[YamlNode]:
    """The containers anywhere in a manifest: of Pods, Deployments, CronJobs, and of what custom kinds embed."""
    waiting = [document]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_NODES:
        node = waiting.pop()
        if id(node.value) in seen or not isinstance(node.value, (dict, list)):
            continue
        seen.add(id(node.value))
        for section in ("initContainers", "containers"):
            yield from (one for one in node.elements_at(section) if isinstance(one.value, dict))
        waiting.extend(reversed([value for _, value in node.items()] or node.elements()))


def _service(places: Places, container: YamlNode, workload: str, find: FindMap) -> Service:
    variables: dict[str, Variable] = {}
    partial = re.search(_FILLED_IN, places.source.utf8[container.start : container.end]) is not None
    for entry in container.elements_at("envFrom"):
        prefix = entry.text_at("prefix") or ""
        for kind, reference in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            name = entry.text_at(reference, "name")
            held = find(kind, name) if name else None
            partial |= entry.get(reference) is not None and held is None
            for one in held or ():
                made = Variable(
                    prefix + one.name, one.text, one.written, one.location, one.name_location, one.form, one.unknown
                )
                variables[made.name] = made
    for entry in container.elements_at("env"):
        named = entry.get("name")
        if named is not None and named.text:
            variables[named.text] = _variable(places, entry, named.text, places.value(named), variables, find)
    commands: list[Command] = []
    whole = []
    for key in ("command", "args"):
        node = container.get(key)
        if node is not None:
            for line in places.command_lines(node):
                whole.extend(line)
    commands.extend(celery_commands(whole, places.word, "kubernetes"))
    named = container.get("name")
    return Service(
        (named.text if named is not None else None) or workload,
        places.source.path,
        places.value(named) if named is not None else places.at(container.start, container.start),
        places.source.path.rpartition("/")[0],
        "kubernetes",
        tuple(variables.values()),
        (),
        tuple(commands),
        container.text_at("image") or "",
        partial=partial,
    )


def _variable(
    places: Places, entry: YamlNode, name: str, at: Location, before: dict[str, Variable], find: FindMap
) -> Variable:
    value = entry.get("value")
    if value is not None:
        made = places.plain(name, value, "kubernetes", at)
        return _expanded(made, before) if made.value is not None and "$(" in made.value else made
    key = entry.text_at("valueFrom", "configMapKeyRef", "key")
    holder = entry.text_at("valueFrom", "configMapKeyRef", "name")
    for one in (find("ConfigMap", holder) or ()) if key and holder else ():
        if one.name == key:
            return Variable(name, one.text, one.written, one.location, at, "kubernetes", one.unknown)
    if entry.get("valueFrom") is None:
        return Variable(name, "", "", at, at, "kubernetes")
    return Variable(name, None, "", at, at, "kubernetes")


def _expanded(variable: Variable, before: dict[str, Variable]) -> Variable:
    """``$(NAME)`` filled in; ``$$`` is a dollar sign; a name that is not set stays as it is written."""
    unknown: list[str] = []

    def put(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        one = before.get(found[1])
        if one is None:
            return found[0]
        if one.value is None:
            unknown.append(found[1])
            return f"{{{found[1]}}}"
        return one.value

    text = re.sub(r"\$\$|\$\(([^()]+)\)", put, variable.text or "")
    return Variable(
        variable.name, text, variable.written, variable.location, variable.name_location, variable.form, tuple(unknown)
    )
