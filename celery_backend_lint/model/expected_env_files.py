"""Which env files a project works with, there or not, and what says so."""

from __future__ import annotations

import os
import re

from celery_backend_lint.location import Location, Span
from celery_backend_lint.model.env_files import PYTHON_SIGNS
from celery_backend_lint.model.env_names import ENV_FOLDERS, in_use_name, is_env_file, is_example
from celery_backend_lint.model.env_readers import readers
from celery_backend_lint.model.file_mentions import is_copy_that_nothing_names, is_file_named, is_path_named
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model.env_files import EnvFiles
    from celery_backend_lint.project.discovery import Project

COMPOSE_ENV_FILE = (
    r"^[ \t]*env_file:(?P<one>[^\n#]*)(?P<more>(?:\n[ \t]*(?:-[^\n]*|path:[^\n]*|required:[^\n]*|#[^\n]*))*)"
)
MADE_ELSEWHERE = ("stack.env",)
"""Env files that compose files name and no checkout has: Portainer writes ``stack.env`` beside the file it deploys."""

DOT_ENV = (".env", "env")
"""The file that an example is for where nothing else is named."""

OF_TESTS = r"(?:.*[._-])?(?:tests?|testing|ci)(?:[._-].*)?"
"""Names of env files that are in nobody's place: projects have them beside the one that is filled in."""


@record
class ExpectedEnvFile:
    """An env file that the project works with, there or not, and what says so: ``reason`` at ``location``.

    The location's path is the file's own where it exists. ``placed`` is False where the folder is only guessed: the
    service's, for code that looks upwards or from where it is started. ``read_by`` is ``compose`` or ``python`` where
    that reads it, both joined by a blank, "" where nothing is seen to.
    """

    path: str
    reason: str
    location: Location
    placed: bool = True
    read_by: str = ""


def expected_env_files(project: Project, env_files: EnvFiles) -> tuple[ExpectedEnvFile, ...]:
    """Find the env files that the project works with, each once, sorted by path. Reads its Python files again."""
    found: dict[str, ExpectedEnvFile] = {}
    for file in env_files.in_use:
        found[file.path] = ExpectedEnvFile(file.path, "it exists", Location(file.path))
    by_compose = tuple(_by_compose(project))
    for expected in (*by_compose, *_by_python(project, env_files)):
        if not is_example(expected.path):
            first = found.setdefault(expected.path, expected)
            readers = " ".join(sorted({*first.read_by.split(), *expected.read_by.split()}))
            placed = first.placed or expected.placed
            found[expected.path] = ExpectedEnvFile(first.path, first.reason, first.location, placed, readers)
    filled = {_folder(path) for path in found if not re.fullmatch(OF_TESTS, path.rpartition("/")[2].lower())}
    as_they_are = frozenset(expected.path for expected in by_compose)
    for expected in _by_examples(project, env_files, frozenset(filled), as_they_are):
        found.setdefault(expected.path, expected)
    return tuple(found[path] for path in sorted(found))


def _by_compose(project: Project) -> Iterator[ExpectedEnvFile]:
    """What compose files name, examples that they hand out as they are too."""
    for path in project.paths():
        if not path.endswith((".yml", ".yaml")) or not project.mentions(path, (b"env_file",)):
            continue
        source = project.source(path)
        text = source.text if source is not None else ""
        for found in re.finditer(COMPOSE_ENV_FILE, text, re.MULTILINE):
            line = text.count("\n", 0, found.start()) + 1
            for named in _named(found["one"], found["more"]):
                joined = os.path.normpath(os.path.join(_folder(path), named)).replace(os.sep, "/")
                if (
                    not joined.startswith("..")
                    and not os.path.isabs(joined)
                    and is_env_file(joined)
                    and joined.rpartition("/")[2] not in MADE_ELSEWHERE
                ):
                    reason = "a compose file names it (env_file)"
                    yield ExpectedEnvFile(joined, reason, _at(path, line), read_by="compose")


def _by_python(project: Project, env_files: EnvFiles) -> Iterator[ExpectedEnvFile]:
    for path in sorted(project.python_files_mentioning(PYTHON_SIGNS), key=is_test_path):
        source = project.source(path)
        text = source.text if source is not None and not is_copy_that_nothing_names(project, path) else ""
        for reader in readers(text):
            if reader.name == "decouple" and _has_settings_ini(project, path, env_files.service_of(path)):
                continue
            for named, above in zip(reader.files, reader.above, strict=True):
                folder = (
                    env_files.service_of(path) if not above else "/".join([_folder(path) or ".", *[".."] * (above - 1)])
                )
                joined = os.path.normpath(os.path.join(folder, named)).replace(os.sep, "/")
                if not joined.startswith(("/", "..")):
                    at, by = _at(path, reader.line), "" if is_test_path(path) else "python"
                    yield ExpectedEnvFile(joined, f"{reader.name} reads it", at, placed=above > 0, read_by=by)


def _has_settings_ini(project: Project, path: str, service: str) -> bool:
    """Whether decouple finds a ``settings.ini`` first, on its way up from the code to the service's folder
    (python-decouple 3.8: of each folder it looks for that, then for ``.env``).

    One that the project has git ignore by its name is what its people fill in.
    """
    names, lists = [], []
    folder, inside = _folder(path), True
    while True:
        within = f"{folder}/" if folder else ""
        lists.append(f"{within}.gitignore")
        if inside:
            names.append(f"{within}settings.ini")
        if not folder:
            break
        inside = inside and folder != service
        folder = _folder(folder)
    if any(project.on_disk(name) for name in names):
        return True
    named = any(project.exists(one) and project.mentions(one, (b"settings.ini",)) for one in lists)
    return named and bool(project.ignored(names))


def _by_examples(
    project: Project, env_files: EnvFiles, filled: frozenset[str], as_they_are: frozenset[str]
) -> Iterator[ExpectedEnvFile]:
    """What the examples are of. ``filled`` are the folders that other expected env files lie in.

    In a folder of env files that has one in use (``.env/.env.local``), ``.env.example`` is the example of that one,
    unless something names a ``.env`` in the folder. An example that compose hands out (``as_they_are``) need not be
    copied: it is one of a file that something names.
    """
    for file in env_files.examples:
        named = in_use_name(file.path)
        folder, _, name = named.rpartition("/")
        if not named or file.path in as_they_are or name not in DOT_ENV:
            expected = bool(named) and is_file_named(project, named)
        else:
            alone = folder not in filled or folder.rpartition("/")[2] not in ENV_FOLDERS
            expected = alone or is_path_named(project, named)
        if expected:
            yield ExpectedEnvFile(named, "there is an example of it", Location(file.path))


def _named(one: str, more: str) -> Iterator[str]:
    for text in (*one.strip().strip("[]").split(","), *more.split("\n")):
        named = re.sub(r"^\s*-?\s*(?:path:)?\s*", "", text).split(" #")[0].strip().strip("\"'")
        if named and not named.startswith(("#", "required:")) and "$" not in named:
            yield named


def _at(path: str, line: int) -> Location:
    return Location(path, Span(line, 1, line, 1))


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
