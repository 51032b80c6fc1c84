"""What pyzmq's own Python stands on: here no libzmq, but the JavaScript library zmq-wasm.

The names, and what each does, are those of pyzmq's backends `cython` and `cffi`.
"""

from ._context import Context
from ._frame import Frame
from ._library import strerror, zmq_errno
from ._poll import zmq_poll
from ._socket import Socket
from ._tools import (
    IPC_PATH_MAX_LEN,
    PYZMQ_DRAFT_API,
    curve_keypair,
    curve_public,
    has,
    proxy,
    proxy_steerable,
    zmq_version_info,
)

Message = Frame

__all__ = [
    'IPC_PATH_MAX_LEN',
    'PYZMQ_DRAFT_API',
    'Context',
    'Frame',
    'Message',
    'Socket',
    'curve_keypair',
    'curve_public',
    'has',
    'proxy',
    'proxy_steerable',
    'strerror',
    'zmq_errno',
    'zmq_poll',
    'zmq_version_info',
]
