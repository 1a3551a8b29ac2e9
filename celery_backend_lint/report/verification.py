"""What ``verify`` found, for people and for programs. No credential leaves here, loaded values included."""

from __future__ import annotations

from celery_backend_lint import __version__
from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.findings.masking import MASK, is_secret_name, mask, mask_lines
from celery_backend_lint.report.json import dump
from celery_backend_lint.report.style import BOLD, FRAME, HELP, SEVERITY, printable
from celery_backend_lint.report.text import counted, place, sentence
from celery_backend_lint.report.verification_steps import render_tried, tried_as_json
from celery_backend_lint.verify.comparison import WHOLE
from celery_backend_lint.verify.tags import Opaque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from celery_backend_lint.report.style import Style
    from celery_backend_lint.verify.results import AppVerification, Difference, Failure, Verification

MOST_OUTPUT_LINES = 15
LONGEST_VALUE = 200
_RED = SEVERITY[Severity.ERROR]


def shown(value: object, name: str = "") -> str:
    """A loaded value as text, every credential masked; ``name`` is what it is the value of."""
    if isinstance(value, Opaque):
        return printable(repr(value))
    text = mask(repr(_masked(value, secret=is_secret_name(name))))
    return printable(text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…")


def _masked(value: object, *, secret: bool) -> object:
    if isinstance(value, (str, bytes)):
        return MASK if secret and value else mask(value) if isinstance(value, str) else value
    if isinstance(value, dict):
        return {
            _masked(key, secret=False): _masked(item, secret=secret or is_secret_name(str(key)))
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value)(_masked(item, secret=secret) for item in value)
    return value


def render(verification: Verification, prefix: str, style: Style, *, verbose: bool) -> Iterator[str]:
    """The lines for people, without line endings."""
    interpreter = verification.interpreter
    there = f"{interpreter.path} ({interpreter.how})"
    if verification.celery:
        there = f"Celery {verification.celery}, Python {verification.python}: {there}"
    yield printable(f"Loaded with {there}" if verification.celery else f"Asked {there}")
    if verification.failure is not None and verification.tried is not None:
        yield f"{style.paint('note', HELP)}: nothing is compared: {sentence(verification.failure.message)}"
        yield f"  {style.paint('help', HELP)}: {sentence(verification.failure.help)}"
        yield ""
        yield from render_tried(verification.tried, style)
        return
    if verification.failure is not None:
        yield from _failure(verification.failure, prefix, style, verbose=verbose)
        return
    if not verification.apps:
        yield "No Celery app was found outside of tests; name one with -A MODULE, as for `celery -A`."
    for app in verification.apps:
        yield ""
        yield from _app(app, prefix, style, verbose=verbose)
        if app.tried is not None:
            yield from (f"  {line}" for line in render_tried(app.tried, style))


def _app(found: AppVerification, prefix: str, style: Style, *, verbose: bool) -> Iterator[str]:
    app = found.app
    yield f"{style.paint(printable(app.name) or 'app without a name', BOLD)} ({place(app.location, prefix)})"
    if found.failure is not None:
        yield from (f"  {line}" for line in _failure(found.failure, prefix, style, verbose=verbose))
        return
    for one in found.differences:
        yield from (f"  {line}" for line in _difference(one, prefix, style))
    if WHOLE in found.confirmed:
        yield "  agrees: Celery refuses its configuration, and so it was read"
        return
    ours = [name for name in found.confirmed if name in app.settings]
    verdict = "agrees" if not found.differences else "otherwise agrees"
    text = (
        f"{verdict}: {counted(len(ours), 'setting')} that the project sets, {len(found.confirmed) - len(ours)} others"
    )
    yield f"  {text}{f'; {len(found.unknown)} not known statically' if found.unknown else ''}"
    for decided in found.decided:
        variables = ", ".join(decided.variables)
        yield f"  {style.paint('note', HELP)}: {decided.setting} depends on {variables}, set here: " + shown(
            decided.loaded, decided.setting
        )
    if verbose:
        for open_ in found.unknown:
            real = shown(open_.real, open_.setting)
            yield f"  not known statically: {open_.setting} ({sentence(open_.why)}), is {real}"
        if found.unset:
            yield f"  {style.paint('note', HELP)}: read and not set here: {', '.join(found.unset)}"


def _difference(one: Difference, prefix: str, style: Style) -> Iterator[str]:
    if one.read is None and one.loaded is None:
        yield f"{style.paint('differs', _RED)}: {one.setting}: {sentence(one.text)}"
        return
    yield (
        f"{style.paint('differs', _RED)}: {style.paint(one.setting, FRAME)} is {shown(one.loaded, one.setting)},"
        f" read as {shown(one.read, one.setting)}"
    )
    if one.location is not None:
        yield f"  {place(one.location, prefix)}"
    yield f"  {style.paint('cause', HELP)}: {sentence(one.text)}"


def _failure(failure: Failure, prefix: str, style: Style, *, verbose: bool) -> Iterator[str]:
    where = f" ({printable(f'{prefix}{failure.location.path}:{failure.location.line}')})" if failure.location else ""
    yield f"{style.paint('error', _RED)}: {sentence(failure.message)}{where}"
    yield f"  {style.paint('help', HELP)}: {sentence(failure.help)}"
    lines = failure.output.splitlines()
    last = lines if verbose else lines[-MOST_OUTPUT_LINES:]
    if last:
        yield "  it printed:"
        yield from (f"    {printable(line)}" for line in mask_lines(last, ""))


def render_json(verification: Verification) -> str:
    """The same for programs; README documents the shape."""
    return dump(
        {
            "version": __version__,
            "interpreter": {"path": verification.interpreter.path, "found": verification.interpreter.how},
            "python": verification.python,
            "celery": verification.celery,
            "error": _failure_as_json(verification.failure),
            "live": tried_as_json(verification.tried),
            "apps": [_app_as_json(app) for app in verification.apps],
        }
    )


def _failure_as_json(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {
        "message": mask(failure.message),
        "help": mask(failure.help),
        "path": failure.location.path if failure.location else None,
        "line": failure.location.line if failure.location else None,
        "output": mask_lines(failure.output.splitlines(), ""),
    }


def _app_as_json(found: AppVerification) -> dict[str, Any]:
    return {
        "name": found.app.name,
        "path": found.app.location.path,
        "line": found.app.location.line,
        "error": _failure_as_json(found.failure),
        "confirmed": sorted(found.confirmed),
        "differences": [
            {
                "setting": one.setting,
                "read": shown(one.read, one.setting),
                "loaded": shown(one.loaded, one.setting),
                "path": one.location.path if one.location else None,
                "line": one.location.line if one.location else None,
                "cause": one.cause,
                "message": mask(one.text),
            }
            for one in found.differences
        ],
        "decided_by_environment": [
            {"setting": one.setting, "variables": list(one.variables), "loaded": shown(one.loaded, one.setting)}
            for one in found.decided
        ],
        "unknown": [
            {"setting": one.setting, "why": mask(one.why), "loaded": shown(one.real, one.setting)}
            for one in found.unknown
        ],
        "unset": list(found.unset),
        "live": tried_as_json(found.tried),
    }
