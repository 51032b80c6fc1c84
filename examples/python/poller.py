"""A ROUTER and a DEALER in one loop, by a poller: the ROUTER answers what the DEALER asks.

python poller.py
"""

import asyncio

import zmq
import zmq.asyncio


async def main():
    with zmq.asyncio.Context() as context, context.socket(zmq.ROUTER) as router, context.socket(zmq.DEALER) as dealer:
        router.bind('inproc://questions')
        dealer.connect('inproc://questions')
        for number in (1, 2, 3):
            await dealer.send_string(f'question {number}')

        poller = zmq.asyncio.Poller()
        poller.register(router, zmq.POLLIN)
        poller.register(dealer, zmq.POLLIN)

        answers = 0
        while answers < 3:
            for socket, _ in await poller.poll(10_000):
                if socket is router:
                    # The first part says who asked, and brings the answer back there.
                    asker, question = await router.recv_multipart()
                    print(f'ROUTER: {question.decode()}')
                    await router.send_multipart([asker, b'answer to ' + question])
                else:
                    print(f'DEALER: {await dealer.recv_string()}')
                    answers += 1


asyncio.run(main())
