"""What happens to one app: what the walk through its module came to, then what else the project may do to it."""

from __future__ import annotations

from celery_backend_lint.evaluate.imported_modules import reaches
from celery_backend_lint.evaluate.reached import condition_at
from celery_backend_lint.evaluate.values import External, Instance, Literal
from celery_backend_lint.model.apps.code_shapes import own_app
from celery_backend_lint.model.apps.places import definition_around
from celery_backend_lint.model.apps.step import Step, is_of, uncertain
from celery_backend_lint.model.apps.unseen_apps import UNSEEN, is_made_otherwise, is_of_parameter, is_run, may_be_app
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model.apps.creations import Creation
    from celery_backend_lint.model.apps.places import Places
    from celery_backend_lint.model.apps.walk import Walk


def steps_of(places: Places, walk: Walk, creation: Creation) -> list[Step]:
    """What happens to one app: what the walk through its module came to, then what else may be done to it."""
    steps = [step for step in walk.steps if step.attribute == UNSEEN or is_of(places.ev, step.owner, creation)]
    if not any(step.attribute == "made" for step in steps):
        steps = [*(step for step in walk.create(creation) if is_of(places.ev, step.owner, creation)), *steps]
    if walk.is_cut:
        owner = Instance(External("celery.Celery", creation.location), (), (), creation.location)
        steps.append(Step(creation.node, "cut", creation.scope, None, False, owner))
    steps += left_over(places, walk, creation)
    return steps


def left_over(places: Places, walk: Walk, creation: Creation) -> Iterator[Step]:
    """What is or may be done to an app in places that the walk did not come to: by path and line, none of it certain.

    What tests do to the project's app holds in tests only.
    """
    in_tests = is_test_path(creation.file.path)
    for file, point in sorted(places.touches, key=lambda one: one[0] is not creation.file):
        if (file.path, point.offset) in walk.seen or (is_test_path(file.path) and not in_tests):
            continue
        scope = places.ev.scope_at(point.node, file.scope)
        owner = own_app(places.ev, point.node, creation) or walk.owners.owner(point, scope)
        if owner is None or point.name.startswith("on_"):
            continue
        attribute = point.name if point.kind == "touch" else "conf"
        if not is_of(places.ev, owner, creation):
            if walk.owners.may_be_app(owner) or not may_be_app(places.ev, owner, point):
                continue
            if not is_run(point.node) or (is_of_parameter(point.node, scope) and not is_made_otherwise(owner)):
                continue
            attribute = UNSEEN
        condition = condition_at(places.ev, point.node, scope)
        if isinstance(condition, Literal):
            continue
        step = Step(point.node, attribute, scope, condition, True, owner)
        if scope.kind == "function" or definition_around(point.node) is not None:
            yield uncertain(step, "a function that nothing is seen to call has a say")
        elif reaches(places.ev, walk.started, file.path):
            yield step
        else:
            yield uncertain(step, f"whether {file.path} is imported")
