"""Platforms' own files: app.json and heroku.yml (Heroku), fly.toml, render.yaml, railway.json, ECS task definitions."""

from __future__ import annotations

from celery_backend_lint.model.deployment.places import Places
from celery_backend_lint.model.deployment.records import Service, Variable
from celery_backend_lint.model.deployment.scripts import Shell
from celery_backend_lint.syntax.yaml import parse_leniently

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.toml import TomlNode
    from celery_backend_lint.syntax.yaml import YamlNode

_MOST = 300


def read_app_json(source: SourceFile) -> tuple[Service, ...]:
    """app.json: ``env`` (a value, or an object with one), ``environments``' own, ``scripts``."""
    places = Places(source)
    found: list[Service] = []
    for document in parse_leniently(source.utf8).documents[:1]:
        found.append(_made(places, "app", document, _by_name(places, document.get("env")), document.get("scripts")))
        environments = document.get("environments")
        for name, node in (environments.items() if environments is not None else [])[:_MOST]:
            found.append(_made(places, name, node, _by_name(places, node.get("env")), node.get("scripts")))
    return tuple(one for one in found if one.variables or one.commands)


def read_heroku_yml(source: SourceFile) -> tuple[Service, ...]:
    """heroku.yml: ``build.config`` and ``setup.config`` are variables, ``run`` the process types."""
    places = Places(source)
    found: list[Service] = []
    for document in parse_leniently(source.utf8).documents[:1]:
        for section in ("build", "setup"):
            config = document.get(section, "config")
            if config is not None:
                found.append(_made(places, section, config, _by_name(places, config), None))
        run = document.get("run")
        for name, node in (run.items() if run is not None else [])[:_MOST]:
            given = node.get("command") or node
            found.append(_made(places, name, node, (), given))
    return tuple(found)


def read_render(source: SourceFile) -> tuple[Service, ...]:
    """render.yaml: ``envVars`` with a value (``fromService`` and the like are not known), ``startCommand``.

    A group of variables is a service of its own, and part of those that name it (``fromGroup``).
    """
    places = Places(source)
    found: list[Service] = []
    for document in parse_leniently(source.utf8).documents[:1]:
        groups: dict[str, tuple[Variable, ...]] = {}
        for group in document.elements_at("envVarGroups"):
            name = group.text_at("name") or ""
            groups[name] = tuple(_render_variables(places, group, {}))
            found.append(_made(places, name, group, groups[name], None))
        for service in document.elements_at("services")[:_MOST]:
            variables = tuple(_render_variables(places, service, groups))
            if service.text_at("type") in ("redis", "keyvalue"):
                continue
            given = service.get("startCommand") or service.get("dockerCommand")
            name = service.text_at("name") or ""
            found.append(_made(places, name, service, variables, given, service.text_at("rootDir") or ""))
    return tuple(found)


def _render_variables(places: Places, service: YamlNode, groups: dict[str, tuple[Variable, ...]]) -> Iterator[Variable]:
    for entry in service.elements_at("envVars"):
        yield from groups.get(entry.text_at("fromGroup") or "", ())
        key, value = entry.get("key"), entry.get("value")
        if key is None or not key.text:
            continue
        at = places.value(key)
        if value is not None:
            yield places.plain(key.text, value, "platform", at)
        else:
            yield Variable(key.text, None, "", at, at, "platform")


def read_railway(source: SourceFile) -> tuple[Service, ...]:
    """railway.json: ``deploy.startCommand``."""
    places = Places(source)
    found = []
    for document in parse_leniently(source.utf8).documents[:1]:
        given = document.get("deploy", "startCommand")
        if given is not None:
            found.append(_made(places, "deploy", given, (), given))
    return tuple(found)


def read_task_definition(source: SourceFile) -> tuple[Service, ...]:
    """An ECS task definition: ``environment``, ``secrets`` (names only), ``entryPoint``, ``command``."""
    places = Places(source)
    found: list[Service] = []
    for document in parse_leniently(source.utf8).documents[:1]:
        containers = document.elements_at("containerDefinitions") or document.elements()
        for container in containers[:_MOST]:
            variables: list[Variable] = []
            for entry in container.elements_at("environment"):
                name, value = entry.get("name"), entry.get("value")
                if name is not None and name.text and value is not None:
                    made = places.plain(name.text, value, "platform", places.value(name))
                    if made.text is not None and "${" in made.text:  # Terraform fills it in
                        made = Variable(made.name, None, made.written, made.location, made.name_location, "platform")
                    variables.append(made)
            for entry in container.elements_at("secrets"):
                name = entry.get("name")
                if name is not None and name.text:
                    variables.append(Variable(name.text, None, "", places.value(name), places.value(name), "platform"))
            words = [
                word
                for key in ("entryPoint", "command")
                if (given := container.get(key)) is not None
                for line in places.command_lines(given)
                for word in line
            ]
            shell = Shell(places.utf8, places.at, "platform")
            shell.run(words)
            name_text = container.text_at("name") or ""
            found.append(
                Service(
                    name_text,
                    source.path,
                    places.at(container.start, container.start),
                    _folder(source),
                    "platform",
                    tuple(variables),
                    (),
                    tuple(shell.commands),
                    container.text_at("image") or "",
                )
            )
    return tuple(found)


def read_fly(source: SourceFile) -> tuple[Service, ...]:
    """fly.toml: ``[env]`` for every process, ``[processes]`` for what they run."""
    from celery_backend_lint.model.deployment.tasks import run_text
    from celery_backend_lint.syntax.toml import parse as parse_toml

    places = Places(source)
    root = parse_toml(source.utf8, only=(("env",), ("processes",))).root
    env, processes = root.get("env"), root.get("processes")
    variables = tuple(_toml_variables(places, env))
    found = []
    for name, node in processes.items() if processes is not None else ():
        shell = Shell(source.utf8, places.at, "platform")
        run_text(places, shell, node)
        at = places.at(node.key_start, node.key_end)
        found.append(
            Service(
                name, source.path, at, _folder(source), "platform", variables, (), tuple(shell.commands), built=True
            )
        )
    if variables and not found:
        found.append(Service("app", source.path, places.at(0, 0), _folder(source), "platform", variables, built=True))
    return tuple(found)


def _toml_variables(places: Places, table: TomlNode | None) -> Iterator[Variable]:
    for name, node in table.items() if table is not None else ():
        if isinstance(node.value, (dict, list)) or node.value is None:
            continue
        at = places.at(node.key_start, node.key_end)
        text = str(node.value).lower() if isinstance(node.value, bool) else str(node.value)
        quoted = node.text is not None
        place = places.at(node.start + quoted, node.end - quoted) if text else at
        yield Variable(name, text, text, place, at, "platform")


def _by_name(places: Places, node: YamlNode | None) -> Iterator[Variable]:
    for name, value in node.items() if node is not None else ():
        if isinstance(value.value, dict):
            given = value.get("value")
            at = places.key(value)
            yield (
                places.plain(name, given, "platform", at)
                if given is not None
                else Variable(name, None, "", at, at, "platform")
            )
        elif value.text is not None:
            yield places.plain(name, value, "platform")


def _made(
    places: Places, name: str, node: YamlNode, variables: Iterable[Variable], given: YamlNode | None, root: str = ""
) -> Service:
    shell = Shell(places.utf8, places.at, "platform")
    for one in [] if given is None else [value for _, value in given.items()] or given.elements() or [given]:
        if one.text is not None:
            for words in places.command_lines(one):
                shell.run(words)
    folder = _folder(places.source)
    if root:
        folder = f"{folder}/{root}".strip("/").removeprefix("./").rstrip("/")
    return Service(
        name,
        places.source.path,
        places.key(node),
        folder,
        "platform",
        (*variables, *shell.variables),
        (),
        tuple(shell.commands),
        built=True,
    )


def _folder(source: SourceFile) -> str:
    return source.path.rpartition("/")[0]
