"""Ten tasks share one REQ socket, and each gets the reply to its own request.

python ten_requests.py tcp://127.0.0.1:5555
"""

import asyncio
import sys

import zmq
import zmq.asyncio


async def main(endpoint='tcp://127.0.0.1:5555'):
    with zmq.asyncio.Context() as context, context.socket(zmq.REQ) as socket:
        socket.connect(endpoint)
        # libzmq's REQ refuses a request while it awaits a reply. In a tab they would take turns without this.
        turn = asyncio.Lock()

        async def ask(number):
            async with turn:
                await socket.send_string(f'request {number}')
                reply, *_ = await socket.recv_multipart()
                return reply.decode()

        for reply in await asyncio.gather(*(ask(number) for number in range(10))):
            print(reply)


asyncio.run(main(*sys.argv[1:]))
