"""Reads the tagged JSON that ``probe.tagged`` writes."""

from __future__ import annotations

from datetime import timedelta

from celery_backend_lint.record import record


@record
class Opaque:
    """A value that has no data form (a function, a class, an enum member): only its type's name is known."""

    type_name: str


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
        return Opaque(str(value["$object"]))
    return {key: untagged(item) for key, item in value.items()}
