"""The list of a project's files: git's own where it has one, else a walk, without what is not the project's."""

from __future__ import annotations

import os

from celery_backend_lint.project import git
from celery_backend_lint.project.source import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FOREIGN_SIGNS = (
    "site-packages/",
    "dist-packages/",
    "node_modules/",
    "__pypackages__/",
    "pyvenv.cfg",
    "celery/app/defaults.py",
)
"""Text that some path holds where a project holds its dependencies' code."""

COPY_SIGNS = (
    "backup", "Backup", "BACKUP", "bak", "copy", "Copy", "orig", "_old", "-old", ".old", " old", "old/", "old_", "old-",
    "Old", "_20", "-20", ".20",
)  # fmt: skip
"""Text that some folder's name holds where a project keeps copies of its folders."""


class Listing:
    """The files below some folders of a root, with what git says of them.

    ``untracked`` are files of the list that git does not track, ``absent`` those that it tracks and that are not
    there, ``submodules`` prefixes of repositories inside, ``git_folders`` the folders that git listed. ``copied`` are
    the files of copies of a folder, which are not in the list, each with the path of the file that it is a copy of.
    ``installed`` are the packages in environments that git tracks, with their versions (``vendored.installed``).
    """

    __slots__ = (
        "_root",
        "_running",
        "absent",
        "copied",
        "git_folders",
        "installed",
        "notes",
        "submodules",
        "untracked",
    )

    def __init__(self, root: str, folders: tuple[str, ...]) -> None:
        """Start git for each of ``folders`` (relative) that lies in a work tree; nothing is waited for here."""
        self._root = root
        self.notes: list[Unreadable] = []
        self.untracked: set[str] = set()
        self.absent: set[str] = set()
        self.copied: dict[str, str] = {}
        self.installed: dict[str, frozenset[str]] = {}
        self.submodules: tuple[str, ...] = ()
        self.git_folders: list[str] = []
        self._running = [(folder, self._start(folder)) for folder in folders]

    def _start(self, folder: str) -> git.Running | git.RunningElsewhere | None:
        absolute = os.path.join(self._root, folder)
        if git.top_of(absolute) is None:
            if all(os.path.exists(os.path.join(absolute, part)) for part in ("HEAD", "objects", "refs")):
                self.notes.append(Unreadable(folder or ".", "is a bare git repository: it has no files", skipped=True))
            return None
        try:
            return git.start(git.LIST_FILES, absolute)
        except git.GitError as error:
            self.notes.append(
                Unreadable(folder or ".", f"is listed by walking the folder, not by git: {error}", skipped=True)
            )
            return None

    def finish(self, excluded: Callable[[str], bool] | None, extra: tuple[str, ...]) -> list[str]:
        """Wait for git and return the list, sorted: without what ``excluded`` is true of, with ``extra`` files."""
        found: list[str] = []
        links: list[str] = []
        folders_named = [folder for folder, _ in self._running]
        for folder, running in self._running:
            if running is None or not self._list_by_git(folder, running, found, links):
                self._walk(folder, found, links)
        self._running = []
        found.extend(path for path in links if self._link_stays(path))
        if excluded is not None:
            found = [path for path in found if not excluded(path)]
        found.extend(extra)
        kept = sorted(set(found))
        text = "\n".join(kept)
        if any(sign in text for sign in FOREIGN_SIGNS):
            from celery_backend_lint.project.vendored import installed, leave_out

            kept, left, notes = leave_out(kept)
            if self.git_folders:
                self.installed = installed(path for path in left if path not in self.untracked)
            self.notes.extend(notes)
        folders = "/\n".join({path.rpartition("/")[0] for path in kept if path.endswith(".py")}) + "/"
        if any(sign in folders for sign in COPY_SIGNS):
            from celery_backend_lint.project import backups

            kept, self.copied, notes = backups.leave_out(kept, self._root, (*folders_named, *extra))
            self.notes.extend(notes)
        return kept

    def _list_by_git(
        self, folder: str, running: git.Running | git.RunningElsewhere, found: list[str], links: list[str]
    ) -> bool:
        """Add git's list of ``folder``; False when git refused or has nothing (an ignored folder was asked for)."""
        prefix = folder + "/" if folder else ""
        try:
            status, output = running.finish()
        except git.GitError as error:
            status, output, reason = 128, b"", str(error)
        else:
            reason = running.refusal() if status else "git ignores this folder" if not output else ""
        if reason:
            self.notes.append(
                Unreadable(folder or ".", f"is listed by walking the folder, not by git: {reason}", skipped=True)
            )
            return False
        self.git_folders.append(folder)
        gone: set[str] = set()
        before = len(found)
        submodules = []
        sparse = 0
        for entry in git.listed(output):
            tag = entry[0]
            if tag == "H" and entry.startswith("100", 2):
                found.append(prefix + entry[entry.index("\t") + 1 :])
            elif tag == "?":
                path = prefix + entry[2:]
                if path.endswith("/"):
                    submodules.append(path)
                    continue
                self.untracked.add(path)
                (links if os.path.islink(os.path.join(self._root, path)) else found).append(path)
            else:
                path = prefix + entry[entry.index("\t") + 1 :]
                if tag == "R":
                    gone.add(path)
                elif entry.startswith("160000", 2):
                    submodules.append(path + "/")
                elif tag == "S" and not os.path.lexists(os.path.join(self._root, path)):
                    sparse += 1
                    gone.add(path)
                elif entry.startswith("120000", 2):
                    if os.path.islink(os.path.join(self._root, path)):
                        links.append(path)
                else:
                    found.append(path)
        linked = self._linked_folders(found[before:])
        if linked:
            self.notes.extend(Unreadable(path, "is a linked folder", skipped=True) for path in sorted(linked))
            behind = tuple(path + "/" for path in linked)
            gone.update(path for path in found[before:] if path.startswith(behind))
        if gone:
            self.absent |= gone
            found[before:] = [path for path in found[before:] if path not in gone]
        self.submodules = (*self.submodules, *submodules)
        for path in submodules:
            self.notes.append(Unreadable(path.rstrip("/"), "is left out: a repository of its own", skipped=True))
        if sparse:
            self.notes.append(Unreadable(folder or ".", f"lacks {sparse} files (sparse checkout)", skipped=True))
        return True

    def git_folder(self, path: str) -> str | None:
        """The folder that git listed in which a path lies; None where git did not list it."""
        for folder in self.git_folders:
            if not folder or path.startswith(folder + "/"):
                return folder
        return None

    def _linked_folders(self, paths: list[str]) -> set[str]:
        """Find the folders of ``paths`` that are links on the disk, though git has files below them in its index."""
        return {folder for folder in folders_of(paths) if os.path.islink(os.path.join(self._root, folder))}

    def _walk(self, folder: str, found: list[str], links: list[str]) -> None:
        from celery_backend_lint.project.walk import walk

        prefix = folder + "/" if folder else ""
        files, more, notes = walk(os.path.join(self._root, folder))
        found.extend(prefix + path for path in files)
        links.extend(prefix + path for path in more)
        self.notes.extend(Unreadable(prefix + note.path, note.reason, note.skipped) for note in notes)

    def _link_stays(self, path: str) -> bool:
        """Whether a link of the list leads to a file below the root; a note says where it does not."""
        absolute = os.path.join(self._root, path)
        try:
            target = os.path.realpath(absolute, strict=True)
        except OSError as error:
            self.notes.append(Unreadable(path, f"is a link that leads nowhere: {error.strerror}", skipped=True))
            return False
        if not below(target, self._root):
            self.notes.append(Unreadable(path, "is a link that leads out of the project", skipped=True))
            return False
        return os.path.isfile(target)


def below(path: str, root: str) -> bool:
    """Whether ``path`` is ``root`` or lies below it (both absolute and real)."""
    return path == root or path.startswith(root if root.endswith(os.sep) else root + os.sep)


def folders_of(paths: Iterable[str]) -> set[str]:
    """Every folder that one of ``paths`` lies in, those above it included, but for the root."""
    seen: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in seen:
            seen.add(folder)
            folder = folder.rpartition("/")[0]
    return seen
