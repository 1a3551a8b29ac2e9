"""A project's deployment files, read when something asks, and only those that mention what is asked for."""

from __future__ import annotations

from celery_backend_lint.model.deployment.formats import LARGEST, PIPELINES, reader_of, role_of
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.model.deployment.records import Command, EnvFileUse, Service, Variable
    from celery_backend_lint.project.discovery import Project

MOST_FILES = 3_000
"""Files that may be deployment's by their names; the rest is not looked at."""

_ENV_FILE_NEEDLES = (b"env_file", b"EnvironmentFile", b"envfile", b"include", b"dotenv-load")
_MAP_NEEDLES = (b"ConfigMap", b"configMapGenerator", b"Secret")


@record
class RunningCommand:
    """A command of celery and the service that runs it."""

    command: Command
    service: Service


class Deployment:
    """What the deployment files of a project say. Nothing is read before something is asked."""

    __slots__ = ("_commands", "_files", "_maps", "_project", "_services")

    def __init__(self, project: Project) -> None:
        self._project = project
        self._commands: tuple[RunningCommand, ...] | None = None
        self._files: dict[str, str] | None = None
        self._services: dict[str, tuple[Service, ...]] = {}
        self._maps: dict[tuple[str, str], tuple[Variable, ...]] | None = None

    @property
    def services(self) -> tuple[Service, ...]:
        """All services, by path and place. Reads every deployment file."""
        return tuple(service for path in self._candidates() for service in self._of(path))

    def mentioning(self, needles: Iterable[bytes], *, pipelines: bool | None = None) -> Iterator[Service]:
        """The services of the files whose bytes hold one of ``needles``.

        ``pipelines`` takes only the files that start tests, or (False) only the others.
        """
        wanted = tuple(needles)
        done = set()
        for path, role in self._candidates().items():
            if pipelines is not None and pipelines != (role in PIPELINES):
                continue
            if self._project.mentions(path, wanted):
                base = self._merged_into(path)
                if base not in done:
                    done.add(base)
                    yield from self._of(base)

    def setting(
        self, name: str, *, case_sensitive: bool = True, pipelines: bool | None = None
    ) -> Iterator[tuple[Service, Variable]]:
        """The services that set a variable, with the variable as each has it in the end; ``pipelines`` as above."""
        folded = name.lower()
        needles = {name.encode()} if case_sensitive else {folded.encode(), name.upper().encode(), name.encode()}
        for service in self.mentioning(needles, pipelines=pipelines):
            found = None
            for one in service.variables:
                if one.name == name or (not case_sensitive and one.name.lower() == folded):
                    found = one
            if found is not None:
                yield service, found

    @property
    def commands(self) -> tuple[RunningCommand, ...]:
        """Every command line of celery, by path and place."""
        if self._commands is None:
            self._commands = tuple(
                RunningCommand(command, service)
                for service in self.mentioning([b"celery"])
                for command in service.commands
            )
        return self._commands

    def commands_for(self, path: str) -> tuple[RunningCommand, ...]:
        """The commands whose ``-A`` names the app that the file at ``path`` makes.

        The folder that a command runs in is not known: the module may lie below any folder of the app's path, as long
        as the service's own folder lies on the same way.
        """
        return tuple(one for one in self.commands if names_app(one, path))

    def knows(self, path: str) -> bool:
        """Whether the file at ``path`` is of a format that is read here, and something was found in it."""
        return path in self._candidates() and bool(self._of(self._merged_into(path)))

    def env_files(self) -> Iterator[tuple[Service, EnvFileUse]]:
        """The env files that services are given, with the services."""
        for service in self.mentioning(_ENV_FILE_NEEDLES):
            for use in service.env_files:
                yield service, use

    def _candidates(self) -> dict[str, str]:
        """The files that may be deployment's, with their roles."""
        if self._files is None:
            found: dict[str, str] = {}
            for path in self._project.paths():
                if path.endswith((".py", ".html", ".js", ".ts", ".tsx", ".png", ".svg", ".css", ".po", ".md", ".txt")):
                    continue
                role = role_of(path)
                if role and "node_modules/" not in path and len(found) < MOST_FILES:
                    found[path] = role
            self._files = found
        return self._files

    def _merged_into(self, path: str) -> str:
        """The file that the one at ``path`` is read with: the base of a compose override."""
        if ".override." not in path:
            return path
        from celery_backend_lint.model.deployment.compose import base_of_override

        return base_of_override(self._project, path) or path

    def _of(self, path: str) -> tuple[Service, ...]:
        """The services of one file; of an override with a base none: they are the base's."""
        if self._merged_into(path) != path:
            return ()
        if path not in self._services:
            self._services[path] = ()
            source = self._project.source(path)
            data = source.data if source is not None else b""
            read = reader_of(self._project, path, self._candidates()[path], data, self._find) if data else None
            if read is not None and source is not None and source.utf8:
                self._services[path] = read(source)
        return self._services[path]

    def _find(self, kind: str, name: str) -> tuple[Variable, ...] | None:
        """A ConfigMap or Secret of the tree."""
        if self._maps is None:
            from celery_backend_lint.model.deployment.kubernetes import read_maps

            self._maps = {}
            for path, role in self._candidates().items():
                source = self._project.source(path) if role == "yaml" else None
                if (
                    source is not None
                    and len(source.data) <= LARGEST
                    and any(needle in source.data for needle in _MAP_NEEDLES)
                    and source.utf8
                ):
                    for key, variables in read_maps(source).items():
                        self._maps.setdefault(key, variables)
        return self._maps.get((kind, name))


def names_app(running: RunningCommand, path: str) -> bool:
    """Whether a command's ``-A`` may name the app made at ``path``."""
    from celery_backend_lint.model.deployment.commands import module_files

    folder = running.service.folder
    for file in module_files(running.command.app):
        if path == file or path.endswith("/" + file):
            root = path[: -len(file)].rstrip("/")
            if not root or not folder or f"{root}/".startswith(f"{folder}/") or f"{folder}/".startswith(f"{root}/"):
                return True
    return False
