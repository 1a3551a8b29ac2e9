"""What git knows of a folder: its list of files, and which ignore rule covers a path. Nothing else is asked of it.

git is started with ``posix_spawn`` where there is one: importing ``subprocess`` costs 10 ms, the call itself 1 ms
(CPython 3.11). The calls run nothing that the project could have put there: the file system monitor, which
``.git/config`` may name as any program, is switched off, and ``git`` is never looked for in a relative folder.
"""

from __future__ import annotations

import os

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LOCATION_VARIABLES = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CEILING_DIRECTORIES",
        "GIT_LITERAL_PATHSPECS",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
    }
)
"""What a git hook sets for its own repository (``git rev-parse --local-env-vars``), which need not be ours."""

MOST_INPUT = 16_000
"""Bytes written to a child before it is started; a pipe holds at least 16 KiB on Linux and macOS."""


class GitError(Exception):
    """git is missing, or refused; the message says why in its words or ours."""


@record
class IgnorePattern:
    """The pattern that decides whether a path is ignored.

    ``file`` is relative to the top of the repository, or absolute for the user's own list. A pattern with ``!`` in
    front re-includes: then the path is not ignored.
    """

    file: str
    line: int
    pattern: str

    @property
    def ignores(self) -> bool:
        """Whether the path is ignored by it."""
        return not self.pattern.startswith("!")


class Running:
    """A git command under way; :meth:`finish` gives its output."""

    __slots__ = ("_arguments", "_folder", "_pid", "_pipe")

    def __init__(self, arguments: tuple[str, ...], folder: str, given: bytes | None = None) -> None:
        """Start ``git -C folder arguments`` with ``given`` (up to ``MOST_INPUT`` bytes) on its standard input.

        Raises GitError when there is no git.
        """
        self._arguments = arguments
        self._folder = folder
        self._pipe = -1
        reader, writer = os.pipe()
        stdin = -1
        try:
            actions: list[tuple[int, int, str, int, int] | tuple[int, int, int]] = [
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, writer, 1),
            ]
            if given is None:
                actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
            else:
                stdin, feed = os.pipe()
                os.write(feed, given)
                os.close(feed)
                actions.append((os.POSIX_SPAWN_DUP2, stdin, 0))
            self._pid = os.posix_spawn(executable(), command(arguments, folder), environment(), file_actions=actions)
        except (OSError, GitError) as error:
            os.close(reader)
            raise GitError(str(error)) from None
        finally:
            os.close(writer)
            if stdin >= 0:
                os.close(stdin)
        self._pipe = reader

    def finish(self) -> tuple[int, bytes]:
        """Wait for the command. Returns its exit status and its standard output."""
        parts = []
        while part := os.read(self._pipe, 1 << 20):
            parts.append(part)
        return self._end(), b"".join(parts)

    def _end(self) -> int:
        """Close the pipe and wait for the exit status."""
        os.close(self._pipe)
        self._pipe = -1
        try:
            return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        except ChildProcessError:  # SIGCHLD is ignored here: the system has thrown the status away
            return 0

    def __del__(self) -> None:
        """End a command whose answer nobody asked for; without its pipe git ends at its next write."""
        if self._pipe >= 0:
            self._end()

    def refusal(self) -> str:
        """Return what git said when it refused, in one line: the command is run once more for it."""
        import subprocess

        try:
            done = subprocess.run(
                command(self._arguments, self._folder),
                executable=executable(),
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                check=False,
            )
        except (OSError, GitError) as error:
            return str(error)
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return lines[0] if lines else f"git ended with status {done.returncode}"


class RunningElsewhere:
    """The same as :class:`Running` where there is no ``posix_spawn`` (Windows), or no room for its pipes."""

    __slots__ = ("_arguments", "_error", "_folder", "_given")

    def __init__(self, arguments: tuple[str, ...], folder: str, given: bytes | None = None) -> None:
        """Remember the command; it runs in :meth:`finish`. Raises GitError when there is no git."""
        executable()
        self._arguments = arguments
        self._folder = folder
        self._given = given
        self._error = ""

    def finish(self) -> tuple[int, bytes]:
        """Run the command. Returns its exit status and its standard output."""
        import subprocess

        try:
            done = subprocess.run(
                command(self._arguments, self._folder),
                executable=executable(),
                env=environment(),
                input=self._given or b"",
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise GitError(str(error)) from None
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        self._error = lines[0] if lines else f"git ended with status {done.returncode}"
        return done.returncode, done.stdout

    def refusal(self) -> str:
        """Return what git said when it refused, in one line."""
        return self._error


def start(arguments: tuple[str, ...], folder: str, given: bytes | None = None) -> Running | RunningElsewhere:
    """Start ``git -C folder arguments``. Raises GitError when there is no git."""
    if hasattr(os, "posix_spawn"):
        return Running(arguments, folder, given)
    return RunningElsewhere(arguments, folder, given)


def executable() -> str:
    """Find git: its absolute path, from the absolute folders of PATH. Raises GitError when none has it."""
    names = ("git.exe", "git.cmd") if os.name == "nt" else ("git",)
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        if os.path.isabs(folder):
            for name in names:
                path = os.path.join(folder, name)
                if os.access(path, os.X_OK) and os.path.isfile(path):
                    return path
    raise GitError("git is not installed, or not on PATH")


def command(arguments: tuple[str, ...], folder: str) -> list[str]:
    """Return the whole command line for ``arguments``, to be run on ``folder``."""
    return ["git", "-C", folder, "-c", "core.fsmonitor=false", *arguments]


def environment() -> dict[str, str]:
    """Return the environment for git: ours, without what ties it to a repository; it never asks, never fetches."""
    kept = {name: value for name, value in os.environ.items() if name not in LOCATION_VARIABLES}
    kept.update(GIT_OPTIONAL_LOCKS="0", GIT_NO_LAZY_FETCH="1", GIT_TERMINAL_PROMPT="0", LC_ALL="C")
    return kept


LIST_FILES = ("ls-files", "-z", "-t", "--stage", "--cached", "--others", "--deleted", "--exclude-standard")
"""git's own list of a folder: what is tracked (with its mode), what is new, what is tracked and gone."""


def top_of(folder: str) -> str | None:
    """Find the work tree that ``folder`` (absolute) lies in: the nearest folder upwards with ``.git``, or None.

    ``.git`` may be a file (a linked work tree, a submodule).
    """
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def listed(output: bytes) -> list[str]:
    """Return the records of ``LIST_FILES``' output, undecodable names kept as Python keeps them (surrogates)."""
    return os.fsdecode(output).split("\0")[:-1]


def ignore_patterns(folder: str, paths: Iterable[str], options: tuple[str, ...] = ()) -> dict[str, IgnorePattern]:
    """Find which ignore rule decides about each of ``paths`` (relative to ``folder``), tracked or not.

    ``options`` are git's own (``--git-dir=…``). Paths that no rule mentions are left out, and so are those that git
    refuses to answer for (inside a submodule, beyond a symbolic link). Raises GitError when git cannot answer at all.
    """
    found: dict[str, IgnorePattern] = {}
    waiting = [os.fsencode(path) for path in dict.fromkeys(paths)]
    while waiting:
        size = count = 0
        while count < len(waiting) and (not count or size + len(waiting[count]) < MOST_INPUT):
            size += len(waiting[count]) + 1
            count += 1
        asked, waiting = waiting[:count], waiting[count:]
        while asked:
            arguments = (*options, "check-ignore", "-z", "--stdin", "--verbose", "--non-matching", "--no-index")
            running = start(arguments, folder, b"".join(path + b"\0" for path in asked))
            status, output = running.finish()
            fields = os.fsdecode(output).split("\0")
            answered = len(fields) // 4
            for index in range(0, answered * 4, 4):
                file, line, pattern, path = fields[index : index + 4]
                if pattern:
                    found[path] = IgnorePattern(file, int(line), pattern)
            if status in (0, 1):
                break
            if not answered:
                message = running.refusal()
                if "not a git repository" in message or "ownership" in message:
                    raise GitError(message)
            asked = asked[answered + 1 :]  # the one it stopped at has no answer
    return found
