"""Changed files are put in place whole, all or none, whatever happens meanwhile."""

from __future__ import annotations

import os
import posix
import resource
import signal
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.fixes import transaction
from celery_backend_lint.fixes.transaction import Change, NotWrittenError, write

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = b"s3cr3t-value"
OLD = {"settings.py": b"URL = 'redis://:" + SECRET + b"@h'\n", "requirements.txt": b"celery\n"}
NEW = {
    "settings.py": b"import os\n\nURL = os.environ['URL']\n",
    "requirements.txt": b"celery\nredis\n",
    ".env": b"URL=redis://:" + SECRET + b"@h\n",
    ".gitignore": b".env\n",
    "deploy/probe.py": b"print()\n",
}
CALLS = ("open", "write", "fsync", "close", "replace", "chmod", "fchown", "mkdir", "unlink", "rmdir", "stat", "lstat")
ORIGINAL = {name: getattr(os, name) for name in CALLS}
NOBODY = 65534


def changes() -> list[Change]:
    return [
        Change(path, OLD.get(path), after, takes_away=path == "settings.py", private=path == ".env")
        for path, after in NEW.items()
    ]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "project"
    root.mkdir()
    for path, data in OLD.items():
        (root / path).write_bytes(data)
    return root


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def in_child(act: Callable[[], None]) -> int:
    """Run something in a process of its own. Returns its exit status, negative for the signal that ended it."""
    child = os.fork()
    if child == 0:
        status = 99
        try:
            act()
            status = 0
        except NotWrittenError:
            status = 3
        finally:
            for name, original in ORIGINAL.items():  # what measures coverage writes files at the end, too
                setattr(os, name, original)
            try:
                os._exit(status)  # which saves what coverage traced, where this user may write it
            finally:
                posix._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def at_call(number: int, happens: Callable[[], None]) -> None:
    """Have something happen before the ``number``-th system call that the transaction makes."""
    count = 0

    def counted(function: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal count
            count += 1
            if count == number:
                happens()
            return function(*args, **kwargs)

        return call

    for name in CALLS:
        original = ORIGINAL[name]
        replaced = counted(original)
        if original in os.supports_fd:
            os.supports_fd.add(replaced)
        setattr(os, name, replaced)


def test_all_files_are_written(root: Path) -> None:
    write(str(root), changes())
    assert tree(root) == NEW


def test_killed_at_any_moment_each_file_is_old_or_new_and_the_credential_is_somewhere(root: Path) -> None:
    statuses = []
    for number in range(1, 500):
        for path in NEW:
            (root / path).unlink(missing_ok=True)
        for path, data in OLD.items():
            (root / path).write_bytes(data)

        def act(number: int = number) -> None:
            at_call(number, lambda: os.kill(os.getpid(), signal.SIGKILL))
            write(str(root), changes())

        statuses.append(in_child(act))
        there = {path: data for path, data in tree(root).items() if not path.endswith(".celery-backend-lint")}
        for path, data in there.items():
            assert data in (OLD.get(path), NEW[path])
        assert there.keys() >= OLD.keys()
        assert any(SECRET in data for data in there.values())
        if ".env" in there:
            assert there.get(".gitignore") == NEW[".gitignore"], "git ignores the file before it is there"
        for path in root.rglob("*.celery-backend-lint"):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 or SECRET not in path.read_bytes()
            path.unlink()
        if statuses[-1] == 0:
            break
    assert statuses[-1] == 0
    assert len(statuses) > 40
    assert set(statuses[:-1]) == {-signal.SIGKILL}


@pytest.mark.no_cover  # some hundred processes, each of which would save what it traced
def test_any_call_that_fails_leaves_everything_as_it_was(root: Path) -> None:
    failed = harmless = 0
    for number in range(1, 500):
        happened = root.parent / "happened"
        happened.unlink(missing_ok=True)

        def fail(happened: Path = happened) -> None:
            happened.touch()
            raise OSError(28, "No space left on device")

        def act(number: int = number) -> None:
            at_call(number, fail)
            write(str(root), changes())

        status = in_child(act)
        if not happened.exists():
            break
        if status == 0:  # such as asking for what realpath need not know
            assert tree(root) == NEW
            harmless += 1
            for path in NEW:
                (root / path).unlink()
            (root / "deploy").rmdir()
            for path, data in OLD.items():
                (root / path).write_bytes(data)
        else:
            assert status == 3
            assert tree(root) == OLD
            assert not (root / "deploy").exists()
            failed += 1
    assert failed > 40
    assert harmless < failed


def test_a_full_disk_leaves_everything_as_it_was(root: Path) -> None:
    large = Change("settings.py", OLD["settings.py"], b"#" * 100_000)

    def act() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        write(str(root), [*(one for one in changes() if one.path != "settings.py"), large])

    assert in_child(act) == 3
    assert tree(root) == OLD


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_modes_are_kept_and_credentials_are_for_their_owner(root: Path) -> None:
    (root / "settings.py").chmod(0o754)
    before = os.umask(0o022)
    try:
        write(str(root), changes())
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE((root / path).stat().st_mode) for path in NEW}
    assert modes["settings.py"] == 0o754
    assert modes[".env"] == 0o600
    assert modes[".gitignore"] == 0o644


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root, to give a file to another user")
def test_the_owner_is_kept(root: Path) -> None:
    os.chown(root / "settings.py", NOBODY, NOBODY)
    write(str(root), changes())
    status = (root / "settings.py").stat()
    assert (status.st_uid, status.st_gid) == (NOBODY, NOBODY)


def test_a_file_that_changed_meanwhile_is_left_alone_with_all_the_others(root: Path) -> None:
    (root / "settings.py").write_bytes(b"URL = 'mine'\n")
    with pytest.raises(NotWrittenError, match=r"`settings\.py` changed while"):
        write(str(root), changes())
    assert tree(root) == {**OLD, "settings.py": b"URL = 'mine'\n"}


def test_a_file_that_came_up_meanwhile_is_left_alone(root: Path) -> None:
    (root / ".env").write_bytes(b"MINE=1\n")
    with pytest.raises(NotWrittenError, match=r"`\.env` was created"):
        write(str(root), changes())
    assert tree(root) == {**OLD, ".env": b"MINE=1\n"}


def test_a_file_that_went_away_meanwhile_is_not_made_again(root: Path) -> None:
    (root / "settings.py").unlink()
    with pytest.raises(NotWrittenError, match=r"`settings\.py` is gone"):
        write(str(root), changes())
    assert tree(root) == {"requirements.txt": OLD["requirements.txt"]}


def test_a_file_that_changes_between_preparing_and_writing_is_left_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.replace

    def replace(source: str, target: str) -> None:
        original(source, target)
        if target.endswith(".gitignore"):
            (root / "settings.py").write_bytes(b"URL = 'mine'\n")

    monkeypatch.setattr(transaction.os, "replace", replace)
    with pytest.raises(NotWrittenError, match="changed while"):
        write(str(root), changes())
    assert tree(root) == {**OLD, "settings.py": b"URL = 'mine'\n"}


@pytest.mark.parametrize("path", ["../other.py", "link.py", "folder/new.py"])
def test_nothing_outside_of_the_root_is_written(root: Path, path: str) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "other.py").write_bytes(b"x = 1\n")
    (root.parent / "other.py").write_bytes(b"x = 1\n")
    (root / "link.py").symlink_to(outside / "other.py")
    (root / "folder").symlink_to(outside)
    before = None if path == "folder/new.py" else b"x = 1\n"
    with pytest.raises(NotWrittenError, match="outside of the project"):
        write(str(root), [Change(path, before, b"x = 2\n"), *changes()])
    assert tree(outside) == {"other.py": b"x = 1\n"}
    assert (root.parent / "other.py").read_bytes() == b"x = 1\n"
    assert (root / "settings.py").read_bytes() == OLD["settings.py"]


def test_a_link_inside_of_the_root_stays_a_link(root: Path) -> None:
    (root / "link.py").symlink_to("settings.py")
    write(str(root), [Change("link.py", OLD["settings.py"], b"x = 1\n")])
    assert (root / "link.py").is_symlink()
    assert (root / "settings.py").read_bytes() == b"x = 1\n"


def test_a_read_only_file_is_left_alone(root: Path) -> None:
    (root / "requirements.txt").chmod(0o444)
    with pytest.raises(NotWrittenError, match=r"`requirements\.txt` is read-only"):
        write(str(root), changes())
    assert tree(root) == OLD


def test_a_read_only_folder_is_left_alone() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # another user shall come as far as the project
        root = Path(folder).resolve() / "project"
        root.mkdir()
        for path, data in OLD.items():
            (root / path).write_bytes(data)
            (root / path).chmod(0o666)

        def act() -> None:
            if os.geteuid() == 0:
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            write(str(root), changes())

        root.chmod(0o555)
        assert in_child(act) == 3
        assert tree(root) == OLD
        root.chmod(0o755)


def test_a_folder_in_place_of_a_file_is_left_alone(root: Path) -> None:
    (root / "deploy").mkdir()
    (root / "deploy/probe.py").mkdir()
    with pytest.raises(NotWrittenError, match="no regular file"):
        write(str(root), changes())
    assert tree(root) == OLD
