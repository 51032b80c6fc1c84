"""What pyzmq's calls do, in pairs of our own sockets."""

import asyncio
import gc
import json
import pickle
import struct

import zmq
import zmq.asyncio
from pyodide.ffi import create_proxy
from support import fresh, pair, raises
from zmq.utils import jsonapi, z85
from zmq.utils.monitor import recv_monitor_message


async def test_bytes_and_what_offers_a_buffer_are_sent():
    a, b = pair()
    for data in (b'', b'bytes', bytearray(b'array'), memoryview(b'view')[1:3], zmq.Frame(b'frame'), memoryview(b'abcd')[::2]):
        assert await a.send(data) is None or isinstance(data, zmq.Frame)
        assert await b.recv() == bytes(data)
    await a.send(struct.pack('10000I', *range(10000)))
    assert struct.unpack('10000I', await b.recv()) == tuple(range(10000))
    # What is changed afterwards is not what was sent.
    data = bytearray(b'before')
    sending = a.send(data)
    data[:] = b'behind'
    await sending
    assert await b.recv() == b'before'


async def test_multipart_part_by_part_and_at_once():
    a, b = pair()
    await a.send_multipart([b'one', b'', b'three'])
    assert await b.recv() == b'one' and b.getsockopt(zmq.RCVMORE) == 1
    assert await b.recv() == b'' and b.rcvmore == 1
    assert await b.recv() == b'three' and b.rcvmore == 0
    await a.send(b'x', zmq.SNDMORE)
    await a.send(b'y', flags=zmq.SNDMORE)
    await a.send(b'z')
    assert await b.recv_multipart() == [b'x', b'y', b'z']
    with raises(TypeError):
        await a.send_multipart([b'one', 2])
    assert await b.poll(0) == 0


async def test_strings_json_pickles_and_others():
    a, b = pair()
    await a.send_string('grüße', encoding='utf-16')
    assert await b.recv_string(encoding='utf-16') == 'grüße'
    await a.send_unicode('x')
    assert await b.recv_unicode() == 'x'
    await a.send_json({'a': [1, None]}, sort_keys=True)
    assert await b.recv_json() == {'a': [1, None]}
    everything = {(1, 'x'): {2.5}, None: [b'bytes', 2**80, slice(1, 2)]}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        await a.send_pyobj(everything, protocol=protocol)
        assert repr(await b.recv_pyobj()) == repr(everything)
    await a.send_serialized([1, 2], lambda numbers: [str(n).encode() for n in numbers])
    assert await b.recv_serialized(lambda parts: sum(map(int, parts))) == 3
    buffer = bytearray(8)
    await a.send(b'abc')
    assert await b.recv_into(buffer) == 3 and buffer == b'abc\0\0\0\0\0'
    await a.send(b'not json')
    with raises(json.JSONDecodeError):
        await b.recv_json()
    await a.send(b'\xff')
    with raises(UnicodeDecodeError):
        await b.recv_string()
    with raises(TypeError):
        await a.send('text')
    with raises(TypeError):
        await a.send_string(b'octets')


async def test_calls_that_can_end_at_once_are_done_at_once():
    a, b = pair()
    assert a.send(b'x').done()
    received = b.recv()
    assert received.done() and not received.cancel() and received.result() == b'x'
    assert not b.recv(zmq.NOBLOCK).cancelled()
    with raises(zmq.Again, zmq.EAGAIN):
        await b.recv(zmq.NOBLOCK)
    assert await asyncio.wait_for(a.send(b'y'), 0) is None and await asyncio.wait_for(b.recv(), 0) == b'y'


async def test_what_is_cancelled_or_late_consumes_no_message():
    a, b = pair()
    async def receive():
        return await b.recv_multipart()

    task = asyncio.create_task(receive())
    await asyncio.sleep(0)
    task.cancel()
    with raises(asyncio.CancelledError):
        await task
    with raises(TimeoutError):
        await asyncio.wait_for(b.recv(), 0.01)
    # Cancelled in the very turn in which the message comes.
    waiting = b.recv()
    await a.send(b'first')
    waiting.cancel()
    await a.send(b'second')
    assert [await b.recv(), await b.recv()] == [b'first', b'second']


async def test_waiting_calls_are_served_in_order():
    a, b = pair()
    receiving = [asyncio.ensure_future(b.recv()) for _ in range(20)]
    receiving[3].cancel()
    for number in range(19):
        await a.send(b'%d' % number)
    receiving.pop(3)
    assert await asyncio.gather(*receiving) == [b'%d' % number for number in range(19)]


async def test_timeouts_are_those_of_the_options():
    a, b = pair()
    b.rcvtimeo = 10
    with raises(zmq.Again, zmq.EAGAIN):
        await b.recv()
    b.RCVTIMEO = -1
    lonely = zmq.asyncio.Context.instance().socket(zmq.PUSH)
    lonely.sndtimeo = 10
    with raises(zmq.Again):
        await lonely.send(b'x')
    await a.send(b'still here')
    assert await b.recv() == b'still here'


async def test_a_send_waits_for_room():
    context = zmq.asyncio.Context.instance()
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    endpoint = fresh()
    push.connect(endpoint)
    push.sndhwm = 1
    sending = asyncio.gather(*(push.send(b'%d' % n) for n in range(50)))
    await asyncio.sleep(0)
    pull.bind(endpoint)
    assert [await pull.recv() for _ in range(50)] == [b'%d' % n for n in range(50)]
    await sending


async def test_ten_tasks_share_a_req():
    req, rep = pair(zmq.REQ, zmq.REP)

    async def serve():
        while True:
            await rep.send(b'reply to ' + await rep.recv())

    async def ask(number):
        await req.send(b'%d' % number)
        return await req.recv()

    serving = asyncio.create_task(serve())
    assert await asyncio.gather(*map(ask, range(10))) == [b'reply to %d' % n for n in range(10)]
    await req.send(b'one')
    with raises(zmq.ZMQError, zmq.EFSM):
        await req.send(b'two', zmq.NOBLOCK)
    assert await req.recv() == b'reply to one'
    serving.cancel()


async def test_poll_and_pollers():
    a, b = pair()
    assert await b.poll(0) == 0 and await b.poll(10) == 0
    assert await b.poll(flags=zmq.POLLOUT) == zmq.POLLOUT
    poller = zmq.asyncio.Poller()
    assert b not in poller
    poller.register(b, zmq.POLLIN)
    poller.register(a, zmq.POLLIN)
    assert b in poller and await poller.poll(10) == []
    polling = [asyncio.ensure_future(poller.poll()), asyncio.ensure_future(b.poll())]
    await asyncio.sleep(0)
    await a.send_multipart([b'x', b'y'])
    assert await polling[0] == [(b, zmq.POLLIN)] and await polling[1] == zmq.POLLIN
    assert await b.recv() == b'x'
    # The rest of a message is something to receive as well.
    assert dict(await poller.poll(0)) == {b: zmq.POLLIN} and b.events & zmq.POLLIN
    assert await b.recv() == b'y'
    poller.modify(b, zmq.POLLIN | zmq.POLLOUT)
    assert await poller.poll(1000) == [(b, zmq.POLLOUT)]
    poller.unregister(b)
    with raises(KeyError):
        poller.unregister(b)
    polling = asyncio.ensure_future(poller.poll())
    await asyncio.sleep(0)
    polling.cancel()
    with raises(asyncio.CancelledError):
        await polling


async def test_options_by_number_name_and_attribute():
    a, _ = pair()
    a.setsockopt(zmq.LINGER, 7)
    assert a.getsockopt(zmq.LINGER) == a.get(zmq.SocketOption.LINGER) == a.linger == a.LINGER == 7
    a.hwm = 12
    assert a.sndhwm == a.rcvhwm == a.get_hwm() == 12
    a.set_string(zmq.IDENTITY, 'grüße')
    assert a.get_string(zmq.IDENTITY) == 'grüße' and a.routing_id == 'grüße'.encode()
    a.maxmsgsize = 2**40
    assert a.maxmsgsize == 2**40
    assert a.type == zmq.SocketType.PAIR and a.get(zmq.TYPE) == zmq.PAIR
    assert a.last_endpoint.startswith(b'inproc://test-')
    with raises(AttributeError):
        a.nonsense = 1
    with raises(AttributeError):
        a.nonsense  # noqa: B018
    with raises(TypeError):
        a.setsockopt(zmq.IDENTITY, 5)
    with raises(TypeError):
        a.setsockopt(zmq.LINGER, b'5')
    with raises(zmq.ZMQError, zmq.EINVAL):
        a.setsockopt(zmq.SNDHWM, -5)
    with raises(zmq.ZMQError, zmq.EINVAL):
        a.getsockopt(9999)


async def test_subscriptions():
    pub, sub = pair(zmq.XPUB, zmq.SUB)
    sub.subscribe('weather')
    sub.subscribe = b'sports'
    sub.setsockopt_string(zmq.SUBSCRIBE, 'news')
    assert {await pub.recv() for _ in range(3)} == {b'\1weather', b'\1sports', b'\1news'}
    sub.unsubscribe(b'weather')
    assert await pub.recv() == b'\0weather'
    for topic in (b'weather', b'sports', b'news'):
        await pub.send_multipart([topic, b'body'])
    assert [(await sub.recv_multipart())[0] for _ in range(2)] == [b'sports', b'news']


async def test_frames_and_trackers():
    a, b = pair()
    frame = zmq.Frame(b'x' * 100, track=True)
    assert not frame.tracker.done
    with raises(zmq.NotDone):
        frame.tracker.wait(0.01)
    tracker = await a.send(frame, copy=False, track=True)
    assert tracker.done and frame.tracker.done
    tracker.wait()
    with raises(ValueError):
        await a.send(zmq.Frame(b''), copy=False, track=True)
    assert (await a.send(b'y', copy=False, track=True)).done
    received = await b.recv(copy=False)
    assert received == b'x' * 100 and len(received) == 100 and bytes(received.buffer) == received.bytes
    assert received['Socket-Type'] == 'PAIR' and not received.more
    with raises(zmq.ZMQError, zmq.EINVAL):
        received['Nonsense']  # noqa: B018
    await a.send(received)
    assert [await b.recv(), await b.recv()] == [b'y', b'x' * 100]


async def test_context_managers():
    with zmq.asyncio.Context() as context:
        with context.socket(zmq.PAIR) as a, context.socket(zmq.PAIR) as b:
            endpoint = fresh()
            with a.bind(endpoint), b.connect(endpoint):
                await a.send(b'x')
                assert await b.recv() == b'x'
            # The name is free again.
            with context.socket(zmq.PAIR) as c:
                c.bind(endpoint)
        assert a.closed and b.closed and not context.closed
    assert context.closed


async def test_contexts():
    context = zmq.asyncio.Context()
    assert zmq.asyncio.Context.instance() is zmq.asyncio.Context.instance() is not zmq.Context.instance()
    shadow = zmq.asyncio.Context.shadow(context.underlying)
    assert shadow.underlying == context.underlying == zmq.Context(context).underlying
    context.max_sockets = 5
    assert shadow.get(zmq.MAX_SOCKETS) == 5 and context.io_threads == 1
    context.linger = 3
    socket = context.socket(zmq.PUSH)
    assert socket.linger == 3 and context.getsockopt(zmq.LINGER) == 3
    same = zmq.Socket.shadow(socket.underlying)
    assert same.linger == 3 and repr(socket).startswith('<zmq.asyncio.Socket(zmq.PUSH)')
    with raises(zmq.ZMQError, zmq.EINVAL):
        zmq.Context(-1)
    context.destroy(linger=0)
    assert socket.closed and same.closed and context.closed and shadow.closed
    with raises(zmq.ZMQError):
        context.socket(zmq.PUSH)


async def test_monitors():
    context = zmq.asyncio.Context.instance()
    socket = context.socket(zmq.REQ)
    monitor = socket.get_monitor_socket(zmq.EVENT_CONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_MONITOR_STOPPED)
    peer = context.socket(zmq.REP)
    endpoint = fresh()
    peer.bind(endpoint)
    socket.connect(endpoint)
    events = [await recv_monitor_message(monitor) for _ in range(2)]
    assert [event['event'] for event in events] == [zmq.EVENT_CONNECTED, zmq.EVENT_HANDSHAKE_SUCCEEDED]
    assert events[0]['endpoint'] == endpoint.encode()
    socket.disable_monitor()
    assert (await recv_monitor_message(monitor))['event'] == zmq.EVENT_MONITOR_STOPPED


async def test_blocking_sockets_do_what_needs_no_wait():
    context = zmq.Context()
    a, b = pair(context=context)
    a.send(b'x')
    assert b.poll(0) == zmq.POLLIN and zmq.select([b], [], [], 0) == ([b], [], [])
    assert b.recv() == b'x'
    with raises(zmq.Again):
        b.recv(zmq.NOBLOCK)
    b.rcvtimeo = 0
    with raises(zmq.Again):
        b.recv()
    b.rcvtimeo = -1
    receiving = zmq.asyncio.Socket(b).recv()
    a.send(b'y')
    assert await receiving == b'y'
    context.destroy(0)


async def test_draft_sockets():
    assert zmq.DRAFT_API
    radio, dish = pair(zmq.RADIO, zmq.DISH)
    dish.join('news')
    dish.join('sports')
    dish.leave('sports')
    # A group is joined when the RADIO has heard of it.
    received = asyncio.ensure_future(dish.recv(copy=False))
    while not received.done():
        await radio.send(b'none', group='sports')
        await radio.send(b'hello', group='news')
        await asyncio.sleep(0.01)
    frame = received.result()
    assert frame.bytes == b'hello' and frame.group == 'news'
    server, client = pair(zmq.SERVER, zmq.CLIENT)
    await client.send(b'question')
    frame = await server.recv(copy=False)
    await server.send(b'answer', routing_id=frame.routing_id)
    assert await client.recv() == b'answer'


async def test_versions_and_tools():
    assert zmq.zmq_version_info() >= (4, 3) and zmq.pyzmq_version() == zmq.__version__
    assert zmq.has('ws') == zmq.has(b'wss') and not zmq.has('ipc')
    assert zmq.strerror(zmq.EAGAIN) and zmq.strerror(zmq.EFSM) == 'Operation cannot be accomplished in current state'
    assert z85.encode(bytes(range(4))) == b'009c6' and z85.decode(b'009c6') == bytes(range(4))
    assert jsonapi.loads(jsonapi.dumps({'a': 1})) == {'a': 1}
    assert zmq.SocketType.XPUB == zmq.XPUB == 9 and zmq.Event(1) is zmq.Event.CONNECTED


def held():
    """How many objects Python keeps, those that JavaScript still holds among them."""
    gc.collect()
    return len(gc.get_objects())


async def test_ten_thousand_messages_leave_nothing_behind():
    before = held()
    proxies = [create_proxy(lambda: None) for _ in range(1000)]
    assert held() - before >= 1000, 'what JavaScript holds is counted'
    while proxies:
        proxies.pop().destroy()

    push, pull = pair(zmq.PUSH, zmq.PULL)

    async def many(count):
        async def sending():
            for number in range(count):
                await push.send_multipart([b'%d' % number, b'body'])

        task = asyncio.create_task(sending())
        for number in range(count):
            assert await pull.recv_multipart() == [b'%d' % number, b'body']
            if number % 100 == 0:
                with raises(TimeoutError):
                    await asyncio.wait_for(push.poll(flags=zmq.POLLIN), 0)
        await task

    await many(100)
    before = held()
    await many(10_000)
    assert held() - before < 50, f'{held() - before} objects are held'
