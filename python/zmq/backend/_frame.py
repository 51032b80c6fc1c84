"""Message parts with what is known of where they come from."""

from __future__ import annotations

from threading import Event

import zmq
from zmq.constants import Errno, MessageOption
from zmq.error import ZMQError


class SendEvent(Event):
    """Set when a frame is sent. Who waits for one that isn't is told so: nothing would come in between."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def octets_of(data):
    """Octets, in one piece, of whatever offers a buffer."""
    if type(data) is bytes:
        return data
    if isinstance(data, str):
        raise TypeError('Message must be in bytes, not a unicode object')
    view = memoryview(data)
    return view.cast('B') if view.c_contiguous and view.nbytes else view.tobytes()


class Frame:
    more = False
    tracker = None
    tracker_event = None
    _data = b''
    # The frame of JavaScript's that this one was received as.
    _js = None
    _routing_id = 0
    _group = ''

    def __init__(
        self,
        data=None,
        track: bool = False,
        copy: bool | None = None,
        copy_threshold: int | None = None,
    ) -> None:
        if isinstance(data, str):
            raise TypeError('Unicode strings are not allowed. Only: bytes, buffer interfaces.')
        if data is not None:
            if not memoryview(data).contiguous:
                raise BufferError('memoryview: underlying buffer is not contiguous')
            self._data = bytes(data) if copy else data
        if not track:
            return
        if data is None or copy:
            self.tracker = zmq._FINISHED_TRACKER
        else:
            self.tracker_event = SendEvent()
            self.tracker = zmq.MessageTracker(self.tracker_event)

    @classmethod
    def _received(cls, js, track: bool) -> Frame:
        frame = cls(track=track)
        frame._data = js.bytes.to_bytes()
        frame._js = js
        frame.more = bool(js.more)
        frame._routing_id = getattr(js, 'routingId', None) or 0
        frame._group = getattr(js, 'group', None) or ''
        return frame

    def _sent(self) -> None:
        if self.tracker_event is not None:
            self.tracker_event.set()

    @property
    def buffer(self) -> memoryview:
        """A memoryview of the frame's octets."""
        return memoryview(self._data)

    @property
    def bytes(self) -> bytes:
        """The frame's octets."""
        return self._data if type(self._data) is bytes else memoryview(self._data).tobytes()

    def __buffer__(self, flags: int) -> memoryview:
        return self.buffer

    def __len__(self) -> int:
        return self.buffer.nbytes

    def __eq__(self, other) -> bool:
        return self.bytes == bytes(other)

    def __copy__(self) -> Frame:
        return self.fast_copy()

    def fast_copy(self) -> Frame:
        """A frame with the same octets, which are not copied."""
        copy = type(self)()
        for name in ('_data', '_js', '_routing_id', '_group', 'more', 'tracker', 'tracker_event'):
            setattr(copy, name, getattr(self, name))
        return copy

    @property
    def done(self) -> bool:
        return self.tracker.done

    def get(self, option: int | str):
        """An option by its number, or a property of the message by its name, such as 'Socket-Type'."""
        if option == 'routing_id':
            return self._routing_id
        if option == 'group':
            return self._group
        if isinstance(option, str):
            value = None if self._js is None else self._js.get(option)
            if value is not None:
                return value
        elif option == MessageOption.MORE:
            return int(self.more)
        elif option == MessageOption.SHARED:
            return 0
        raise ZMQError(Errno.EINVAL, f'the frame has no property {option!r}')

    def set(self, option: int | str, value) -> None:
        """Sets 'routing_id' or 'group'."""
        if option == 'routing_id':
            self._routing_id = int(value)
        elif option == 'group':
            self._group = value if isinstance(value, str) else value.decode('utf8')
        else:
            raise ZMQError(Errno.EINVAL, f"a frame's property {option!r} can't be set")
