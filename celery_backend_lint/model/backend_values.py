"""Every value that a project gives an app's ``result_backend``: each outcome, also of the places that lose."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Operation, Text
from celery_backend_lint.model.condition_words import when
from celery_backend_lint.model.held import outcomes, variables
from celery_backend_lint.model.outcomes import remaining
from celery_backend_lint.model.urls import UNKNOWN, text_of
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.apps.declared_celery import DeclaredCelery
    from celery_backend_lint.model.data import Version


@record
class BackendValue:
    """One value that ``result_backend`` may have, no read of a variable itself.

    ``text`` is as ``urls.text_of`` gives it, None where the value is no text or not known. ``effective`` is False where
    another place wins: Celery does not use it then. ``condition`` says in words when it holds, "" for always or where
    that cannot be said shortly.
    """

    value: Value
    text: str | None
    effective: bool
    condition: str

    @property
    def location(self) -> Location:
        """Where the value stands."""
        return self.value.origin

    @property
    def clause(self) -> str:
        """What to put behind a verb in a message: when this value holds, and that another wins where one does."""
        condition = f" when {self.condition}" if self.condition else ""
        return condition if self.effective else f"{condition} (another value wins today)"


def backend_values(app: App) -> Iterator[BackendValue]:
    """Each outcome of ``result_backend`` that is not merely a read of the environment, the effective ones first.

    A place is given once, however many assignments lead to it. What only test code sets is left out.
    """
    setting = app.settings.get("result_backend")
    if setting is None:
        return
    seen: set[Location] = set()
    never: set[Location] = set()
    losing = [one.value for one in setting.assignments if not is_test_path(one.location.path)]
    for value, effective in [(setting.value, app.given_backend is None), *((one, False) for one in losing)]:
        for leaf, condition in _leaves(value, "", {}):
            if leaf.origin not in seen and (effective or leaf.origin not in never):
                seen.add(leaf.origin)
                yield BackendValue(leaf, _text(leaf), effective, condition)
        if value is setting.value:
            never = _written(value) - seen


def _leaves(value: Value, condition: str, gone: dict[tuple[int, str], Value]) -> Iterator[tuple[Value, str]]:
    """The leaves of a value with when they hold: of Choices, what conditions leave of them, and the defaults of reads.

    ``gone`` are the Choices gone through and when they hold: they share alternatives, and have more paths than can be
    counted.
    """
    if isinstance(value, Choice):
        if (id(value), condition) in gone:
            return
        gone[id(value), condition] = value
        first, *others = value.alternatives
        for number, alternative in enumerate(value.alternatives):
            holds = alternative.condition
            if holds is None and len(others) == 1 and first.condition is not None:
                holds = Operation("not", (first.condition,), value.origin)
            yield from _leaves(remaining(value, number), _words(holds) or condition, gone)
    elif isinstance(value, Environment):
        if value.default is not None:
            yield from _leaves(value.default, f"{value.variable} is not set", gone)
    else:
        if isinstance(value, Text) and not condition:
            read = next((one for one in variables(value) if _has_default(one)), None)
            condition = f"{read.variable} is not set" if read is not None else ""
        yield value, condition


def _written(value: Value) -> set[Location]:
    """Where the leaves of a value stand, those too that its conditions exclude."""
    left, seen = [value], {id(value): value}
    found: set[Location] = set()
    while left:
        one = left.pop()
        inner: tuple[Value, ...] = ()
        if isinstance(one, Choice):
            inner = tuple(alternative.value for alternative in one.alternatives)
        elif isinstance(one, Environment):
            inner = (one.default,) if one.default is not None else ()
        else:
            found.add(one.origin)
        left += [each for each in inner if id(each) not in seen]
        seen.update((id(each), each) for each in inner)
    return found


def _has_default(read: Environment) -> bool:
    """Whether a read gives text while its variable is not set."""
    return read.default is not None and not (isinstance(read.default, Literal) and read.default.value is None)


def _words(condition: Value | None) -> str:
    if not isinstance(condition, (Environment, Operation)):
        return ""
    words = when(condition)
    return words if words.endswith(("set", "succeeds")) or " is " in words else ""


def _text(value: Value) -> str | None:
    if isinstance(value, Operation):
        try:
            plain = resolve(value, {})
        except (UndeterminedError, WouldRaiseError):
            return None
        return plain if isinstance(plain, str) else None
    return text_of(value)


def shown(text: str) -> str:
    """A text for a message: masked, ``…`` for what is not known, not longer than a line takes."""
    from celery_backend_lint.findings.masking import mask

    masked = mask(text.replace(UNKNOWN, "…"))
    return masked if len(masked) <= 80 else f"{masked[:79]}…"


def settled(value: Value) -> tuple[Value, ...]:
    """The outcomes of a setting's value, defaults of reads included, the reads themselves not where they have one."""
    return tuple(one for one in outcomes(value) if not (isinstance(one, Environment) and one.default is not None))


def older_admitted(declared: DeclaredCelery) -> Version | None:
    """The oldest Celery that a requirement asks to work with; None where it names no lower bound, or is locked.

    A requirement without one never installs an old release: pip takes the newest.
    """
    if declared.locked or not re.search(r"(?<![<!])[>=~^]", declared.text):
        return None
    return declared.oldest if declared.oldest != declared.version else None


def dotted(version: Version) -> str:
    """A release as people write it: ``5.7.0``."""
    return ".".join(str(number) for number in version)
