"""Reads the tagged JSON that ``probe.tagged`` writes."""

from __future__ import annotations

from datetime import timedelta

from celery_backend_lint.record import record


@record
class Opaque:
    """A value that has no data form (a function, a class, an enum member): only its type's name is known.

    ``value`` is set of a number of a class of its own (``ssl.CERT_NONE`` is a ``VerifyMode``).
    """

    type_name: str
    value: int | float | None = None

    def __repr__(self) -> str:
        return f"<{self.type_name}>" if self.value is None else f"<{self.type_name} {self.value}>"


def untagged(value: object) -> object:
    """Turn tagged JSON back into Python values; an object that is no data becomes `Opaque`."""
    if isinstance(value, list):
        return [untagged(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$timedelta" in value:
        return timedelta(seconds=value["$timedelta"])
    if "$tuple" in value:
        return tuple(untagged(item) for item in value["$tuple"])
    if "$set" in value:
        return {untagged(item) for item in value["$set"]}
    if "$dict" in value:
        return {untagged(key): untagged(item) for key, item in value["$dict"]}
    if "$bytes" in value:
        return bytes.fromhex(value["$bytes"])
    if "$float" in value:
        return float(value["$float"])
    if "$object" in value:
        number = value.get("value")
        return Opaque(str(value["$object"]), number if isinstance(number, (int, float)) else None)
    return {key: untagged(item) for key, item in value.items()}
