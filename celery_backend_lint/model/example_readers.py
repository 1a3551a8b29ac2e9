"""Whose an example of the environment is: which programs read what it sets, as far as the repository shows."""

from __future__ import annotations

import re

from celery_backend_lint.model.env_names import ENV_FOLDERS, FRONT_END, in_use_name, is_example
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.model.env_files import EnvFile, EnvFiles
    from celery_backend_lint.model.expected_env_files import ExpectedEnvFile
    from celery_backend_lint.project.discovery import Project

SHORTEST_FIELD = 3
"""Characters of a settings field that is looked for at the end of a variable's name, behind its prefix."""


def may_be_of_python(project: Project, env_files: EnvFiles, example: EnvFile) -> bool:
    """Whether an example may be that of a program in Python: not where all that it sets is for what browsers load.

    Where only a part is, the rest is the front end's too (``NODE_ENV``, ``PORT``), unless Python reads some of it, or
    reads the file that people make of the example, or compose hands that out.
    """
    keys = [entry.key for entry in example.compose_entries]
    others = [key for key in keys if not key.startswith(FRONT_END)]
    if len(others) == len(keys):
        return True
    if all_of_front_end(keys):
        return False
    return _is_read(project, others) or _is_read_as_a_file(env_files, example)


def speaks_for(project: Project, example: EnvFile, path: str) -> bool:
    """Whether an example is for who runs the code at ``path``, and not for another program beside it
    (``monitoring/.env.example``): it lies beside the code or above it, some Python reads what it sets, or a compose
    file beside it that hands out env files runs Celery. One that is empty yet may be for anybody.
    """
    folder = _folder_of(example.path)
    if not folder or path.startswith(f"{folder}/"):
        return True
    if is_test_path(example.path) or is_example_path(example.path):
        return False
    keys = [entry.key for entry in example.compose_entries]
    return not keys or _runs_celery(project, folder) or _is_read(project, keys)


def is_evidence(env_files: EnvFiles, expected: ExpectedEnvFile, path: str) -> bool:
    """Whether an expected env file shows that the code at ``path`` works with env files: not that of a front end, nor
    one that only the example of another program speaks of.
    """
    file = next((one for one in env_files.files if one.path == expected.path), None)
    if file is not None:
        keys = [entry.key for entry in file.compose_entries]
        folder = expected.path.rpartition("/")[0]
        beside = bool(folder) and not path.startswith(f"{folder}/")
        return not any(key.startswith(FRONT_END) for key in keys) or not (beside or all_of_front_end(keys))
    if expected.read_by or not is_example(expected.location.path):
        return True
    return any(one.path == expected.location.path for one in env_files.examples_for(path))


def all_of_front_end(keys: Iterable[str]) -> bool:
    """Whether all of some variables are for what browsers load."""
    return all(key.startswith(FRONT_END) for key in keys)


def _runs_celery(project: Project, folder: str) -> bool:
    """Whether a compose file of a folder hands out env files and runs Celery."""
    return any(
        path.endswith((".yml", ".yaml"))
        and path.rpartition("/")[0] == folder
        and project.mentions(path, (b"env_file",))
        and project.mentions(path, (b"celery",))
        for path in project.paths()
    )


def _folder_of(path: str) -> str:
    """The folder that an env file is for: its own, or the one that a folder of env files lies in."""
    parts = path.split("/")[:-1]
    for index, part in enumerate(parts):
        if part in ENV_FOLDERS:
            return "/".join(parts[:index])
    return "/".join(parts)


def _is_read_as_a_file(env_files: EnvFiles, example: EnvFile) -> bool:
    """Whether something reads the env file that is made of an example. One that is looked for upwards, from a folder
    that is not known, may be that of any folder above.
    """
    named = in_use_name(example.path)
    folder, slash, name = named.rpartition("/")
    return any(
        one.read_by
        and (one.path == named or (not one.placed and one.path.endswith(name) and one.path.startswith(folder + slash)))
        for one in env_files.expected
    )


def _is_read(project: Project, keys: Iterable[str]) -> bool:
    """Whether some Python, but for that of tests, names one of some variables: in a text, or as a settings field."""
    wanted = sorted(dict.fromkeys(keys))
    if not wanted:
        return False
    either = b"|".join(re.escape(key.encode()) for key in wanted)
    word = re.compile(rb"(?<![A-Za-z0-9_])(?:" + either + rb")(?![A-Za-z0-9_])")
    for path in project.python_files_mentioning([key.encode() for key in wanted]):
        source = project.source(path)
        if not is_test_path(path) and source is not None and word.search(source.data):
            return True
    lowered = [key.lower().encode() for key in wanted]
    for path in project.python_files_mentioning([b"BaseSettings"]):
        source = project.source(path)
        if is_test_path(path) or source is None:
            continue
        for found in re.finditer(rb"(?m)^[ \t]+(\w+)[ \t]*:", source.data):
            field = found[1].lower()
            if len(field) >= SHORTEST_FIELD and any((b"_" + key).endswith(b"_" + field) for key in lowered):
                return True
    return False
