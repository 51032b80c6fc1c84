"""Sockets. Each call does what can be done at once; what must wait is zmq.asyncio's, or blocks where anything can."""

from __future__ import annotations

from collections import deque
from time import monotonic

from js import Array, Object
from pyodide.ffi import JsException, JsProxy, to_js

import zmq
from zmq.constants import Errno, Flag, PollEvent, SocketOption, _OptType
from zmq.error import Again

from ._frame import Frame, octets_of
from ._library import address_of, at, translate, wait_for
from ._monitor import Monitor


class SocketCore:
    """What a socket shares with its shadows."""

    # Whether a request waits for the one before it, and does not fail with EFSM.
    requests_wait = False

    def __init__(self, context, kind: int) -> None:
        self.context = context
        self.js = context.socket(kind)
        self.address = address_of(self)
        # Parts that SNDMORE has announced, as JavaScript's.
        self.begun: list = []
        # Parts of the message received last that recv() has not given yet.
        self.rest: deque = deque()
        self.monitor: Monitor | None = None


class Socket:
    context = None
    copy_threshold = 0
    _core: SocketCore | None = None
    _closed = True

    def __init__(
        self,
        context=None,
        socket_type: int = -1,
        shadow: int = 0,
        copy_threshold: int | None = None,
    ) -> None:
        self.copy_threshold = zmq.COPY_THRESHOLD if copy_threshold is None else copy_threshold
        self.context = context
        if shadow:
            self._core = at(shadow, SocketCore, Errno.ENOTSOCK)
        else:
            try:
                self._core = SocketCore(context._core.js, int(socket_type))
            except JsException as error:
                raise translate(error) from error
        self._closed = False

    @property
    def underlying(self) -> int:
        """A number that stands for the socket among all sockets."""
        return self._core.address

    @property
    def closed(self) -> bool:
        return self._closed or self._core.js.closed

    def close(self, linger: int | None = None) -> None:
        if self._closed:
            return
        self._closed = True
        self._core.begun = []
        self._core.rest.clear()
        self._call('close', linger)

    # ---- Endpoints -----------------------------------------------------------------------------

    def bind(self, address: str | bytes) -> None:
        self._call('bindSync', _text(address))

    def unbind(self, address: str | bytes) -> None:
        self._call('unbindSync', _text(address))

    def connect(self, address: str | bytes) -> None:
        self._call('connect', _text(address))

    def disconnect(self, address: str | bytes) -> None:
        self._call('disconnect', _text(address))

    def join(self, group: str | bytes) -> None:
        self._call('join', _text(group))

    def leave(self, group: str | bytes) -> None:
        self._call('leave', _text(group))

    def monitor(self, addr: str | bytes | None, events: int = -1) -> None:
        """Sends the socket's events to the PAIR that connects to `addr`; None: no longer."""
        core = self._core
        if core.monitor is not None:
            core.monitor.stop()
            core.monitor = None
        if addr is None:
            return
        try:
            core.monitor = Monitor(core.js, core.context, _text(addr), events)
        except JsException as error:
            raise translate(error) from error

    # ---- Options -------------------------------------------------------------------------------

    def set(self, option: int, value: int | bytes) -> None:
        if isinstance(value, str):
            raise TypeError('unicode not allowed, use bytes')
        takes_octets = _kind(option) == _OptType.bytes
        if isinstance(value, int):
            if takes_octets:
                raise TypeError(f'expected bytes, got: {value!r}')
        else:
            if not takes_octets:
                raise TypeError(f'not a bytes sockopt: {option}')
            value = to_js(octets_of(value))
        self._call('set', int(option), value)

    def get(self, option: int) -> int | bytes:
        core = self._core
        if option == SocketOption.RCVMORE and not self.closed:
            return int(len(core.rest) > 0)
        if option == SocketOption.FD and not self.closed:
            # Nobody can wait on it, but pyzmq names monitors after it.
            return core.address
        value = self._call('get', int(option))
        if option == SocketOption.EVENTS and core.rest:
            return value | PollEvent.POLLIN
        if isinstance(value, JsProxy):
            value = value.to_bytes()
        elif isinstance(value, str):
            value = value.encode()
        else:
            return int(value)
        return value if option == SocketOption.ROUTING_ID else value.removesuffix(b'\0')

    # ---- Messages ------------------------------------------------------------------------------

    def send(self, data, flags: int = 0, copy: bool = False, track: bool = False):
        core = self._core
        is_frame = isinstance(data, Frame)
        if is_frame and track and data.tracker is None:
            raise ValueError('Not a tracked message')
        part = to_js(octets_of(data._data if is_frame else data))
        if flags & Flag.SNDMORE:
            # As in libzmq, it is the first part that waits for room.
            if not core.begun:
                self._until(self._check_room, flags, 'send()')
            core.begun.append(part)
        else:
            message = Array.of(*core.begun, part) if core.begun else part
            core.begun = []
            options = _destination(data) if is_frame else None
            self._until(lambda: self._send(message, options), flags, 'send()')
        # The octets were copied.
        if is_frame:
            data._sent()
            return data.tracker
        return None if copy else zmq._FINISHED_TRACKER

    def _send(self, message, options) -> None:
        try:
            self._core.js.sendSync(message, options)
        except JsException as error:
            failure = translate(error)
            if self._core.requests_wait and getattr(failure, 'errno', 0) == Errno.EFSM:
                failure = Again()
            raise failure from error

    def _check_room(self) -> None:
        if not self.get(SocketOption.EVENTS) & PollEvent.POLLOUT:
            raise Again()

    def recv(self, flags: int = 0, copy: bool = True, track: bool = False):
        rest = self._core.rest
        if not rest:
            rest.extend(self._until(lambda: self._call('recvSync'), flags, 'recv()'))
        part = rest.popleft()
        return part.bytes.to_bytes() if copy else zmq.Frame._received(part, track)

    def recv_into(self, buffer, /, *, nbytes: int = 0, flags: int = 0) -> int:
        """Receives a part into a buffer, as much as fits, and gives the part's length."""
        view = memoryview(buffer)
        if not view.contiguous:
            raise BufferError('Can only recv_into contiguous buffers')
        if view.readonly:
            raise BufferError('Cannot recv_into readonly buffer')
        if nbytes < 0:
            raise ValueError(f'{nbytes=} must be non-negative')
        if nbytes > view.nbytes:
            raise ValueError(f'{nbytes=} too big for memoryview of {view.nbytes}B')
        octets = self.recv(flags)
        fitting = min(len(octets), nbytes or view.nbytes)
        if fitting:
            view.cast('B')[:fitting] = octets[:fitting]
        return len(octets)

    # ---- Below ---------------------------------------------------------------------------------

    def _call(self, method: str, *args):
        """Calls the JavaScript socket, its errors as pyzmq's."""
        try:
            return getattr(self._core.js, method)(*args)
        except JsException as error:
            raise translate(error) from error

    def _until(self, attempt, flags: int, what: str):
        """What `attempt` gives, tried again each time the socket is ready, unless NOBLOCK or a timeout says enough."""
        event, limit = _WAITS[what]
        try:
            return attempt()
        except Again:
            timeout = self.get(limit)
            if flags & Flag.DONTWAIT or timeout == 0:
                raise
        deadline = monotonic() + timeout / 1000
        while True:
            left = -1 if timeout < 0 else max(0, round((deadline - monotonic()) * 1000))
            if not wait_for(lambda: self._core.js.poll(left, int(event)), what):
                raise Again()
            try:
                return attempt()
            except Again:
                pass


_WAITS = {
    'send()': (PollEvent.POLLOUT, SocketOption.SNDTIMEO),
    'recv()': (PollEvent.POLLIN, SocketOption.RCVTIMEO),
}


def _text(value: str | bytes) -> str:
    return value.decode('utf8') if isinstance(value, bytes) else value


def _kind(option: int) -> _OptType:
    try:
        return SocketOption(option)._opt_type
    except ValueError:
        # One that pyzmq doesn't know: the library says what it is.
        return _OptType.int


def _destination(frame: Frame):
    """Whom SERVER and RADIO send a frame to."""
    if frame._routing_id:
        return to_js({'routingId': frame._routing_id}, dict_converter=Object.fromEntries)
    if frame._group:
        return to_js({'group': frame._group}, dict_converter=Object.fromEntries)
    return None
