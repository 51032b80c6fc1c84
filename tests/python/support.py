"""What the tests share."""

import asyncio
import contextlib
import gc
import importlib
import traceback
from itertools import count

import peers
from pyodide.ffi import to_js

import zmq
import zmq.asyncio

PATIENCE = 20
_names = count(1)


async def run_case(module, name):
    """Runs one test and gives its traceback, or '' when it passed. A test may not leave sockets behind."""
    try:
        test = getattr(importlib.import_module(module), name)
        await asyncio.wait_for(test(), PATIENCE)
    except BaseException:
        return traceback.format_exc()
    finally:
        zmq.asyncio.Context.instance().destroy(0)
        gc.collect()
    return ''


def fresh():
    """An inproc:// endpoint that nobody has used."""
    return f'inproc://test-{next(_names)}'


def pair(bound=zmq.PAIR, connected=zmq.PAIR, context=None):
    """Two sockets that are connected with each other."""
    context = context or zmq.asyncio.Context.instance()
    a, b = context.socket(bound), context.socket(connected)
    endpoint = fresh()
    a.bind(endpoint)
    b.connect(endpoint)
    return a, b


@contextlib.contextmanager
def raises(kind, code=None):
    """The block must raise this exception, with this errno."""
    try:
        yield
    except kind as error:
        assert code is None or error.errno == code, f'errno {error.errno} and not {code}: {error!r}'
        assert str(error) or not isinstance(error, zmq.ZMQError)
    else:
        raise AssertionError(f'{kind.__name__} was not raised')


@contextlib.asynccontextmanager
async def peer(kind):
    """A socket of libzmq's, bound to ws://, as (the peer's socket, its endpoint)."""
    process = await peers.start('zeromq')
    try:
        socket = await process.socket(kind)
        endpoint = await socket.bind('ws://127.0.0.1:0')
        yield socket, endpoint
    finally:
        await process.stop()


async def send(socket, *parts):
    """Sends from a socket of a peer."""
    await socket.send(to_js(parts))


async def recv(socket):
    """Receives on a socket of a peer."""
    parts = await socket.recv(PATIENCE * 1000)
    assert parts is not None, 'nothing came'
    return [part.to_bytes() for part in parts]
