"""An entry put into a list in parentheses or braces: a keyword argument, or a key with its value."""

from __future__ import annotations

from celery_backend_lint.fixes.python.style import indentation_of, indentation_step
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.syntax.python import children_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.python import Node


def insert_entry(source: SourceFile, after: Node, entry: str, room: int, subject: str) -> list[Edit]:
    """Put an entry behind another one of a call's arguments, or of a dict.

    Follows the list: one entry a line or several, a comma at the end or none. A list on one line that would grow
    longer than ``room`` characters gets one entry a line.
    """
    holder = after.parent
    if holder is None:
        return []
    if holder.start_point[0] == holder.end_point[0]:
        line = source.line(holder.start_point[0] + 1)
        if len(line) + len(entry) + 2 > room:
            return [_one_a_line(source, after, entry, subject)]
    text = source.utf8
    comma = _comma_after(after)
    indent = text[text.rfind(b"\n", 0, after.start_byte) + 1 : after.start_byte].decode()
    starts_line = not indent.strip()
    end = comma.end_byte if comma is not None else after.end_byte
    stop = text.find(b"\n", end)
    rest = text[end:stop].strip() if stop >= 0 else text[end:].strip()
    ends_line = stop >= 0 and (not rest or rest.startswith(b"#"))
    if comma is not None:
        if starts_line and ends_line:
            return [replace(source, stop + 1, stop + 1, f"{indent}{entry},\n", subject)]
        if ends_line and not starts_line:
            return _behind_first(source, after, entry, subject)
        return [replace(source, end, end, f" {entry},", subject)]
    if starts_line and rest.startswith(b"#"):  # the comment stays with its entry
        comma_edit = replace(source, end, end, ",", "comma")  # equal for whatever is put there at the same time
        return [comma_edit, replace(source, stop + 1, stop + 1, f"{indent}{entry},\n", subject)]
    if starts_line:
        return [replace(source, end, end, f",\n{indent}{entry}", subject)]
    return _behind_first(source, after, entry, subject)


def _comma_after(entry: Node) -> Node | None:
    following = entry.next_sibling
    while following is not None and following.type == "comment":
        following = following.next_sibling
    return following if following is not None and following.type == "," else None


def _behind_first(source: SourceFile, after: Node, entry: str, subject: str) -> list[Edit]:
    """Behind an entry that does not begin its line: on that line, or below it where the next one stands there."""
    comma, holder = _comma_after(after), after.parent
    end = comma.end_byte if comma is not None else after.end_byte
    if comma is None or holder is None:
        return [replace(source, end, end, f", {entry}", subject)]
    entries = children_of(holder)
    number = entries.index(after)
    if number + 1 < len(entries):
        following = entries[number + 1]
        text = source.utf8
        indent = text[text.rfind(b"\n", 0, following.start_byte) + 1 : following.start_byte].decode()
        if not indent.strip():
            return [replace(source, following.start_byte, following.start_byte, f"{entry},\n{indent}", subject)]
    return [replace(source, end, end, f" {entry},", subject)]


_BRACKETS = ("argument_list", "list", "tuple", "set", "dictionary")


def _one_a_line(source: SourceFile, after: Node, entry: str, subject: str) -> Edit:
    """The list, or the outermost one around it that has several entries, anew: one entry a line."""
    holder = root = after.parent or after
    while root.parent is not None:
        root = root.parent
        if root.type in _BRACKETS and root.start_point[0] == root.end_point[0] and len(root.named_children) > 1:
            holder = root
    outer = indentation_of(source, holder)
    inner = outer + indentation_step(root, source)
    written = []
    for child in holder.named_children:
        code = child.text or b""
        if child.start_byte <= after.start_byte and after.end_byte <= child.end_byte and child != after:
            at = after.end_byte - child.start_byte
            code = code[:at] + f", {entry}".encode() + code[at:]
        written.append(code.decode())
        if child == after:
            written.append(entry)
    body = "".join(f"{inner}{one},\n" for one in written)
    return replace(source, holder.start_byte + 1, holder.end_byte - 1, f"\n{body}{outer}", subject)
