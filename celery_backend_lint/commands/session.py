"""What commands begin with: the project, its configuration, and messages about the run itself."""

from __future__ import annotations

import os
import sys

from celery_backend_lint.options import ConfigurationError, Options, find_options, is_version, read_options
from celery_backend_lint.patterns import matcher
from celery_backend_lint.report.style import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import SimpleNamespace

    from celery_backend_lint.project.discovery import Project

COMMANDS = ("check", "config", "configure", "rule", "verify")
FAILED = 2


def complain(message: str) -> int:
    """Say on standard error why the run failed, and return the exit code for that."""
    tell(f"error: {message}")
    return FAILED


def complain_of_crash(error: BaseException) -> int:
    """Say that this tool crashed and how to report it, and return the exit code for that."""
    from celery_backend_lint.location import Location
    from celery_backend_lint.rules.engine import internal_error

    finding = internal_error("celery-backend-lint", error, Location("."))
    return complain(f"{finding.message.partition(';')[0]}; {finding.help}")


def tell(message: str) -> None:
    """Say something about the run on standard error."""
    from celery_backend_lint.findings.masking import mask

    print(printable(mask(f"celery-backend-lint: {message}")), file=sys.stderr)


def options_for(root: str, arguments: SimpleNamespace) -> Options:
    """The configuration for a project root (absolute), as ``--config`` and ``--isolated`` have it.

    Raises ConfigurationError.
    """
    if arguments.isolated:
        return Options()
    if arguments.config is not None:
        return read_options(arguments.config)
    return find_options(root)


def target_celery(options: Options, arguments: SimpleNamespace) -> str | None:
    """The Celery release to assume, from the command line or the configuration. Raises ConfigurationError."""
    given: str | None = arguments.target_celery
    if given is None:
        return options.target_celery
    if not is_version(given):
        raise ConfigurationError(f"--target-celery: expected a release of Celery, such as 5.4, not {given!r}")
    return given


def open_given(arguments: SimpleNamespace) -> Project:
    """The project that the PATHs mean. Raises BadPathError."""
    from celery_backend_lint.project.discovery import BadPathError, open_project

    try:
        return open_project(arguments.paths, os.getcwd())
    except BadPathError as error:
        if arguments.paths[0] in COMMANDS:
            raise BadPathError(
                f"{error}; the command comes first: `celery-backend-lint {arguments.paths[0]} …`"
            ) from None
        raise


def opener(arguments: SimpleNamespace, options: Options) -> Callable[[Mapping[str, bytes]], Project]:
    """What opens the project that the PATHs mean, with another content of some files, by path.

    What the disk has is listed and read once: a file is what it was when it was first read.
    """
    from celery_backend_lint.project.changed import ChangedProject

    project: Project | None = None

    def opened(changes: Mapping[str, bytes]) -> Project:
        nonlocal project
        if project is None:
            project = open_given(arguments)
            exclude(project, options)
        return ChangedProject(project, changes)

    return opened


def base_of(project: Project, options: Options) -> str:
    """What leads from the folder of the nearest configuration, which its patterns are relative to, to the root.

    Empty, or with a ``/`` at its end; empty too for a file that ``--config`` names from elsewhere.
    """
    folder = os.path.dirname(options.source)
    if not folder or folder == project.root or not project.root.startswith(folder.rstrip(os.sep) + os.sep):
        return ""
    return os.path.relpath(project.root, folder).replace(os.sep, "/") + "/"


def exclude(project: Project, options: Options) -> None:
    """Leave out of the project what the configuration excludes. A pattern that covers the root itself is passed over.

    The user asked for that root.
    """
    if options.exclude:
        base = base_of(project, options)
        patterns = [pattern for pattern in options.exclude if not (base and matcher([pattern])(base.rstrip("/")))]
        project.exclude(matcher(patterns, base))


def prefix_of(root: str) -> str:
    """What leads from the working directory to the root (absolute): empty, or with a ``/`` at its end."""
    relative = os.path.relpath(root, os.path.realpath(os.getcwd())).replace(os.sep, "/")
    return "" if relative == "." else f"{relative}/"
