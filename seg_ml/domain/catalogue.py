"""Registry of plug-ins by id. Discovery is not activation: callers name the ids they use, in order."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from seg_ml.domain.errors import ConfigError

T = TypeVar("T")


class Catalogue(Generic[T]):
    """Plug-ins of one kind: modules of a package, and entry points of the group `seg_ml.<kind>`.

    Modules are imported on first use. Two plug-ins of one id raise, and so does an unknown id.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._items: dict[str, T] = {}
        self._discovered = False

    def register(self, plugin_id: str, item: T) -> T:
        """Add a plug-in.

        Raises:
            ConfigError: another plug-in already has this id.
        """
        if plugin_id in self._items:
            raise ConfigError(f"{self.kind} {plugin_id!r} is registered twice: {self._items[plugin_id]!r} and {item!r}")
        self._items[plugin_id] = item
        return item

    def resolve(self, ids: Iterable[str]) -> tuple[T, ...]:
        """The plug-ins of these ids, in this order.

        Raises:
            ConfigError: an id is unknown, or stands twice.
        """
        self._discover()
        wanted = tuple(ids)
        unknown = [plugin_id for plugin_id in wanted if plugin_id not in self._items]
        if unknown:
            raise ConfigError(f"unknown {self.kind} {unknown[0]!r}; known are: {', '.join(sorted(self._items))}")
        if len(set(wanted)) != len(wanted):
            raise ConfigError(f"a {self.kind} stands twice in: {', '.join(wanted)}")
        return tuple(self._items[plugin_id] for plugin_id in wanted)

    def __iter__(self) -> Iterator[str]:
        self._discover()
        return iter(sorted(self._items))

    def _discover(self) -> None:
        if self._discovered:
            return
        self._discovered = True
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self.package}.{module.name}")
        for entry_point in entry_points(group=f"seg_ml.{self.kind}"):
            entry_point.load()
