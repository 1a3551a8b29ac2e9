"""docker compose files, whatever they are called: services with what their processes get.

The forms are those of the Compose Specification (``environment``, ``env_file``, ``extends``, interpolation, merging);
files of the first version, without ``services:``, are read where their name says what they are.
"""

from __future__ import annotations

import os
import re

from celery_backend_lint.model.deployment.commands import celery_commands
from celery_backend_lint.model.deployment.places import Places, inside
from celery_backend_lint.model.deployment.records import Command, EnvFileUse, Service, Variable
from celery_backend_lint.model.deployment.substitution import fill
from celery_backend_lint.model.deployment.templates import filled_later, shown
from celery_backend_lint.record import record
from celery_backend_lint.syntax.yaml import parse_leniently

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model.deployment.shell_words import Word
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.syntax.yaml import YamlNode

OVERRIDE = r"((?:docker-)?compose)\.override\.(ya?ml)$"
"""The files that ``docker compose`` merges over the plain ones by itself."""

_SETS_MORE = r"(?:^|[\s;&|])(?:export|source|\.|env)\s|\b[A-Z][A-Z0-9_]*=\S"
"""What in a shell's words gives the process more variables than the service has."""

_DEEPEST = 10
_MOST_SERVICES = 500


@record
class _Part:
    """What one mapping says of a service, before another is merged over it."""

    places: Places
    node: YamlNode
    variables: tuple[Variable, ...]
    env_files: tuple[EnvFileUse, ...]
    entrypoint: YamlNode | None
    command: YamlNode | None
    command_places: Places
    image: str
    folder: str
    built: bool
    dockerfile: str
    partial: bool


def is_compose(data: bytes) -> bool:
    """Whether the bytes may be those of a compose file: ``services:`` at the top with what services have."""
    return re.search(rb"(?m)^(?:services|\"services\")[ \t]*:", data) is not None and (
        b"image" in data or b"build" in data or b"environment" in data or b"command" in data or b"env_file" in data
    )


def base_of_override(project: Project, path: str) -> str:
    """The compose file that the one at ``path`` is merged over by ``docker compose`` itself, "" where it is none."""
    folder, slash, name = path.rpartition("/")
    found = re.match(OVERRIDE, name)
    if found is None:
        return ""
    named = (
        f"{folder}{slash}{stem}.{ending}" for stem in (found[1], "compose") for ending in (found[2], "yml", "yaml")
    )
    return next((base for base in named if project.exists(base)), "")


def override_of(project: Project, path: str) -> str:
    """The file that ``docker compose`` merges over the one at ``path`` by itself, "" where there is none."""
    folder, slash, name = path.rpartition("/")
    found = re.match(r"((?:docker-)?compose)\.ya?ml$", name)
    if found is None:
        return ""
    named = (f"{folder}{slash}{found[1]}.override.{ending}" for ending in ("yml", "yaml"))
    return next((one for one in named if project.exists(one)), "")


def read_compose(project: Project, path: str) -> tuple[Service, ...]:
    """The services of a compose file, ``docker-compose.override.yml`` merged over its base.

    A part of a file that is no YAML, or no compose file, is left out.
    """
    reader = _Reader(project)
    services: dict[str, _Part] = {}
    for one in (path, override_of(project, path)):
        for name, node in reader.services(one)[:_MOST_SERVICES] if one else ():
            part = reader.part(one, name, node, frozenset())
            if part is not None:
                services[name] = part if name not in services else _merged(services[name], part)
    made = []
    for name, part in services.items():
        # ``docker-compose.prod.yml`` says neither: it is put over the file beside it
        whole = part if part.image or part.built else reader.completed(path, name, part)
        made.append(_service(name, path, whole))
    return tuple(made)


class _Reader:
    """Reads the files that one compose file needs, each once."""

    __slots__ = ("_files", "_project", "_values")

    def __init__(self, project: Project) -> None:
        self._project = project
        self._files: dict[str, tuple[Places, list[tuple[str, YamlNode]]] | None] = {}
        self._values: dict[str, dict[str, str]] = {}

    def services(self, path: str) -> list[tuple[str, YamlNode]]:
        """The services by name, with the mappings that describe them."""
        read = self._file(path)
        return read[1] if read is not None else []

    def _file(self, path: str) -> tuple[Places, list[tuple[str, YamlNode]]] | None:
        if path not in self._files:
            self._files[path] = None
            source = self._project.source(path)
            if source is not None and source.utf8:
                found: list[tuple[str, YamlNode]] = []
                places = Places(source, templates=True)
                for document in parse_leniently(places.utf8).documents[:1]:
                    listed = document.get("services")
                    if listed is not None:
                        found = listed.items()
                    elif re.match(r"(?:.*/)?(?:docker-)?compose[^/]*$", path):
                        found = [
                            (name, node) for name, node in document.items() if node.get("image") or node.get("build")
                        ]
                self._files[path] = (
                    places,
                    [(name, node) for name, node in found if isinstance(node.value, dict)],
                )
        return self._files[path]

    def part(self, path: str, name: str, node: YamlNode, above: frozenset[tuple[str, str]]) -> _Part | None:
        """What a service's mapping says, over what it extends."""
        read = self._file(path)
        if read is None or (path, name) in above or len(above) > _DEEPEST:
            return None
        own = self._own(path, read[0], node)
        extends = node.get("extends")
        if extends is None:
            return own
        service = extends.text or node.text_at("extends", "service")
        file = node.text_at("extends", "file")
        other = _joined(path, file) if file else path
        for wanted, base in self.services(other) if other is not None else ():
            if wanted == service:
                part = self.part(other or path, wanted, base, above | {(path, name)})
                return _merged(part, own) if part is not None else own
        return own

    def completed(self, path: str, name: str, part: _Part) -> _Part:
        """A service that says neither image nor build, with those that the plain file beside it says."""
        folder, slash, _ = path.rpartition("/")
        for base in ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"):
            other = f"{folder}{slash}{base}"
            if other == path or not self._project.exists(other):
                continue
            for wanted, node in self.services(other):
                found = self.part(other, wanted, node, frozenset()) if wanted == name else None
                if found is not None:
                    return _Part(
                        part.places,
                        part.node,
                        part.variables,
                        part.env_files,
                        part.entrypoint,
                        part.command,
                        part.command_places,
                        found.image,
                        found.folder,
                        found.built,
                        found.dockerfile,
                        part.partial or found.partial,
                    )
        return part

    def _own(self, path: str, places: Places, node: YamlNode) -> _Part:
        folder = path.rpartition("/")[0]
        build = node.get("build")
        built = build is not None and build.value is not None
        context = folder
        image = self._plain(path, node.text_at("image") or "")
        dockerfile = ""
        if build is not None and built:
            named = build.text or node.text_at("build", "context") or "."
            joined = _joined(path, self._plain(path, named))
            if joined is None:  # from another repository, or a folder beside this one
                built, image = False, image or named
            else:
                context = joined
                dockerfile = node.text_at("build", "dockerfile") or "Dockerfile"
                dockerfile = _joined(f"{context}/x" if context else "x", dockerfile) or ""
        return _Part(
            places,
            node,
            tuple(self._variables(path, places, node.get("environment"))),
            tuple(self._env_files(path, places, node.get("env_file"))),
            node.get("entrypoint"),
            node.get("command"),
            places,
            image,
            context,
            built,
            dockerfile,
            self._is_partial(path, node),
        )

    def _plain(self, path: str, text: str) -> str:
        return fill(text, self._of_env_file(path).get).text or ""

    def _variables(self, path: str, places: Places, node: YamlNode | None) -> Iterator[Variable]:
        if node is None:
            return
        for name, value in node.items():
            yield self._variable(path, name, value.text, places.value(value), places.key(value), "compose")
        for item in node.elements():
            if item.text is None:
                continue
            name, equals, written = item.text.partition("=")
            start, end = inside(places.utf8, item)
            after = min(start + len(name.encode()), end)
            at = places.at(start, after)
            place = places.at(after + 1, end) if written and after + 1 < end else at
            yield self._variable(path, name.strip(), written if equals else None, place, at, "compose list")

    def _variable(
        self, path: str, name: str, written: str | None, place: Location, at: Location, form: str
    ) -> Variable:
        values = self._of_env_file(path)
        if written is None:  # what the shell that starts compose has, or compose's own ``.env``
            return Variable(name, values.get(name), "", at, at, form, () if name in values else (name,))
        if filled_later(written):
            return Variable(name, shown(written), shown(written), place, at, form, ("…",))
        filled = fill(written, values.get)
        return Variable(name, filled.text, written, place, at, form, filled.unknown)

    def _of_env_file(self, path: str) -> dict[str, str]:
        """What compose's own ``.env``, beside the file, holds: it feeds ``${…}`` only."""
        folder, slash, _ = path.rpartition("/")
        env = f"{folder}{slash}.env"
        if env not in self._values:
            from celery_backend_lint.syntax.dotenv import read_colons, read_dotenv

            source = self._project.source(env)
            text = source.text if source is not None else ""
            entries, _ = read_dotenv(text)
            entries += read_colons(text, entries)
            self._values[env] = {one.key: one.value for one in entries if one.value is not None and not one.commented}
        return self._values[env]

    def _is_partial(self, path: str, node: YamlNode) -> bool:
        """Whether an env file, or what a service extends, lies outside of the project, or is only named later."""
        file = node.text_at("extends", "file")
        if file is not None and not self.services(_joined(path, file) or ""):
            return True
        given = node.get("env_file")
        for item in [] if given is None else given.elements() or [given]:
            named = item.text or item.text_at("path")
            if named and _joined(path, self._plain(path, named)) is None:
                return True
        return False

    def _env_files(self, path: str, places: Places, node: YamlNode | None) -> Iterator[EnvFileUse]:
        for item in [] if node is None else node.elements() or [node]:
            named = item.text or item.text_at("path")
            required = item.text_at("required") != "false"
            joined = _joined(path, self._plain(path, named)) if named else None
            if joined:
                at = item.get("path") or item
                yield EnvFileUse(joined, required, places.value(at))


def _merged(base: _Part, over: _Part) -> _Part:
    """What holds where ``over`` is merged over ``base``: lists are appended, variables replaced by name."""
    names = {one.name for one in over.variables}
    kept = tuple(one for one in base.variables if one.name not in names)
    # a new entrypoint drops the command that was meant for the old one
    command = over.command or (base.command if over.entrypoint is None else None)
    return _Part(
        base.places,
        base.node,
        (*kept, *over.variables),
        (*base.env_files, *over.env_files),
        over.entrypoint or base.entrypoint,
        command,
        over.places if over.command is not None or over.entrypoint is not None else base.command_places,
        over.image or base.image,
        over.folder if over.built else base.folder,
        over.built or base.built,
        over.dockerfile if over.built else base.dockerfile,
        base.partial or over.partial,
    )


def _service(name: str, path: str, part: _Part) -> Service:
    commands: list[Command] = []
    lines: list[list[Word]] = []
    for node in (part.entrypoint, part.command):
        if node is not None:
            lines.extend(part.command_places.command_lines(node))
    whole = [word for line in lines for word in line]
    if part.entrypoint is not None and len(lines) == 2 and lines[0] and lines[0][-1].text != "-c":
        lines = [whole]  # ``entrypoint: celery -A shop``, ``command: worker``
    elif part.entrypoint is not None and lines and lines[0] and lines[0][-1].text in ("-c", "-ec", "-lc"):
        lines = lines[1:] or lines
    for line in lines:
        commands.extend(celery_commands(line, part.command_places.word, "compose"))
    return Service(
        name,
        path,
        part.places.key(part.node),
        part.folder,
        "compose",
        part.variables,
        part.env_files,
        tuple(commands),
        part.image,
        part.built,
        part.dockerfile,
        part.partial or any(re.search(_SETS_MORE, word.text) for word in whole),
    )


def _joined(path: str, named: str) -> str | None:
    """The path from the root of what the file at ``path`` names; None where it leads out, or is no path."""
    if not named or "://" in named or "{" in named or os.path.isabs(named) or named.startswith(("~", "git@")):
        return None
    joined = os.path.normpath(os.path.join(path.rpartition("/")[0], named)).replace(os.sep, "/")
    if joined == "..":
        return None
    return None if joined.startswith("../") else "" if joined == "." else joined
