"""A request by ZeroMQ and one by HTTP, at the same time.

python req_and_fetch.py tcp://127.0.0.1:5555 http://127.0.0.1:8080/
"""

import asyncio
import sys

import zmq
import zmq.asyncio


async def ask(endpoint):
    with zmq.asyncio.Context() as context, context.socket(zmq.REQ) as socket:
        socket.connect(endpoint)
        await socket.send_string('hello')
        reply, *_ = await asyncio.wait_for(socket.recv_multipart(), 10)
        return reply.decode()


async def fetch(url):
    """Status and text. HTTP is the one thing that a tab and a desktop do differently."""
    if sys.platform == 'emscripten':
        from pyodide.http import pyfetch

        response = await pyfetch(url)
        return response.status, await response.string()
    from urllib.request import urlopen

    def blocking():
        with urlopen(url) as response:
            return response.status, response.read().decode()

    return await asyncio.to_thread(blocking)


async def main(endpoint='tcp://127.0.0.1:5555', url='http://127.0.0.1:8080/'):
    reply, (status, text) = await asyncio.gather(ask(endpoint), fetch(url))
    print(f'ZeroMQ: {reply}')
    print(f'HTTP: {status}, {len(text)} characters')


asyncio.run(main(*sys.argv[1:]))
