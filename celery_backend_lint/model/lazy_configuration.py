"""What is caught round ``config_from_object("…")``, which reads nothing yet and so raises nothing.

Celery loads the configuration when ``app.conf`` is first asked for something (celery.app.base, PendingConfiguration).
An ``except`` round the call alone is never entered for what loading raises; where ``app.conf`` is read inside, each
later read raises the same again (seen with 5.3 to 5.7).
"""

from __future__ import annotations

import re

from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.syntax.python import Node

LOGS = r"(?:print|(?:\w+\.)*log(?:ger|ging)?\.\w+|(?:\w+\.)*_?logger\.\w+)"
"""A function that shows something, and raises nothing of its own."""


def reads_conf_in_vain(node: Node) -> bool:
    """Whether a read of ``app.conf`` stands in an ``except`` that is entered only where reading it raises."""
    inner, outer = node, node.parent
    while outer is not None and outer.type not in ("function_definition", "lambda"):
        if outer.type == "try_statement" and inner.type == "except_clause":
            body = outer.child_by_field_name("body")
            return body is not None and b"config_from_object" in (body.text or b"") and _only_configures(body)
        inner, outer = outer, outer.parent
    return False


def _only_configures(block: Node) -> bool:
    """Whether all that a block does is to name a configuration, and to show things."""
    for statement in block.named_children:
        if statement.type == "if_statement":
            branches = [one for one in statement.named_children if one.type in ("block", "else_clause", "elif_clause")]
            blocks = [one if one.type == "block" else one.named_children[-1] for one in branches]
            if not all(_only_configures(one) for one in blocks):
                return False
            continue
        call = statement.named_children[0] if statement.type == "expression_statement" else None
        if statement.type == "comment" or (call is not None and call.type == "string"):
            continue
        function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
        if call is None or function is None:
            return False
        name = text_of(function)
        if name.endswith(".config_from_object"):
            given = list(arguments_of(call))
            if not given or given[0][1].type != "string" or any(key in ("force", "*", "**") for key, _ in given):
                return False
        elif re.fullmatch(LOGS, name) is None:
            return False
    return True
