"""Every value that a project gives an app's ``result_backend``: each outcome, also of the places that lose."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve, truth
from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Operation, Text
from celery_backend_lint.model.condition_words import when
from celery_backend_lint.model.held import outcomes, variables
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
    for value, effective in [(setting.value, True), *((one, False) for one in losing)]:
        for leaf, condition in _leaves(value, "", set()):
            if condition is None:
                never.add(leaf.origin)
            elif leaf.origin not in seen and (effective or leaf.origin not in never):
                seen.add(leaf.origin)
                yield BackendValue(leaf, _text(leaf), effective, condition)


def _leaves(
    value: Value, condition: str | None, gone: set[tuple[int, str | None]]
) -> Iterator[tuple[Value, str | None]]:
    """The leaves of a value with when they hold, None for never: of Choices, and the defaults of reads.

    ``gone`` are the Choices gone through and when they hold: they share alternatives, and have more paths than can be
    counted.
    """
    if isinstance(value, Choice):
        if (id(value), condition) in gone:
            return
        gone.add((id(value), condition))
        first, *others = value.alternatives
        for number, alternative in enumerate(value.alternatives):
            holds = alternative.condition
            if holds is None and len(others) == 1 and first.condition is not None:
                holds = Operation("not", (first.condition,), value.origin)
            taken = alternative.value
            never = condition is None
            if _is_passed_over(taken, value, number):
                if isinstance(taken, Environment):
                    never = True
                else:
                    taken = _without_defaults(taken)
            yield from _leaves(taken, None if never else _words(holds) or condition, gone)
    elif isinstance(value, Environment):
        if value.default is not None:
            yield from _leaves(value.default, None if condition is None else f"{value.variable} is not set", gone)
    else:
        if isinstance(value, Text) and not condition and condition is not None:
            read = next((one for one in variables(value) if _has_default(one)), None)
            condition = f"{read.variable} is not set" if read is not None else ""
        yield value, condition


def _is_passed_over(taken: Value, choice: Choice, number: int) -> bool:
    """Whether an alternative that reads variables is another one's turn while none is set: it never has their defaults.

    ``if BROKER == "django://": backend = "redis://"``, ``else: backend = BROKER`` with that default of ``BROKER``, or
    ``backend = f"{BROKER}&ssl_cert_reqs=none" if "?" in BROKER else …``.
    """
    read = {one.variable for one in variables(taken)} if not isinstance(taken, Choice) else set()
    if not read:
        return False
    for alternative in choice.alternatives[: number + 1]:
        condition = alternative.condition
        asked = {one.variable for one in variables(condition)} if condition is not None else set()
        if condition is None or not asked or not asked <= read:
            continue
        try:
            if truth(condition, {}) is (alternative is not choice.alternatives[number]):
                return True
        except (UndeterminedError, WouldRaiseError):
            continue
    return False


def _has_default(read: Environment) -> bool:
    """Whether a read gives text while its variable is not set."""
    return read.default is not None and not (isinstance(read.default, Literal) and read.default.value is None)


def _without_defaults(value: Value) -> Value:
    """A text as it is once its variables are set."""
    if isinstance(value, Text):
        return Text(tuple(_without_defaults(part) for part in value.parts), value.origin)
    if isinstance(value, Environment):
        return Environment(value.variables, None, value.cast, value.reader, value.origin, value.case_sensitive)
    return value


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
