"""zmq.asyncio: sockets whose calls give futures of the running loop.

The rules are pyzmq's own (zmq._future). What differs here is who tells that a socket is ready: no file descriptor,
but a promise of the JavaScript socket's.
"""

from __future__ import annotations

import asyncio
import selectors
from asyncio import Future
from functools import partial

import zmq as _zmq
from zmq import _future
from zmq.backend._library import translate


class _AsyncIO:
    _Future = Future
    _READ = selectors.EVENT_READ
    _WRITE = selectors.EVENT_WRITE

    def _default_loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()


class Poller(_AsyncIO, _future._AsyncPoller):
    """Poller returning asyncio.Future for poll results."""

    def _watch_raw_socket(self, loop, socket, evt, f):
        raise _zmq.ZMQError(_zmq.ENOTSOCK, f'only ZeroMQ sockets can be polled here, not {socket!r}')

    def _unwatch_raw_sockets(self, loop, *sockets):
        """There are none."""


class Socket(_AsyncIO, _future._AsyncSocket):
    """Socket returning asyncio Futures for send/recv/poll methods."""

    _poller_class = Poller
    # Events that a promise waits for.
    _watched = 0

    def _init_io_state(self, io_loop=None):
        """A loop has nothing to know: promises find their own way."""

    def _clear_io_state(self):
        """A closed socket's promises are rejected by themselves."""

    def _update_handler(self, state):
        super()._update_handler(state)
        self._watch()

    def _watch(self) -> None:
        """Has a promise for each event that calls wait for."""
        for event in (_zmq.POLLIN, _zmq.POLLOUT):
            if self._state & event & ~self._watched:
                self._watched |= event
                ready = self._core.js.poll(-1, int(event))
                ready.then(partial(self._on_ready, event), partial(self._on_end, event))

    def _on_ready(self, event: int, _) -> None:
        self._watched &= ~event
        if not self.closed:
            self._handle_events()
            self._watch()

    def _on_end(self, event: int, error) -> None:
        """The socket is closed, which has cancelled its calls already, or its context is."""
        self._watched &= ~event
        for waiting in (*self._recv_futures, *self._send_futures):
            if not waiting.future.done():
                waiting.future.set_exception(translate(error))

    def _add_send_event(self, kind, msg=None, kwargs=None, future=None):
        # A second request waits until the first is answered; pyzmq's fails.
        may_wait = not (kwargs or {}).get('flags', 0) & _zmq.DONTWAIT
        self._core.requests_wait = may_wait and self.type == _zmq.REQ
        try:
            return super()._add_send_event(kind, msg, kwargs, future)
        finally:
            self._core.requests_wait = False


Poller._socket_class = Socket


class Context(_zmq.Context[Socket]):
    """Context for creating asyncio-compatible Sockets"""

    _socket_class = Socket
    # An instance of its own, not the blocking Context's.
    _instance = None


def install() -> None:
    """Does nothing, as in pyzmq since version 17."""


__all__ = ['Context', 'Poller', 'Socket', 'install']
