"""Contexts."""

from __future__ import annotations

from pyodide.ffi import JsException

from zmq.constants import Errno
from zmq.error import ZMQError

from ._library import address_of, at, library, translate


class ContextCore:
    """What a context shares with its shadows: the JavaScript Context."""

    def __init__(self, io_threads: int) -> None:
        self.js = library.Context.new(io_threads)
        self.address = address_of(self)


class Context:
    _core: ContextCore | None = None

    def __init__(self, io_threads: int = 1, shadow: int = 0) -> None:
        if shadow:
            self._core = at(shadow, ContextCore, Errno.EFAULT)
        elif io_threads < 0:
            raise ZMQError(Errno.EINVAL)
        else:
            self._core = ContextCore(io_threads)

    @property
    def underlying(self) -> int:
        """A number that stands for the context among all contexts."""
        return self._core.address

    @property
    def closed(self) -> bool:
        return self._core is None or self._core.js.closed

    def set(self, option: int, value: int) -> None:
        try:
            self._core.js.set(int(option), value)
        except JsException as error:
            raise translate(error) from error

    def get(self, option: int) -> int:
        try:
            return int(self._core.js.get(int(option)))
        except JsException as error:
            raise translate(error) from error

    def term(self) -> None:
        """Ends the context. Nothing can block here: what lingers goes out afterwards."""
        if not self.closed:
            self._core.js.term()
