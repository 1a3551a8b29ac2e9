"""A setting's value as code where it is put, and a setting that an app has not got put there with such a value."""

from __future__ import annotations

from celery_backend_lint.findings.fix import Edit
from celery_backend_lint.fixes.python.insertion import insert_setting
from celery_backend_lint.fixes.python.nodes import module_of
from celery_backend_lint.fixes.python.style import code_of, indentation_step, line_length, quote_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


def inserted(model: Model, app: App, name: str, value: Any, *, fields: bool = True) -> list[Edit]:
    """Give an app a setting that it has not got. Raises CannotFixError as ``insert_setting`` does."""
    path = insert_setting(model, app, name, "None", fields=fields)[-1].location.path
    code = setting_code(model, path, name, value)
    return [_indented(edit, code) for edit in insert_setting(model, app, name, code, fields=fields)]


def setting_code(model: Model, path: str, name: str, value: Any) -> str:
    """A setting's value as code, in the file's quotes; a dict that makes the line too long has a line for each key."""
    quote = quote_of(module_of(model, path).node)
    code = code_of(value, quote)
    if not isinstance(value, dict) or len(name) + len(code) + 12 <= line_length(model.project, path):
        return code
    module = module_of(model, path)
    step = indentation_step(module.node, module.source)
    lines = "".join(f"{step}{code_of(key, quote)}: {code_of(one, quote)},\n" for key, one in value.items())
    return f"{{\n{lines}}}"


def _indented(edit: Edit, code: str) -> Edit:
    """The edit with every line of the value as far in as the setting's own."""
    at = edit.content.find(code)
    if at < 0 or "\n" not in code:
        return edit
    line = edit.content[edit.content.rfind("\n", 0, at) + 1 : at]
    indent = line[: len(line) - len(line.lstrip())]
    return Edit(
        edit.location, edit.content.replace(code, code.replace("\n", f"\n{indent}")), edit.subject, edit.private
    )
