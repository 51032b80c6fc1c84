"""Polling many sockets at once."""

from __future__ import annotations

from zmq.constants import Errno, SocketOption
from zmq.error import ZMQError

from ._library import library, wait_for
from ._socket import Socket


def zmq_poll(sockets: list, timeout: int = -1) -> list:
    """The sockets that are ready, with their events, of a list of (socket, events); timeout in milliseconds."""
    for socket, _ in sockets:
        if not isinstance(socket, Socket):
            raise ZMQError(Errno.ENOTSOCK, f'only ZeroMQ sockets can be polled here, not {socket!r}')
    ready = _ready(sockets)
    if ready or timeout == 0:
        return ready
    poller = library.Poller.new()
    for socket, events in sockets:
        poller.register(socket._core.js, int(events))
    wait_for(lambda: poller.poll(timeout), 'poll()')
    return _ready(sockets)


def _ready(sockets: list) -> list:
    events = ((socket, socket.get(SocketOption.EVENTS) & mask) for socket, mask in sockets)
    return [(socket, ready) for socket, ready in events if ready]
