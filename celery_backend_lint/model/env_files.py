"""The env files of a project: which there are, which are examples, what they say, whether git ignores them."""

from __future__ import annotations

import os
import re

from celery_backend_lint.location import Location
from celery_backend_lint.model.env_names import ENV_FOLDERS, is_env_file, is_example
from celery_backend_lint.record import record
from celery_backend_lint.syntax.dotenv import Entry, read_colons, read_dotenv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.location import Span
    from celery_backend_lint.model.expected_env_files import ExpectedEnvFile
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.git import IgnorePattern
    from celery_backend_lint.project.source import Unreadable

MANIFESTS = frozenset(
    {
        "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "environment.yml", "environment.yaml",
        "package.json", "go.mod", "composer.json", "Gemfile", "Cargo.toml", "pom.xml",
    }
)  # fmt: skip
"""Files that make a folder a service of its own; not Python's only, so that a front end beside it is another one."""

PYTHON_SIGNS = (b"dotenv", b"read_env", b"decouple", b"env_file")
"""Needles for the Python libraries that read env files: python-dotenv, django-environ, environs, decouple, pydantic."""

MOST_FOLDERS = 300
"""Folders that are looked into for ignored env files; a project with more keeps them in the first ones by name."""


@record
class EnvValue:
    """What an env file says of a variable; the span is the value's, or the name's where there is no value.

    ``foreign`` says that the file is another service's, ``colon`` that none but compose reads the line.
    """

    value: str
    location: Location
    example: bool
    foreign: bool = False
    colon: bool = False

    def __repr__(self) -> str:
        """Leave out the value, which may be a secret."""
        return f"EnvValue({self.location!r}, example={self.example!r})"


class EnvFile:
    """One env file. Read when first asked for its entries."""

    __slots__ = ("_colons", "_entries", "_problems", "_project", "example", "path", "tracked")

    def __init__(self, project: Project, path: str) -> None:
        self._project = project
        self._entries: tuple[Entry, ...] | None = None
        self._colons: tuple[Entry, ...] | None = None
        self._problems: tuple[tuple[int, str], ...] = ()
        self.path = path
        self.example = is_example(path)
        self.tracked = project.tracked(path)

    @property
    def pattern(self) -> IgnorePattern | None:
        """The ignore rule that decides about the file, None where git has none for it."""
        return self._project.ignore_patterns([self.path]).get(self.path)

    @property
    def ignored(self) -> bool:
        """Whether git's rules ignore the file, be it tracked or not."""
        return self.pattern is not None and self.pattern.ignores

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its entries in order, commented ones too."""
        if self._entries is None:
            source = self._project.source(self.path)
            entries, bad = read_dotenv(source.text if source is not None else "")
            self._entries = entries
            self._problems = tuple((line.line, line.message) for line in bad)
        return self._entries

    @property
    def colon_entries(self) -> tuple[Entry, ...]:
        """The entries ``NAME: value``, which only compose reads, in order."""
        if self._colons is None:
            source = self._project.source(self.path)
            self._colons = read_colons(source.text if source is not None else "", self.entries)
        return self._colons

    @property
    def compose_entries(self) -> tuple[Entry, ...]:
        """All entries, those that only compose reads too, in order."""
        if not self.colon_entries:
            return self.entries
        return tuple(sorted((*self.entries, *self.colon_entries), key=lambda one: one.key_span.line))

    @property
    def bad_lines(self) -> tuple[tuple[int, str], ...]:
        """The lines that no reader takes: number and what is wrong."""
        _ = self.entries
        return self._problems

    @property
    def heading(self) -> str:
        """The comments and blank lines before its first entry, in which a file says what it is for."""
        source = self._project.source(self.path)
        above = re.match(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*", source.text) if source is not None else None
        return above[0] if above is not None else ""

    @property
    def problem(self) -> Unreadable | None:
        """Why the file cannot be read, or None."""
        source = self._project.source(self.path)
        return source.problem if source is not None else None

    def values(self) -> dict[str, str]:
        """Return the variables that the file sets (no commented ones), the last of each, for who reads it in Python."""
        return {entry.key: entry.value for entry in self.entries if entry.value is not None and not entry.commented}

    def __repr__(self) -> str:
        """Leave out the entries, which may hold secrets."""
        return f"EnvFile({self.path!r})"


class EnvFiles:
    """The env files of a project, sorted by path."""

    __slots__ = ("_examples_for", "_expected", "_holders", "_manifests", "_project", "_shown", "files")

    def __init__(self, project: Project, files: tuple[EnvFile, ...], manifests: frozenset[str]) -> None:
        """``manifests`` are the folders that hold a manifest."""
        self._project = project
        self._manifests = manifests
        self._expected: tuple[ExpectedEnvFile, ...] | None = None
        self._examples_for: dict[str, tuple[EnvFile, ...]] = {}
        self._shown: dict[str, frozenset[str]] = {}
        self._holders: dict[str, str] = {}
        self.files = files

    @property
    def examples(self) -> tuple[EnvFile, ...]:
        """The examples: files to be committed that show which variables there are."""
        return tuple(file for file in self.files if file.example)

    @property
    def in_use(self) -> tuple[EnvFile, ...]:
        """The env files that are no examples."""
        return tuple(file for file in self.files if not file.example)

    def service_of(self, path: str) -> str:
        """Return the folder of the service that ``path`` belongs to.

        It is the nearest folder upwards with an env file or a manifest; the root (``""``) where there is none.
        """
        holders = self._manifests | {_service_folder(file.path) for file in self.files}
        return next((folder for folder in _upwards(path) if folder in holders), "")

    def examples_for(self, path: str) -> tuple[EnvFile, ...]:
        """Return the examples that hold for the code at ``path``.

        Those of the nearest folder upwards that has any, in itself or in a folder below it (``docker/.env.example``),
        but not in the folder of another service, which has a manifest of its own, nor that of a front end or of another
        program that is no Python.
        """
        folder = _folder(path)  # nothing else of the path has a say
        if folder not in self._examples_for:
            from celery_backend_lint.model.example_readers import may_be_of_python, speaks_for

            project = self._project
            examples = tuple(
                file
                for file in self.examples
                if not self.is_foreign(file.path, path)
                and may_be_of_python(project, self, file)
                and speaks_for(project, file, path)
            )
            self._examples_for[folder] = self._nearest(path, examples)
        return self._examples_for[folder]

    def shown_for(self, path: str) -> frozenset[str]:
        """Return the variables that a clone of the project shows to who looks for them, for the code at ``path``.

        Those of its examples, commented ones and those with a colon too, and of the env files that git tracks.
        """
        folder = _folder(path)
        if folder not in self._shown:
            files = [*self.examples_for(path)]
            files += [file for file in self.in_use if file.tracked and not self.is_foreign(file.path, path)]
            self._shown[folder] = frozenset(entry.key for file in files for entry in file.compose_entries)
        return self._shown[folder]

    def value_of(self, variable: str, near: str, *, case_sensitive: bool = True) -> list[EnvValue]:
        """Return what env files say of ``variable``, the best evidence for code at ``near`` first.

        Nearest service first, there files in use before examples. Commented entries say nothing.
        """
        found = []
        folder = _folder(near)
        folded = variable if case_sensitive else variable.lower()
        for file in self.files:
            at = _service_folder(file.path)
            foreign = self.is_foreign(file.path, near)
            distance = (foreign, -common_folders(at, folder), at.count("/"), file.example, file.path)
            colons = frozenset(file.colon_entries)
            found += [
                (
                    distance,
                    EnvValue(entry.value, Location(file.path, _span(entry)), file.example, foreign, entry in colons),
                )
                for entry in file.compose_entries
                if (entry.key if case_sensitive else entry.key.lower()) == folded
                and entry.value is not None
                and not entry.commented
            ]
        found.sort(key=lambda pair: pair[0])
        return [value for _, value in found]

    @property
    def expected(self) -> tuple[ExpectedEnvFile, ...]:
        """The env files that the project works with, each once, there or not, sorted by path.

        One in use says it itself; else compose's ``env_file:``, a reader in Python (``load_dotenv``, ``read_env``,
        decouple, pydantic's ``env_file``), an example beside it. Reads the Python files again for it.
        """
        if self._expected is None:
            from celery_backend_lint.model.expected_env_files import expected_env_files

            self._expected = expected_env_files(self._project, self)
        return self._expected

    def nearest_gitignore(self, path: str) -> str | None:
        """Return the ``.gitignore`` nearest above ``path``, None when there is none in the project."""
        for folder in _upwards(path):
            name = f"{folder}/.gitignore" if folder else ".gitignore"
            if self._project.exists(name):
                return name
        return None

    def concerns(self, path: str, near: Iterable[str]) -> bool:
        """Whether the env file at ``path`` may speak for one of the files ``near``: it is not another service's."""
        return any(not self.is_foreign(path, one) for one in near)

    def _nearest(self, path: str, files: tuple[EnvFile, ...]) -> tuple[EnvFile, ...]:
        own = [file for file in files if not self.is_foreign(file.path, path)]
        for folder in _upwards(path):
            prefix = f"{folder}/" if folder else ""
            found = tuple(file for file in own if file.path.startswith(prefix))
            if found:
                return found
        return ()

    def is_foreign(self, path: str, near: str) -> bool:
        """Whether ``path`` belongs to another service: it lies in a folder with a manifest that ``near`` is not in."""
        folder = self._holders.get(path)
        if folder is None:
            folder = next((folder for folder in _upwards(path) if folder in self._manifests), "")
            self._holders[path] = folder
        return bool(folder) and not near.startswith(folder + "/")


def read_env_files(project: Project, near: Iterable[str] = ()) -> EnvFiles:
    """Find the project's env files: those listed, and those that git ignores in the folders where they use to be.

    These are the root, the folders with a manifest, a compose file, an example, and the folders of ``near`` (files
    that read variables).
    """
    found: set[str] = set()
    folders: dict[str, None] = {"": None}
    manifests: set[str] = set()
    for path in near:
        folders.update(dict.fromkeys(_upwards(path)))
    for path in project.paths():
        if path.endswith((".py", ".html", ".js", ".ts", ".png", ".svg", ".css", ".po")):
            continue
        folder, _, name = path.rpartition("/")
        if name in MANIFESTS:
            manifests.add(folder)
            folders[folder] = None
        elif name == "manage.py" or name.startswith(("docker-compose", "compose", "Dockerfile", "Procfile")):
            folders[folder] = None
        if is_env_file(path):
            found.add(path)
            folders[folder] = None
    for folder in list(folders)[:MOST_FOLDERS]:
        found.update(_look_into(project, folder))
    ordered = sorted(found)
    project.ask_later(ordered)
    return EnvFiles(project, tuple(EnvFile(project, path) for path in ordered), frozenset(manifests))


def _look_into(project: Project, folder: str, depth: int = 0) -> Iterator[str]:
    """Find the env files on the disk in a folder, and in folders of env files below it."""
    try:
        with os.scandir(os.path.join(project.root, folder)) as entries:
            names = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError:  # an unreadable folder is a note of the listing already
        return
    if depth and any(name == "pyvenv.cfg" for name, _ in names):
        return
    for name, is_folder in names[:1000] if depth else names:
        path = f"{folder}/{name}" if folder else name
        if is_folder:
            if depth < 3 and (depth or name in ENV_FOLDERS) and name != ".git":
                yield from _look_into(project, path, depth + 1)
        elif is_env_file(path) and project.on_disk(path):
            yield path


def _span(entry: Entry) -> Span:
    return entry.value_span if entry.value else entry.key_span


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _service_folder(path: str) -> str:
    """Return the folder that an env file speaks for: its own, or that of ``.envs``."""
    parts = _folder(path).split("/")
    for index, part in enumerate(parts):
        if part in ENV_FOLDERS:
            return "/".join(parts[:index])
    return "/".join(parts)


def _upwards(path: str) -> Iterator[str]:
    """Give the folder of ``path``, its parent, and so on to the root (``""``)."""
    folder = _folder(path)
    while folder:
        yield folder
        folder = _folder(folder)
    yield ""


def common_folders(first: str, second: str) -> int:
    """Count the folders that two paths of folders begin with in common."""
    count = 0
    for one, other in zip(first.split("/"), second.split("/"), strict=False):
        if one != other or not one:
            break
        count += 1
    return count
