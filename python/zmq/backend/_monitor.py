"""Monitors: what happens on a socket, sent to a PAIR as libzmq sends it."""

from __future__ import annotations

import struct

from js import Array
from pyodide.ffi import JsException, to_js

from zmq.constants import Event, SocketType

from ._library import library


class Monitor:
    """Passes a socket's events on until the socket is closed or `stop()` is called."""

    def __init__(self, socket, context, address: str, events: int) -> None:
        self._pair = context.socket(int(SocketType.PAIR))
        try:
            self._pair.bindSync(address)
        except JsException:
            self._pair.close(0)
            raise
        self._events = socket.monitor(events & library.EVENT_ALL)
        self._await_next()

    def stop(self) -> None:
        # Its next event is its end.
        self._events.close()

    def _await_next(self) -> None:
        self._events.next().then(self._on_event)

    def _on_event(self, step) -> None:
        if step.done:
            self._pass_on(Event.MONITOR_STOPPED, 0, '')
            self._pair.close()
            return
        happened = step.value
        value = happened.value if isinstance(happened.value, int) else 0
        self._pass_on(happened.event, value, happened.endpoint)
        self._await_next()

    def _pass_on(self, event: int, value: int, endpoint: str) -> None:
        try:
            self._pair.sendSync(Array.of(to_js(struct.pack('=Hi', event, value)), endpoint))
        except JsException:
            # Nobody reads: as with libzmq, the event is lost.
            pass
