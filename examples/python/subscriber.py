"""A subscriber to one of a publisher's topics: prints five reports.

python subscriber.py tcp://127.0.0.1:5556
"""

import asyncio
import sys

import zmq
import zmq.asyncio


async def main(endpoint='tcp://127.0.0.1:5556'):
    with zmq.asyncio.Context() as context, context.socket(zmq.SUB) as socket:
        socket.connect(endpoint)
        socket.setsockopt_string(zmq.SUBSCRIBE, 'weather')
        for _ in range(5):
            topic, report = await socket.recv_multipart()
            print(f'{topic.decode()}: {report.decode()}')


asyncio.run(main(*sys.argv[1:]))
