"""What fails, and how."""

import asyncio

import zmq
import zmq.asyncio
from pyodide.ffi import JsException, can_run_sync
from support import fresh, pair, raises


async def test_errors_have_number_text_and_cause():
    a, _ = pair()
    try:
        a.bind('tcp://127.0.0.1:5555')
    except zmq.ZMQError as error:
        assert error.errno == zmq.EPROTONOSUPPORT and 'inproc' in str(error) and 'tcp://127.0.0.1:5555' in error.strerror
        assert isinstance(error.__cause__, JsException) and zmq.zmq_errno() == error.errno
    else:
        raise AssertionError('bound')


async def test_bad_endpoints():
    a, b = pair()
    with raises(zmq.ZMQError, zmq.EINVAL):
        a.connect('nonsense')
    with raises(zmq.ZMQError):
        a.connect('tcp://127.0.0.1:5555')
    with raises(zmq.ZMQError, zmq.EADDRINUSE):
        b.bind(a.last_endpoint)
    with raises(zmq.ZMQError):
        a.disconnect('inproc://nobody')
    with raises(zmq.ZMQError):
        a.bind_to_random_port('tcp://127.0.0.1')


async def test_closed_sockets():
    a, b = pair()
    pending = [b.recv(), b.poll(), asyncio.ensure_future(b.recv_json())]
    b.close(linger=0)
    b.close()
    assert b.closed
    for call in pending:
        with raises(asyncio.CancelledError):
            await call
    for call in (b.recv, lambda: b.send(b'x'), lambda: b.connect(fresh()), lambda: b.linger, lambda: b.setsockopt(zmq.LINGER, 0)):
        with raises(zmq.ZMQError, zmq.ENOTSOCK):
            await call()
    with raises(zmq.ZMQError, zmq.ENOTSUP):
        await b.poll()
    poller = zmq.asyncio.Poller()
    poller.register(b)
    with raises(zmq.ZMQError, zmq.ENOTSOCK):
        await poller.poll(0)


async def test_terminated_contexts():
    context = zmq.asyncio.Context()
    a, b = pair(context=context)
    pending = b.recv()
    context.term()
    with raises(zmq.ContextTerminated, zmq.ETERM):
        await pending
    with raises(zmq.ContextTerminated):
        await b.recv()
    with raises(zmq.ContextTerminated):
        await a.send(b'x')
    a.close()
    b.close()
    context.term()


async def test_states_and_kinds_that_do_not_fit():
    _, rep = pair(zmq.REQ, zmq.REP)
    with raises(zmq.ZMQError, zmq.EFSM):
        await rep.send(b'nobody asked')
    _, pull = pair(zmq.PUSH, zmq.PULL)
    with raises(zmq.ZMQError, zmq.ENOTSUP):
        await pull.send(b'x')
    with raises(zmq.ZMQError, zmq.EINVAL):
        zmq.asyncio.Context.instance().socket(99)
    router, _ = pair(zmq.ROUTER, zmq.DEALER)
    router.router_mandatory = 1
    with raises(zmq.ZMQError, zmq.EHOSTUNREACH):
        await router.send_multipart([b'nobody', b'x'])
    with raises(zmq.ZMQVersionError):
        raise zmq.ZMQVersionError('9.9')


async def test_what_would_block_says_what_to_do():
    if can_run_sync():
        return
    context = zmq.Context()
    a, b = pair(context=context)
    for call in (b.recv, b.poll, lambda: zmq.proxy(a, b), lambda: context.socket(zmq.PUSH).send(b'x')):
        with raises(zmq.ZMQError, zmq.ENOTSUP):
            call()
    context.destroy(0)


async def test_what_is_no_socket_can_not_be_polled():
    poller = zmq.asyncio.Poller()
    poller.register(1, zmq.POLLIN)
    with raises(zmq.ZMQError, zmq.ENOTSOCK):
        await poller.poll(0)
    with raises(zmq.ZMQError, zmq.ENOTSOCK):
        await poller.poll(10)
