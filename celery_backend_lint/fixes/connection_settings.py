"""Settings of a result backend's connections, written as ``configure`` writes them."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
from celery_backend_lint.fixes.configuration.option_entries import with_option
from celery_backend_lint.fixes.configuration.setting_code import inserted
from celery_backend_lint.fixes.python.own_values import refuse_shared
from celery_backend_lint.fixes.python.values import replace_expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


def set_all(model: Model, app: App, settings: Mapping[str, Any]) -> Fix:
    """Give an app settings that it has not got, in one fix. Raises CannotFixError as ``insert_setting`` does."""
    edits = _together([edit for name, value in settings.items() for edit in inserted(model, app, name, value)])
    names = " and ".join(f"`{name}`" for name in settings)
    return Fix(f"Set {names}", Applicability.SAFE, tuple(edits))


def _together(edits: list[Edit]) -> list[Edit]:
    """The edits with one for those that write the same list anew, an entry a line, each with an entry of its own."""
    found: dict[Location, Edit] = {}
    others: list[Edit] = []
    for edit in edits:
        first = found.get(edit.location)
        span = edit.location.span
        if (span.line, span.column) == (span.end_line, span.end_column):
            others.append(edit)
        elif first is None:
            found[edit.location] = edit
        else:
            lines, more = first.content.split("\n"), edit.content.split("\n")
            at = 0
            for line in more:
                if line in lines:
                    at = lines.index(line) + 1
                    while at < len(lines) and lines[at] not in more:  # the first one's own entry
                        at += 1
                else:
                    lines.insert(at, line)
                    at += 1
            subject = f"{first.subject}, {edit.subject}"
            found[edit.location] = Edit(edit.location, "\n".join(lines), subject, edit.private)
    return [*found.values(), *others]


def add_options(model: Model, app: App, name: str, options: Mapping[str, Any], *, replaces: bool = False) -> Fix:
    """Put entries into a setting that is a dict. ``replaces`` says that other values of these keys go.

    Raises CannotFixError where the dict is put together by code, or is no dict, and where others use it too.
    """
    setting = app.settings[name]
    refuse_shared(model, model.apps, (name,), setting.value.origin)
    edits = []
    for key, value in options.items():
        edits += with_option(model, app, name, key, value, replaces=replaces)
        if not edits:
            raise CannotFixError(f"`{name}` is put together of several dicts: see to `{key}` yourself")
    what = " and ".join(f"`{key}`" for key in options)
    return Fix(f"Add {what} to `{name}`", Applicability.SAFE, tuple(edits))


def replace_value(model: Model, name: str, location: Location, code: str) -> Fix:
    """Put another value in the place of a setting's. Raises CannotFixError where other code uses the value too."""
    refuse_shared(model, model.apps, (name,), location)
    return Fix(f"Set `{name}` to {code}", Applicability.SAFE, (replace_expression(model, location, code),))
