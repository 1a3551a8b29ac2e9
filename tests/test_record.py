"""Records: what the rest of the package takes for granted of them."""

from __future__ import annotations

import pytest

from celery_backend_lint.record import record


@record
class Point:
    """Two numbers."""

    x: int
    y: int = 0

    @property
    def total(self) -> int:
        return self.x + self.y


@record
class Other:
    x: int
    y: int = 0


def test_fields_come_in_order_and_have_defaults() -> None:
    assert (Point(1).x, Point(1).y, Point(1, y=2).total) == (1, 0, 3)


def test_equal_when_class_and_fields_are() -> None:
    assert Point(1) == Point(1, 0)
    assert Point(1) != Point(2)
    assert Point(1) != Other(1)
    assert Point(1) != (1, 0)
    assert hash(Point(1)) == hash(Point(1, 0))
    assert len({Point(1), Point(1), Other(1)}) == 2


def test_matches_by_position_and_by_name() -> None:
    match Point(1, 2):
        case Point(x, y=2):
            assert x == 1
        case _:
            pytest.fail("no match")


def test_has_slots_and_keeps_its_documentation() -> None:
    with pytest.raises(AttributeError):
        Point(1).z = 3  # type: ignore[attr-defined]
    assert Point.__doc__ == "Two numbers."
    assert repr(Point(1)) == "Point(x=1, y=0)"


def test_own_methods_are_kept() -> None:
    @record
    class Secret:
        text: str

        def __repr__(self) -> str:
            return "***"

    assert repr(Secret("s3cret")) == "***"


def test_field_without_default_after_one_with_default_is_refused() -> None:
    with pytest.raises(TypeError, match="without default"):

        @record
        class Wrong:
            x: int = 0
            y: int
