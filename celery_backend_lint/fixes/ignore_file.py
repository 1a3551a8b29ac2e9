"""A line put into the ``.gitignore`` that decides about an env file, so that git leaves the file alone."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError, Edit
from celery_backend_lint.fixes.text_edits import append_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model


def ignore(model: Model, path: str) -> list[Edit]:
    """Have git ignore the env file at ``path``, and not its example ``.env.example``.

    Empty where git ignores it already, and outside of git. The line goes to the nearest ``.gitignore`` above, which is
    created at the root where there is none. Raises CannotFixError where git tracks the file: nothing is moved there.
    """
    if model.project.tracked(path):
        raise CannotFixError(f"`{path}` is tracked by git, so nothing is moved there")
    if not model.project.is_git or path in model.project.ignored([path]):
        return []
    place = model.env_files.nearest_gitignore(path) or ".gitignore"
    name = path.rpartition("/")[2]
    return [append_lines(model.project, place, f"{name}\n", name)]
