"""Packages that offer names from their files, and read a file only when one of its names is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module


def exports(package: str, homes: dict[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package.

    Args:
        package: its `__name__`.
        homes: {file: the names that it offers, with blanks between them}.

    Example:
        __getattr__, __dir__, __all__ = exports(__name__, {"pictures": "show", "plots": "bars curves"})

    Source: PEP 562.
    """
    home = {name: file for file, names in homes.items() for name in names.split()}

    def get(name: str) -> object:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it offers {', '.join(sorted(home))}")
        return getattr(import_module(f"{package}.{home[name]}"), name)

    return get, lambda: sorted(home), sorted(home)
