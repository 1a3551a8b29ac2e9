"""Changed files put in place: all of a transaction or none, each of them old or new at any moment, never cut.

Everything is written to temporary files beside the targets and flushed before the first is renamed. What only gains
text comes before what loses some, git's ignore lists first of all: a credential that moves is never in neither place,
and never where git would take it along.
"""

from __future__ import annotations

import os
import stat
import sys

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

NEW_FILE = 0o666
"""The mode of a file that is created, before the process's umask."""

PRIVATE = 0o600
"""The mode of a created file that holds credentials."""


class NotWrittenError(Exception):
    """Why nothing of a transaction was written, in words that name the file."""


@record
class Change:
    """A file's content before (None: there was no file) and after.

    ``takes_away`` says that something of the old content is not in the new one, ``private`` that a created file is for
    its owner alone.
    """

    path: str
    before: bytes | None
    after: bytes
    takes_away: bool = False
    private: bool = False

    def __repr__(self) -> str:
        """Leave out the contents, which may hold credentials."""
        return f"Change({self.path!r})"


@record
class _Prepared:
    change: Change
    target: str
    temporary: str
    made_folders: tuple[str, ...]


def write(root: str, changes: Iterable[Change]) -> None:
    """Put changed files in place below ``root`` (absolute and real). Raises NotWrittenError: then nothing is changed.

    A file keeps its mode and, where the system allows it, its owner. One that is not as it was read (``before``) is
    left alone, and so is everything where a target lies outside of the root, through links too.
    """
    prepared: list[_Prepared] = []
    try:
        for change in sorted(changes, key=_order):
            prepared += [_prepare(root, change)]  # one by one: what is prepared is cleaned up when the next one fails
        replaced: list[_Prepared] = []
        try:
            for one in prepared:
                _check_unchanged(one.target, one.change)
                os.replace(one.temporary, one.target)
                replaced.append(one)
                _flush_folder(os.path.dirname(one.target))
        except (OSError, NotWrittenError) as error:
            left = [problem for one in reversed(replaced) if (problem := _put_back(one))]
            raise NotWrittenError(". ".join([_words(one.change.path, error), *left])) from None
    except BaseException:
        _clean_up(prepared)
        raise


def _order(change: Change) -> tuple[bool, bool, str]:
    return (os.path.basename(change.path) != ".gitignore", change.takes_away, change.path)


def _prepare(root: str, change: Change) -> _Prepared:
    """Write the new content to a temporary file beside the target."""
    target = _target(root, change)
    folder, name = os.path.split(target)
    made: list[str] = []
    temporary = ""
    try:
        made = _make_folders(folder)
        _check_unchanged(target, change)
        temporary = os.path.join(folder, f".{name}.{os.getpid()}.celery-backend-lint")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        mode = NEW_FILE if change.before is None and not change.private else PRIVATE
        descriptor = os.open(temporary, flags, mode)
        try:
            rest = memoryview(change.after)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            if change.before is not None:
                _keep_owner_and_mode(descriptor, temporary, os.stat(target))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException as error:
        _clean_up([_Prepared(change, target, temporary, tuple(made))])
        if isinstance(error, OSError):
            raise NotWrittenError(_words(change.path, error)) from None
        raise
    return _Prepared(change, target, temporary, tuple(made))


def _target(root: str, change: Change) -> str:
    """Where a path really lies. Raises NotWrittenError where that is not below the root, or no file that can change."""
    target = os.path.realpath(os.path.join(root, change.path))
    if not target.startswith(root.rstrip(os.sep) + os.sep):
        raise NotWrittenError(f"`{change.path}` lies outside of the project")
    try:
        status = os.lstat(target)
    except FileNotFoundError:
        return target
    except OSError as error:
        raise NotWrittenError(_words(change.path, error)) from None
    if not stat.S_ISREG(status.st_mode):
        raise NotWrittenError(f"`{change.path}` is no regular file")
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise NotWrittenError(f"`{change.path}` is read-only")
    return target


def _check_unchanged(target: str, change: Change) -> None:
    """Raise NotWrittenError where a file is not as it was when it was read."""
    try:
        with open(target, "rb") as stream:
            now: bytes | None = stream.read()
    except FileNotFoundError:
        now = None
    if now != change.before:
        what = "is gone since" if now is None else "was created while" if change.before is None else "changed while"
        raise NotWrittenError(f"`{change.path}` {what} the project was read")


def _keep_owner_and_mode(descriptor: int, temporary: str, status: os.stat_result) -> None:
    if hasattr(os, "fchown"):
        mine = os.fstat(descriptor)
        if (mine.st_uid, mine.st_gid) != (status.st_uid, status.st_gid):
            try:
                os.fchown(descriptor, status.st_uid, status.st_gid)
            except PermissionError:
                pass
    os.chmod(descriptor if os.chmod in os.supports_fd else temporary, stat.S_IMODE(status.st_mode))


def _make_folders(folder: str) -> list[str]:
    """Make a folder with those above it. Returns what was made, the innermost last."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    made: list[str] = []
    for one in reversed(missing):
        os.mkdir(one)
        made.append(one)
    return made


def _put_back(one: _Prepared) -> str:
    """Give a file its old content back. Returns what is to be said where that failed."""
    try:
        if one.change.before is None:
            os.unlink(one.target)
        else:
            back = _prepare(os.path.dirname(one.target), _reversed(one))
            os.replace(back.temporary, back.target)
    except (OSError, NotWrittenError):
        return f"`{one.change.path}` could not be put back: it holds its new content"
    return ""


def _reversed(one: _Prepared) -> Change:
    return Change(os.path.basename(one.target), one.change.after, one.change.before or b"")


def _clean_up(prepared: Iterable[_Prepared]) -> None:
    """Take away temporary files, and the folders that were made for them where nothing else is in them."""
    for one in prepared:
        for remove, path in ((os.unlink, one.temporary), *((os.rmdir, made) for made in reversed(one.made_folders))):
            try:
                remove(path)
            except OSError:
                pass


def _flush_folder(folder: str) -> None:
    """Have the system write down that a name stands for another file now; POSIX only."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _words(path: str, error: Exception) -> str:
    if isinstance(error, OSError):
        return f"`{path}` cannot be written: {error.strerror or error}"
    return str(error)
