"""One thing that is done to an app."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Choice, Instance
from celery_backend_lint.model.apps.creations import is_celery_class
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Entry, Value
    from celery_backend_lint.model.apps.creations import Creation
    from celery_backend_lint.syntax.python import Node


@record
class Step:
    """Something done to an app. ``node`` is the attribute node (``app.conf``), or the name that stands for it.

    ``attribute`` is its name, ``made`` for the call that creates the app (then ``arguments`` and ``keywords`` are what
    reaches ``Celery.__init__``), ``given`` where ``conf`` goes somewhere that is not followed. ``condition`` is when it
    happens, None for always. ``certain`` is False where nothing that runs with the app's module is seen to lead there,
    ``why`` says what. ``inner`` is what a signal's handler does.
    """

    node: Node
    attribute: str
    scope: Scope
    condition: Value | None
    certain: bool
    owner: Value
    why: str = ""
    arguments: tuple[Value, ...] = ()
    keywords: tuple[Entry, ...] = ()
    inner: tuple[Step, ...] = ()


def changed(step: Step, attribute: str, *, inner: tuple[Step, ...] = ()) -> Step:
    """The same step with another attribute, and what a handler does."""
    return Step(
        step.node, attribute, step.scope, step.condition, step.certain, step.owner, step.why, step.arguments,
        step.keywords, inner,
    )  # fmt: skip


def uncertain(step: Step, why: str) -> Step:
    """The same step, of which it is not known whether it happens."""
    return Step(
        step.node, step.attribute, step.scope, step.condition, False, step.owner, why, step.arguments, step.keywords,
        step.inner,
    )  # fmt: skip


def always(step: Step) -> Step:
    """The same step where the condition of it is known to hold."""
    return Step(
        step.node, step.attribute, step.scope, None, step.certain, step.owner, step.why, step.arguments, step.keywords,
        step.inner,
    )  # fmt: skip


def is_of(ev: Evaluator, owner: Value, creation: Creation) -> bool:
    """Whether an expression may be the app that is made at a place."""
    if isinstance(owner, Choice):
        return any(is_of(ev, one.value, creation) for one in owner.alternatives)
    return isinstance(owner, Instance) and owner.origin == creation.location and is_celery_class(ev, owner.type)
