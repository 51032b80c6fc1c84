"""A publisher of two topics, ten times a second.

python publisher.py tcp://127.0.0.1:5556     where a SUB is bound
python publisher.py                          with a subscriber of its own, by inproc://, for five reports
"""

import asyncio
import sys
from itertools import count

import zmq
import zmq.asyncio


async def publish(socket):
    for number in count(1):
        # Who is not subscribed to a topic does not get it; who comes late has missed what was before.
        for topic in ('weather', 'sports'):
            await socket.send_multipart([topic.encode(), f'{topic} report {number}'.encode()])
        await asyncio.sleep(0.1)


async def main(endpoint=None):
    with zmq.asyncio.Context() as context, context.socket(zmq.PUB) as publisher:
        if endpoint is not None:
            publisher.connect(endpoint)
            return await publish(publisher)
        publisher.bind('inproc://reports')
        with context.socket(zmq.SUB) as subscriber:
            subscriber.connect('inproc://reports')
            subscriber.subscribe('sports')
            publishing = asyncio.create_task(publish(publisher))
            for _ in range(5):
                topic, report = await subscriber.recv_multipart()
                print(f'{topic.decode()}: {report.decode()}')
            publishing.cancel()


asyncio.run(main(*sys.argv[1:]))
