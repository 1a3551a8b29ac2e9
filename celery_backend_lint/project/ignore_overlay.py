"""What git would ignore with other ignore lists than those on the disk: git itself is asked, about a copy of them."""

from __future__ import annotations

import os
import tempfile

from celery_backend_lint.project import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def ignore_patterns(
    folder: str, paths: Iterable[str], lists: Mapping[str, bytes | None]
) -> dict[str, git.IgnorePattern]:
    """As ``git.ignore_patterns``, where some ``.gitignore`` files have another content.

    ``lists`` are the project's, by absolute path, with the other content, or None for what is on the disk; those
    above the project are read here, and those beside ``paths`` in folders that git ignores today. Raises git.GitError.
    """
    top = git.top_of(folder) or folder
    paths = tuple(paths)
    folders = {os.path.dirname(os.path.join(folder, path)) for path in paths}
    around = dict.fromkeys(found for one in sorted({folder, *folders}) for found in _above(top, one))
    with tempfile.TemporaryDirectory(prefix="celery-backend-lint-") as copy:
        for path, other in {**around, **lists}.items():
            content = _read(path) if other is None else other
            target = os.path.join(copy, os.path.relpath(path, top))
            if content is not None and not os.path.relpath(path, top).startswith(os.pardir):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "wb") as stream:
                    stream.write(content)
        inside = os.path.join(copy, os.path.relpath(folder, top))
        os.makedirs(inside, exist_ok=True)
        options = (f"--git-dir={os.path.join(top, '.git')}", f"--work-tree={copy}")
        return git.ignore_patterns(os.path.normpath(inside), paths, options)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return None


def _above(top: str, folder: str) -> list[str]:
    """The ignore lists in a folder and in those above it, as far as ``top``."""
    found = [os.path.join(top, ".gitignore")]
    while len(folder) > len(top) and folder.startswith(top):
        found.append(os.path.join(folder, ".gitignore"))
        folder = os.path.dirname(folder)
    return found
