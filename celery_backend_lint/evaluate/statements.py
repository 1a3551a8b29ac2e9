"""Statements to bindings: what each kind of statement binds, and through which branches."""

from __future__ import annotations

from celery_backend_lint.evaluate import namespaces
from celery_backend_lint.evaluate.scopes import Arm, Binding, Branch, Scope
from celery_backend_lint.evaluate.targets import (
    MUTATING_METHODS,
    bind,
    bind_assignment,
    bind_named_expressions,
    bind_target,
    note_blur,
    note_method_call,
    root_name,
)
from celery_backend_lint.syntax.python import EXTRAS, children_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.scopes import Path
    from celery_backend_lint.syntax.python import Node

DEEPEST_NESTING = 100
"""How many blocks deep statements are read."""

_REACHES_OUT = (b"global ", b"nonlocal ", b"globals()", b"exec(", b"setattr(sys.modules")
_MAY_SET = ("exec", "globals(", "vars(", "locals(", "setattr")
_SUPPRESSES = ("suppress(", "contextlib.suppress(")
_EXITS = frozenset({"raise_statement", "return_statement", "continue_statement", "break_statement"})
_EXIT_CALLS = frozenset({"sys.exit", "exit", "quit", "os._exit", "os.abort"})


def read_block(scope: Scope, block: Node, path: Path) -> bool:
    """Read a block's statements into the bindings of a scope; answers whether its end is never reached."""
    exits = False
    if scope.nesting >= DEEPEST_NESTING:
        return False
    scope.nesting += 1
    for statement in block.named_children:
        reader = _STATEMENTS.get(statement.type)
        if reader is not None:
            exits = bool(reader(scope, statement, path)) or exits
        elif statement.type in _EXITS:
            if statement.type == "return_statement":
                value = next(iter(children_of(statement)), None)
                node = statement if value is None else value
                scope.returns.append(Binding("assign", "return", node, statement, statement.start_byte, path))
            elif scope.kind == "round" and not any(branch.kind == "loop" for branch, _ in path):
                scope.jumps.append(Binding(statement.type, "", statement, statement, statement.start_byte, path))
            exits = True
    scope.nesting -= 1
    return exits


def _expression(scope: Scope, statement: Node, path: Path) -> bool:
    for child in statement.named_children:
        kind = child.type
        if kind not in ("string", "identifier"):
            bind_named_expressions(scope, child, path)
        if kind == "assignment":
            bind_assignment(scope, child, path)
            right = child.child_by_field_name("right")
            function = right.child_by_field_name("function") if right is not None and right.type == "call" else None
            if right is not None and function is not None and text_of(function).endswith("include"):
                _namespace_call(scope, right, text_of(function), "", path)
        elif kind == "augmented_assignment":
            target = child.child_by_field_name("left")
            if target is not None and target.type == "identifier":
                bind(scope, Binding("augment", text_of(target), child, target, child.end_byte, path))
            elif target is not None:
                bind_target(scope, target, child, path, (), child.end_byte, "augment")
        elif kind == "call":
            function = child.child_by_field_name("function")
            if function is None:
                continue
            note_method_call(scope, child, path)
            called = text_of(function)
            if called in _EXIT_CALLS:
                return True
            kind = namespaces.kind_of(child) if scope.kind == "module" else ""
            if called.startswith(_MAY_SET) and not kind and _sets_names(scope, child, function):
                note_blur(scope, child, path)
            if kind or called.endswith("include"):
                _namespace_call(scope, child, called, kind, path)
    return False


def _namespace_call(scope: Scope, call: Node, called: str, kind: str, path: Path) -> None:
    """A call that may bring names into the module (see ``stars``); ``include`` is split-settings' where it is imported
    from there.
    """
    if kind:
        scope.stars.append(Binding(kind, "*", call, call, call.end_byte, path))
    elif scope.kind == "module" and called.rpartition(".")[2] == "include":
        arguments = call.child_by_field_name("arguments")
        for argument in arguments.named_children if arguments is not None else ():
            if argument.type not in ("keyword_argument", *EXTRAS, "dictionary_splat"):
                scope.stars.append(Binding("include", "*", argument, call, argument.end_byte, path))


def _sets_names(scope: Scope, call: Node, function: Node) -> bool:
    """Whether a call may set any name of the module: ``exec(…)``, ``globals().setdefault(…)``.

    ``globals().update(…)`` and what is given the namespace are read by ``namespaces``.
    """
    called = text_of(function)
    if called in ("exec", "execfile"):
        return True
    if called == "setattr":
        return scope.kind == "function" and b"sys.modules[" in (call.text or b"")
    method = called.rpartition(".")[2]
    return called.split("(")[0] in ("globals", "vars", "locals") and method in MUTATING_METHODS - {"update"}


def _import(scope: Scope, statement: Node, path: Path) -> bool:
    for child in statement.named_children:
        if child.type == "aliased_import":
            alias = child.child_by_field_name("alias")
            if alias is not None:
                bind(scope, Binding("import", text_of(alias), child, alias, statement.end_byte, path))
        elif child.type == "dotted_name" and child.named_children:
            first = child.named_children[0]
            bind(scope, Binding("import", text_of(first), child, first, statement.end_byte, path))
    return False


def _import_from(scope: Scope, statement: Node, path: Path) -> bool:
    module = statement.child_by_field_name("module_name")
    for child in statement.named_children:
        if child == module:
            continue
        if child.type == "wildcard_import":
            scope.stars.append(Binding("star", "*", statement, child, statement.end_byte, path))
        elif child.type == "aliased_import":
            alias = child.child_by_field_name("alias")
            if alias is not None:
                bind(scope, Binding("from", text_of(alias), child, alias, statement.end_byte, path))
        elif child.type == "dotted_name":
            bind(scope, Binding("from", text_of(child), child, child, statement.end_byte, path))
    return False


def _definition(scope: Scope, statement: Node, path: Path) -> bool:
    definition = statement
    if statement.type == "decorated_definition":
        inner = statement.child_by_field_name("definition")
        if inner is None:
            return False
        definition = inner
    name = definition.child_by_field_name("name")
    if name is not None:
        kind = "class" if definition.type == "class_definition" else "def"
        bind(scope, Binding(kind, text_of(name), definition, name, statement.end_byte, path))
    text = definition.text or b""
    if scope.kind == "module" and b"include(" in text and b"split_settings" in scope.file.source.utf8:
        scope.stars.append(Binding("handed", "*", definition, definition, scope.node.end_byte, ()))
    if definition.type == "function_definition" and any(word in text for word in _REACHES_OUT):
        # Reading the body now makes its assignments to names of others known to them.
        Scope("function", definition, scope.file, scope)
    return False


def _arm(
    scope: Scope, branch: Branch, block: Node | None, path: Path, condition: Node | None, pattern: Node | None = None
) -> bool:
    number = len(branch.arms)
    if block is None:
        branch.arms.append(Arm(condition, pattern, 0, 0, exits=False))
        return False
    inner = (*path, (branch, number))
    branch.arms.append(Arm(condition, pattern, block.start_byte, block.end_byte, exits=False))
    scope.branches.append((block.start_byte, block.end_byte, inner))
    exits = read_block(scope, block, inner)
    if exits:
        branch.arms[number] = Arm(condition, pattern, block.start_byte, block.end_byte, exits=True)
    return exits


def _if(scope: Scope, statement: Node, path: Path) -> bool:
    branch = Branch("if", statement)
    consequence = statement.child_by_field_name("consequence")
    bind_named_expressions(scope, statement.child_by_field_name("condition"), path)
    exits = [_arm(scope, branch, consequence, path, statement.child_by_field_name("condition"))]
    has_else = False
    for clause in statement.children_by_field_name("alternative"):
        if clause.type == "elif_clause":
            block, condition = clause.child_by_field_name("consequence"), clause.child_by_field_name("condition")
            bind_named_expressions(scope, condition, (*path, (branch, len(branch.arms))))
            exits.append(_arm(scope, branch, block, path, condition))
        else:
            has_else = True
            exits.append(_arm(scope, branch, clause.child_by_field_name("body"), path, None))
    if not has_else:
        _arm(scope, branch, None, path, None)
    return has_else and all(exits)


def _try(scope: Scope, statement: Node, path: Path) -> bool:
    branch = Branch("try", statement)
    returned_before = len(scope.returns)
    body = statement.child_by_field_name("body")
    handlers = [c for c in statement.named_children if c.type in ("except_clause", "except_group_clause")]
    others = [c for c in statement.named_children if c.type in ("else_clause", "finally_clause")]
    if not handlers:
        exits = read_block(scope, body, path) if body is not None else False
    else:
        statements = children_of(body) if body is not None else []
        branch.simple = len(statements) == 1 and _is_plain(statements[0])
        branch.steps = _steps(statements)
        results = [_arm(scope, branch, body, path, None)]
        for handler in handlers:
            block = next((c for c in handler.named_children if c.type == "block"), None)
            results.append(_arm(scope, branch, block, path, None))
        exits = all(results)
        handled = all(results[1:])
    for clause in others:
        block = clause.child_by_field_name("body") or next(
            (c for c in clause.named_children if c.type == "block"), None
        )
        if block is None:
            continue
        if clause.type == "else_clause" and handlers:
            inner = (*path, (branch, 0))
            scope.branches.append((block.start_byte, block.end_byte, inner))
            if read_block(scope, block, inner):
                branch.arms[0] = Arm(None, None, branch.arms[0].start, branch.arms[0].end, exits=True)
                exits = exits or handled
        else:
            before = len(scope.returns)
            finally_exits = read_block(scope, block, path)
            if finally_exits and len(scope.returns) > before:
                del scope.returns[returned_before:before]  # a ``return`` in ``finally`` replaces every other
            exits = finally_exits or exits
    return exits


def _steps(statements: list[Node]) -> list[Node] | None:
    """The statements of a ``try`` body as far as it can be said whether they raise: imports, assignments, returns."""
    steps = []
    for statement in statements:
        if statement.type == "expression_statement" and len(statement.named_children) == 1:
            child = statement.named_children[0]
            left = child.child_by_field_name("left")
            if child.type == "assignment" and left is not None and left.type == "identifier":
                steps.append(child)
            elif child.type != "string":
                return None
        elif statement.type in ("import_statement", "import_from_statement", "return_statement"):
            steps.append(statement)
        elif statement.type != "pass_statement":
            return None
    return steps


def _is_plain(statement: Node) -> bool:
    if statement.type in (*EXTRAS, "pass_statement", "import_from_statement"):
        return statement.type != "import_from_statement" or b"*" in (statement.text or b"")
    if statement.type == "return_statement":
        return True
    return statement.type == "expression_statement" and all(c.type == "assignment" for c in statement.named_children)


def _loop(scope: Scope, statement: Node, path: Path) -> bool:
    branch = Branch("loop", statement)
    body = statement.child_by_field_name("body")
    left = statement.child_by_field_name("left")
    if left is not None and body is not None:
        bind_target(scope, left, statement, (*path, (branch, 0)), (), body.start_byte, "loop")
    _arm(scope, branch, body, path, None)
    alternative = statement.child_by_field_name("alternative")
    block = alternative.child_by_field_name("body") if alternative is not None else None
    if block is not None and b"break" not in ((body.text if body is not None else b"") or b""):
        read_block(scope, block, path)
        block = None
    _arm(scope, branch, block, path, None)
    return False


def _with(scope: Scope, statement: Node, path: Path) -> bool:
    body = statement.child_by_field_name("body")
    for clause in statement.named_children:
        if clause.type == "with_clause":
            for item in clause.named_children:
                value = item.child_by_field_name("value")
                target = (
                    value.child_by_field_name("alias") if value is not None and value.type == "as_pattern" else None
                )
                if target is not None and target.named_children and body is not None:
                    bind_target(scope, target.named_children[0], statement, path, (), body.start_byte, "opaque")
                if body is not None and value is not None and text_of(value).startswith(_SUPPRESSES):
                    branch = Branch("try", statement)
                    branch.simple = False
                    branch.steps = _steps(children_of(body))
                    _arm(scope, branch, body, path, None)
                    _arm(scope, branch, None, path, None)
                    return False
    return read_block(scope, body, path) if body is not None else False


def _match(scope: Scope, statement: Node, path: Path) -> bool:
    branch = Branch("match", statement)
    body = statement.child_by_field_name("body")
    exits = []
    open_end = True
    for clause in body.named_children if body is not None else ():
        if clause.type != "case_clause":
            continue
        pattern = next((c for c in clause.named_children if c.type == "case_pattern"), None)
        guarded = clause.child_by_field_name("guard") is not None
        wildcard = pattern is not None and text_of(pattern) == "_" and not guarded
        block = clause.child_by_field_name("consequence")
        captured = _captured(pattern)
        if captured is not None and not guarded:
            subject = statement.child_by_field_name("subject")
            inside = (*path, (branch, len(branch.arms)))
            if subject is not None and clause.child_by_field_name("consequence") is not None:
                bind(scope, Binding("assign", text_of(captured), subject, captured, captured.end_byte, inside))
            wildcard = True
        elif pattern is not None:
            for name in _pattern_names(pattern):
                inside = (*path, (branch, len(branch.arms)))
                bind(scope, Binding("opaque", text_of(name), name, name, name.end_byte, inside))
        exits.append(_arm(scope, branch, block, path, None, None if wildcard else (clause if guarded else pattern)))
        open_end = open_end and not wildcard
    if open_end:
        _arm(scope, branch, None, path, None)
    return not open_end and bool(exits) and all(exits)


def _captured(pattern: Node | None) -> Node | None:
    """The name of a pattern that is a name and nothing more."""
    while pattern is not None and pattern.type == "case_pattern" and len(pattern.named_children) == 1:
        pattern = pattern.named_children[0]
    if pattern is not None and pattern.type == "dotted_name" and len(pattern.named_children) == 1:
        return pattern.named_children[0]
    return None


def _pattern_names(pattern: Node) -> list[Node]:
    """The names that a pattern binds, or might."""
    found, left = [], [pattern]
    while left:
        node = left.pop()
        if node.type == "identifier":
            found.append(node)
        elif node.type not in ("string", "attribute", "concatenated_string"):
            left.extend(node.named_children)
    return found


def _delete(scope: Scope, statement: Node, path: Path) -> bool:
    for child in statement.named_children:
        for target in child.named_children if child.type == "expression_list" else (child,):
            if target.type == "identifier":
                bind(scope, Binding("delete", text_of(target), target, target, statement.end_byte, path))
            elif target.type == "subscript":
                root = root_name(target)
                if root is not None:
                    bind(scope, Binding("remove", text_of(root), target, root, statement.end_byte, path))
    return False


def _global(scope: Scope, statement: Node, path: Path) -> bool:  # noqa: ARG001
    if scope.kind == "function":
        for child in statement.named_children:
            if child.type == "identifier":
                scope.globals[text_of(child)] = statement.type
    return False


_STATEMENTS = {
    "expression_statement": _expression,
    "import_statement": _import,
    "import_from_statement": _import_from,
    "function_definition": _definition,
    "class_definition": _definition,
    "decorated_definition": _definition,
    "if_statement": _if,
    "try_statement": _try,
    "for_statement": _loop,
    "while_statement": _loop,
    "with_statement": _with,
    "match_statement": _match,
    "delete_statement": _delete,
    "global_statement": _global,
    "nonlocal_statement": _global,
}
