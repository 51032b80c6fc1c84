"""A server that answers each request.

python request_reply_server.py tcp://127.0.0.1:5555     where a REQ or DEALER is bound
python request_reply_server.py                          with a client of its own, by inproc://
"""

import asyncio
import sys

import zmq
import zmq.asyncio


async def serve(socket):
    while True:
        request = await socket.recv_string()
        await socket.send_string(f'reply to {request}')


async def main(endpoint=None):
    with zmq.asyncio.Context() as context, context.socket(zmq.REP) as server:
        if endpoint is not None:
            server.connect(endpoint)
            return await serve(server)
        server.bind('inproc://greetings')
        serving = asyncio.create_task(serve(server))
        with context.socket(zmq.REQ) as client:
            client.connect('inproc://greetings')
            await client.send_string('hello')
            print(await client.recv_string())
        serving.cancel()


asyncio.run(main(*sys.argv[1:]))
