"""A property that is computed on first use and then kept.

`functools.cached_property` of Python 3.11 holds one lock for all instances of a class while one of them is computed,
so that every thread waits for the slowest. Here there is no lock: two threads may do the same work at the same time,
and both get what the first of them kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

_T = TypeVar("_T")


class lazy(Generic[_T]):  # noqa: N801  # a decorator, named as those of Python are
    """A decorator that makes a method a property computed once for each instance.

    >>> class Report:
    ...     @lazy
    ...     def words(self) -> list[str]:
    ...         return ["one", "two"]
    >>> report = Report()
    >>> report.words is report.words
    True
    """

    def __init__(self, work: Callable[[Any], _T]) -> None:
        self._work, self._name = work, work.__name__
        self.__doc__ = work.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[_T]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> _T: ...

    def __get__(self, instance: object | None, owner: type) -> lazy[_T] | _T:
        """Return the value and keep it as an attribute of the instance, where Python finds it the next time."""
        if instance is None:
            return self
        kept: _T = instance.__dict__.setdefault(self._name, self._work(instance))
        return kept
