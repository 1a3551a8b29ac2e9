"""The reading of a model, for a project that has to do with Celery: everything that it takes is imported here."""

from __future__ import annotations

from celery_backend_lint.evaluate.environment.set_by_code import ENVIRON
from celery_backend_lint.evaluate.evaluator import Evaluator
from celery_backend_lint.model import SIGNS, Model
from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES
from celery_backend_lint.model.apps.places import CONF, WRITES_CONF
from celery_backend_lint.model.apps.reading import read_apps
from celery_backend_lint.model.deployment.reading import Deployment
from celery_backend_lint.model.env_files import PYTHON_SIGNS, read_env_files
from celery_backend_lint.model.manifests.collect import read_manifests
from celery_backend_lint.model.results.facts import ResultFacts
from celery_backend_lint.model.serializers import NEEDLES as REGISTERS
from celery_backend_lint.model.variable_evidence import VariableEvidence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.project.discovery import Project

EXPECTED = (CONF, *WRITES_CONF, *REGISTERS, *PYTHON_SIGNS, ENVIRON)
"""What is looked for in every Python file, by one search."""

MOST_NEAR = 100
"""In the folders of how many files that speak of Celery ignored env files are looked for."""


def read(project: Project, target_celery: str | None, release: str | None, *, wants_advice: bool) -> Model:
    """The model of a project; the arguments are those of :func:`celery_backend_lint.model.read_model`."""
    project.expect(EXPECTED)
    evaluator = Evaluator(project)
    manifests = read_manifests(project)
    env_files = read_env_files(project, project.python_files_mentioning(SIGNS)[:MOST_NEAR])
    deployment = Deployment(project)
    evidence = VariableEvidence(env_files, deployment)
    apps = tuple(read_apps(evaluator, manifests, evidence, deployment, target_celery, release))
    results = ResultFacts(evaluator, apps)
    model = Model(project, evaluator, apps, manifests, env_files, deployment, evidence, results, wants_advice)
    own = OWN_VARIABLES["result_backend"]
    if not apps or not (
        any(own in file.values() for file in env_files.in_use)
        or any(True for _ in deployment.mentioning([own.encode()], pipelines=False))
    ):
        return model
    from celery_backend_lint.model.own_given import with_given_backends

    apps = with_given_backends(model)
    results = ResultFacts(evaluator, apps)
    return Model(project, evaluator, apps, manifests, env_files, deployment, evidence, results, wants_advice)
