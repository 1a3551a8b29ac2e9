"""What Celery does with a project's values: apps, precedence, names, backends; manifests, env files."""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.deployment.reading import Deployment
    from celery_backend_lint.model.env_files import EnvFiles
    from celery_backend_lint.model.manifests.selection import Manifests
    from celery_backend_lint.model.results.facts import ResultFacts
    from celery_backend_lint.model.variable_evidence import VariableEvidence
    from celery_backend_lint.project.discovery import Project

SIGNS = (b"elery", b"CELERY")
"""Bytes without which no Python file has to do with Celery."""

ROOT_MANIFESTS = ("requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "requirements/base.txt")
"""Where most projects declare Celery."""


@record
class Model:
    """A project as rules see it.

    ``apps`` are all of them; rules look at ``checked_apps``, those outside of test code. ``wants_advice`` is False
    where findings of that severity will not be shown: a rule may leave out what is costly to find. ``deployment`` is
    what deployment files say, read when it is asked; ``evidence`` what the repository says that variables hold;
    ``results`` are its tasks and what it does with their results, read when they are asked for.
    """

    project: Project
    evaluator: Evaluator
    apps: tuple[App, ...]
    manifests: Manifests
    env_files: EnvFiles
    deployment: Deployment
    evidence: VariableEvidence
    results: ResultFacts
    wants_advice: bool = True

    @property
    def checked_apps(self) -> tuple[App, ...]:
        """The apps that findings are about: those that test code makes for itself are left out."""
        return tuple(app for app in self.apps if not app.in_tests)

    @property
    def unresolved(self) -> int:
        """How many apps' result backends could not be read, for the summary; CBL003 says why."""
        return sum(1 for app in self.checked_apps if app.result_backend.unresolved)


def read_model(
    project: Project, target_celery: str | None = None, release: str | None = None, *, wants_advice: bool = True
) -> Model | None:
    """The model of a project; None when nothing in it has to do with Celery.

    ``target_celery`` is the release or range to assume where no manifest declares one; ``release`` is the exact release
    to read the project for whatever is declared. ``wants_advice`` as in Model.
    """
    if not project.python_files_mentioning(SIGNS) and not project.never_run:
        return None
    from celery_backend_lint.model.reading import read

    return read(project, target_celery, release, wants_advice=wants_advice)


def prepare(project: Project) -> bool:
    """Make ready to read a model where a manifest at the root speaks of Celery; whether one does.

    What it takes is imported while git is still listing the files, and one search finds all that it looks for.
    """
    sources = (project.source(path) for path in ROOT_MANIFESTS)
    if not any(source is not None and SIGNS[0] in source.data for source in sources):
        return False
    from celery_backend_lint.model.reading import EXPECTED

    project.expect(EXPECTED)
    return True
