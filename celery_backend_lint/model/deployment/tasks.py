"""Task runners in manifests: poe, pdm, taskipy and hatch in pyproject.toml, Pipfile's scripts, tox, package.json."""

from __future__ import annotations

import re

from celery_backend_lint.model.deployment.places import Places
from celery_backend_lint.model.deployment.records import EnvFileUse, Service, Variable
from celery_backend_lint.model.deployment.scripts import Shell
from celery_backend_lint.model.deployment.shell_words import Word, statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.toml import TomlNode
    from celery_backend_lint.syntax.yaml import YamlNode

_TASKS = (("tool", "poe"), ("tool", "pdm", "scripts"), ("tool", "taskipy", "tasks"), ("tool", "hatch", "envs"))
_COMMANDS = ("cmd", "shell", "script", "composite", "call")


def read_pyproject(source: SourceFile) -> tuple[Service, ...]:
    """A service for each task, and for each table of variables, of the runners that pyproject.toml configures."""
    from celery_backend_lint.syntax.toml import parse

    places = Places(source)
    root = parse(source.utf8, only=_TASKS).root
    found: list[Service] = []
    poe = root.get("tool", "poe")
    if poe is not None:
        common = _service(source, places, "poe", poe, ())
        shared = common.variables
        tasks = poe.get("tasks")
        found += [common] if common.variables or common.env_files else []
        found += [
            _service(source, places, name, task, shared) for name, task in (tasks.items() if tasks is not None else ())
        ]
    for keys in (("tool", "pdm", "scripts"), ("tool", "taskipy", "tasks")):
        table = root.get(*keys)
        for name, task in table.items() if table is not None else ():
            found.append(_service(source, places, name, task, ()))
    environments = root.get("tool", "hatch", "envs")
    for name, environment in environments.items() if environments is not None else ():
        variables = tuple(_variables(places, environment.get("env-vars")))
        scripts = environment.get("scripts")
        found += [_service(source, places, one, task, variables) for one, task in (scripts.items() if scripts else ())]
        if variables and not scripts:
            found.append(Service(name, source.path, places.at(0, 0), _folder(source), "tasks", variables))
    return tuple(one for one in found if one.variables or one.commands or one.env_files)


def read_pipfile(source: SourceFile) -> tuple[Service, ...]:
    """A service for each of ``[scripts]``."""
    from celery_backend_lint.syntax.toml import parse

    places = Places(source)
    scripts = parse(source.utf8, only=(("scripts",),)).root.get("scripts")
    found = [
        _service(source, places, name, task, ()) for name, task in (scripts.items() if scripts is not None else ())
    ]
    return tuple(one for one in found if one.commands)


def _service(source: SourceFile, places: Places, name: str, task: TomlNode, shared: tuple[Variable, ...]) -> Service:
    variables = (*shared, *_variables(places, task.get("env")))
    shell = Shell(source.utf8, places.at, "tasks")
    nodes = [task] if task.text is not None or task.elements() else []
    nodes += [node for key in _COMMANDS if (node := task.get(key)) is not None]
    for node in nodes:
        for one in node.elements() or [node]:
            if one.text is not None:
                run_text(places, shell, one)
    named = task.get("envfile") or task.get("env_file")
    env_files = tuple(
        EnvFileUse(_beside(source, one.text), required=False, location=places.at(one.start, one.end))
        for one in (named.elements() or [named] if named is not None else ())
        if one.text
    )
    at = places.at(task.key_start, task.key_end) if task.key_start >= 0 else places.at(task.start, task.start)
    return Service(
        name,
        source.path,
        at,
        _folder(source),
        "tasks",
        (*variables, *shell.variables),
        env_files,
        tuple(shell.commands),
    )


def run_text(places: Places, shell: Shell, node: TomlNode | YamlNode) -> None:
    """Give a shell the text of a node, its words with the bytes where they stand."""
    after = node.start
    for statement in statements((node.value if isinstance(node.value, str) else "").encode()):
        placed = []
        for word in statement:
            raw = word.text.encode()
            at = places.utf8.find(raw, after, node.end) if raw else -1
            if at >= 0:
                placed.append(Word(word.text, at, at + len(raw), word.literal))
                after = at + len(raw)
            else:
                placed.append(Word(word.text, node.start, node.end, word.literal))
        shell.run(placed)


def _variables(places: Places, table: TomlNode | None) -> Iterator[Variable]:
    for name, node in table.items() if table is not None else ():
        value = node if node.text is not None or not node.items() else node.get("default")  # poe's own default form
        text = value.text if value is not None else None
        at = places.at(node.key_start, node.key_end) if node.key_start >= 0 else places.at(node.start, node.end)
        if text is None or value is None:
            yield Variable(name, None, "", at, at, "tasks")
        else:
            known = "$" not in text
            yield Variable(name, text if known else None, text, places.at(value.start + 1, value.end - 1), at, "tasks")


_TOX_SECTION = rb"(?m)^\[(?P<name>testenv[^\]\n]*)\]"
_TOX_KEY = rb"(?m)^(?P<key>set_?env|commands)[ \t]*=(?P<value>[^\n]*(?:\n(?:[ \t]+[^\n]*|[ \t]*(?=\n)))*)"
_TOX_PAIR = rb"(?m)(?:^|(?<=env)[ \t]*=)[ \t]*(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*(?P<value>[^\r\n]*)"


def read_tox(source: SourceFile) -> tuple[Service, ...]:
    """A service for each ``[testenv…]`` of tox.ini or setup.cfg: ``setenv`` and ``commands``."""
    places = Places(source)
    utf8 = source.utf8
    sections = list(re.compile(_TOX_SECTION).finditer(utf8))
    found = []
    for index, section in enumerate(sections):
        end = sections[index + 1].start() if index + 1 < len(sections) else len(utf8)
        shell = Shell(utf8, places.at, "tasks")
        variables = []
        for key in re.compile(_TOX_KEY).finditer(utf8, section.end(), end):
            first, last = key.span("value")
            if key["key"] == b"commands":
                for words in statements(utf8, first, last):
                    shell.run(words)
                continue
            for pair in re.compile(_TOX_PAIR).finditer(utf8, key.end("key"), last):
                text = pair["value"].decode("utf-8", "replace").strip()
                at = places.at(*pair.span("name"))
                place = places.at(pair.start("value"), pair.start("value") + len(text.encode())) if text else at
                known = "{" not in text
                variables.append(Variable(pair["name"].decode(), text if known else None, text, place, at, "tasks"))
        if variables or shell.commands:
            found.append(
                Service(
                    section["name"].decode("utf-8", "replace"),
                    source.path,
                    places.at(*section.span()),
                    _folder(source),
                    "tasks",
                    (*variables, *shell.variables),
                    (),
                    tuple(shell.commands),
                )
            )
    return tuple(found)


def read_package_json(source: SourceFile) -> tuple[Service, ...]:
    """A service for each script of package.json (JSON is YAML)."""
    from celery_backend_lint.syntax.yaml import parse_leniently

    places = Places(source)
    found = []
    for document in parse_leniently(source.utf8).documents[:1]:
        scripts = document.get("scripts")
        for name, node in scripts.items() if scripts is not None else ():
            shell = Shell(source.utf8, places.at, "tasks")
            run_text(places, shell, node)
            if shell.commands:
                found.append(
                    Service(
                        name,
                        source.path,
                        places.key(node),
                        _folder(source),
                        "tasks",
                        tuple(shell.variables),
                        (),
                        tuple(shell.commands),
                    )
                )
    return tuple(found)


def _folder(source: SourceFile) -> str:
    return source.path.rpartition("/")[0]


def _beside(source: SourceFile, named: str) -> str:
    folder, slash, _ = source.path.rpartition("/")
    return f"{folder}{slash}{named.removeprefix('./')}"
