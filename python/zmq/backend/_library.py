"""The JavaScript library, what its errors are in Python, and how a call waits where it may."""

from __future__ import annotations

import errno
import os
from itertools import count
from weakref import WeakValueDictionary

from pyodide.ffi import JsException, can_run_sync, run_sync

from zmq.constants import Errno
from zmq.error import Again, ContextTerminated, ZMQError

try:
    import zmq_wasm as library
except ModuleNotFoundError as missing:
    raise ImportError(
        'zmq needs the JavaScript library zmq-wasm, which nobody has registered. In JavaScript, before `import zmq`: '
        "pyodide.registerJsModule('zmq_wasm', await import('zmq-wasm'))"
    ) from missing

# ---- Errors ------------------------------------------------------------------------------------

# Of libzmq's own errors no operating system knows a text.
_TEXTS = {
    Errno.EFSM: 'Operation cannot be accomplished in current state',
    Errno.ENOCOMPATPROTO: 'The protocol is not compatible with the socket type',
    Errno.ETERM: 'Context was terminated',
    Errno.EMTHREAD: 'No thread available',
}

_last_errno = 0


def strerror(errno: int) -> str:
    """The text for an errno."""
    return _TEXTS.get(errno) or os.strerror(errno)


def zmq_errno() -> int:
    """The errno of the last error."""
    return _last_errno


def translate(error: JsException) -> Exception:
    """The exception to raise from an error of the library's; any other error of JavaScript's as it is.

    The number is the one that this Python knows the code by: Pyodide's numbers are not Linux's.
    """
    global _last_errno
    code = getattr(error, 'code', None)
    if not isinstance(code, str):
        return error
    _last_errno = int(getattr(Errno, code, None) or getattr(errno, code, None) or error.errno)
    if code == 'EAGAIN':
        return Again()
    if code == 'ETERM':
        return ContextTerminated()
    return ZMQError(_last_errno, error.message)


# ---- Addresses ---------------------------------------------------------------------------------
# pyzmq tells its sockets and contexts apart by the addresses that libzmq has them at.

_numbers = count(1)
_objects: WeakValueDictionary = WeakValueDictionary()


def address_of(thing) -> int:
    """Gives a thing the number that `at` finds it by as long as it lives."""
    number = next(_numbers)
    _objects[number] = thing
    return number


def at(address: int, kind: type, code: int):
    """The thing of this kind with the address; ZMQError of the code where there is none."""
    found = _objects.get(address)
    if not isinstance(found, kind):
        raise ZMQError(code)
    return found


# ---- Waiting -----------------------------------------------------------------------------------


def wait_for(promise_of, what: str):
    """Blocks until the promise that `promise_of()` gives is settled, and gives its value.

    That takes a runtime with JavaScript Promise Integration, and Python that was entered by an async call.
    """
    if not can_run_sync():
        raise ZMQError(
            Errno.ENOTSUP,
            f'{what} would have to wait, and nothing can wait here without `await`: use zmq.asyncio, or NOBLOCK '
            '(with JavaScript Promise Integration and pyodide.runPythonAsync, it can)',
        )
    try:
        return run_sync(promise_of())
    except JsException as error:
        raise translate(error) from error
