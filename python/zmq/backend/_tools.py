"""What belongs to no socket: proxies, keys, versions, capabilities."""

from __future__ import annotations

from pyodide.ffi import JsException

from ._library import library, translate, wait_for
from ._socket import Socket

# There is no ipc:// here.
IPC_PATH_MAX_LEN = 0
PYZMQ_DRAFT_API = True


def zmq_version_info() -> tuple[int, int, int]:
    """The version of libzmq whose behaviour this follows."""
    return (4, 3, 5)


def has(capability: str | bytes) -> bool:
    """Whether this runtime has a transport, a mechanism or the draft sockets."""
    if isinstance(capability, bytes):
        capability = capability.decode('utf8')
    return bool(library.has(capability))


def curve_keypair() -> tuple[bytes, bytes]:
    """A new pair of CURVE keys, public and secret, in Z85."""
    try:
        pair = library.curveKeypair()
    except JsException as error:
        raise translate(error) from error
    return pair.publicKey.encode(), pair.secretKey.encode()


def curve_public(secret_key: str | bytes) -> bytes:
    """The public key of a secret one, both in Z85."""
    if isinstance(secret_key, bytes):
        secret_key = secret_key.decode('ascii')
    try:
        return library.curvePublic(secret_key).encode()
    except JsException as error:
        raise translate(error) from error


def proxy(frontend: Socket, backend: Socket, capture: Socket | None = None) -> None:
    """Passes messages between the two sockets until one is closed. It blocks, where anything can."""
    wait_for(lambda: library.proxy(_js(frontend), _js(backend), _js(capture)), 'proxy()')


def proxy_steerable(
    frontend: Socket, backend: Socket, capture: Socket | None = None, control: Socket | None = None
) -> None:
    """As proxy(), and does what comes by `control`: PAUSE, RESUME, TERMINATE, STATISTICS."""
    sockets = [_js(socket) for socket in (frontend, backend, capture, control)]
    wait_for(lambda: library.proxySteerable(*sockets), 'proxy_steerable()')


def _js(socket: Socket | None):
    return None if socket is None else socket._core.js
