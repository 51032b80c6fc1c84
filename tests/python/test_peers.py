"""Against libzmq, over ws://."""

import asyncio

import zmq
import zmq.asyncio
from support import peer, raises, recv, send


def connected(kind, endpoint, **options):
    socket = zmq.asyncio.Context.instance().socket(kind)
    for name, value in options.items():
        setattr(socket, name, value)
    socket.connect(endpoint)
    return socket


async def test_requests_and_replies():
    async with peer('REP') as (server, endpoint):
        await server.echo()
        socket = connected(zmq.REQ, endpoint)
        for number in range(20):
            await socket.send_multipart([b'%d' % number, b'', b'x' * 1000])
            assert await socket.recv_multipart() == [b'%d' % number, b'', b'x' * 1000]


async def test_replies_to_requests():
    async with peer('REQ') as (client, endpoint):
        socket = connected(zmq.REP, endpoint)
        for question in (b'one', b'two'):
            await send(client, question)
            assert await socket.recv() == question
            await socket.send(b'reply to ' + question)
            assert await recv(client) == [b'reply to ' + question]


async def test_routing():
    async with peer('ROUTER') as (router, endpoint):
        socket = connected(zmq.DEALER, endpoint, routing_id=b'tab')
        await socket.send_multipart([b'question', b'more'])
        assert await recv(router) == [b'tab', b'question', b'more']
        await send(router, b'tab', b'answer')
        frame = await socket.recv(copy=False)
        assert frame.bytes == b'answer' and not frame.more


async def test_subscriptions():
    async with peer('XPUB') as (publisher, endpoint):
        socket = connected(zmq.SUB, endpoint)
        socket.setsockopt(zmq.SUBSCRIBE, b'weather')
        assert await recv(publisher) == [b'\1weather']
        await send(publisher, b'sports', b'1')
        await send(publisher, b'weather', b'2')
        assert await socket.recv_multipart() == [b'weather', b'2']
        with raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.05)
        await send(publisher, b'weather', b'3')
        assert await socket.recv_multipart() == [b'weather', b'3']


async def test_pipelines():
    async with peer('PUSH') as (pusher, endpoint):
        socket = connected(zmq.PULL, endpoint)
        await pusher.flood(2000, 100)
        for _ in range(2000):
            assert len(await socket.recv()) == 100


async def test_a_server_that_comes_late():
    async with peer('PULL') as (puller, endpoint):
        await puller.unbind(endpoint)
        socket = connected(zmq.PUSH, endpoint, reconnect_ivl=20)
        await socket.send_json({'queued': True})
        await puller.bind(endpoint)
        assert await recv(puller) == [b'{"queued": true}']
