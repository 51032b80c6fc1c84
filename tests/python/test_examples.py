"""The examples, as `python NAME ARGUMENTS` runs them, against libzmq over ws://."""

import asyncio
import contextlib
import io
from pathlib import Path

import run
from support import peer, recv, send


async def output(name, *arguments):
    """The lines that an example prints, which must end well."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        ended_well = await run.run(Path(f'{name}.py').read_text(), f'{name}.py', *arguments)
    assert ended_well, text.getvalue()
    return text.getvalue().splitlines()


@contextlib.asynccontextmanager
async def running(name, *arguments):
    """An example that does not end by itself."""
    before = asyncio.all_tasks()
    program = asyncio.create_task(run.run(Path(f'{name}.py').read_text(), f'{name}.py', *arguments))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        # What it awaits is not always what its task awaits: asyncio.run() may block the task.
        for task in asyncio.all_tasks() - before:
            task.cancel()
        await asyncio.wait([program])


@contextlib.asynccontextmanager
async def replying():
    async with peer('REP') as (server, endpoint):

        async def serve():
            while True:
                request = await server.recv(20_000)
                await send(server, b'reply to ' + request[0].to_bytes())

        serving = asyncio.create_task(serve())
        yield endpoint
        serving.cancel()


async def test_request_reply_server_by_itself():
    assert await output('request_reply_server') == ['reply to hello']


async def test_request_reply_server_for_a_client():
    async with peer('REQ') as (client, endpoint), running('request_reply_server', endpoint):
        await send(client, b'a')
        assert await recv(client) == [b'reply to a']


async def test_ten_requests():
    async with replying() as endpoint:
        assert await output('ten_requests', endpoint) == [f'reply to request {n}' for n in range(10)]


async def test_publisher_by_itself():
    assert await output('publisher') == [f'sports: sports report {n}' for n in range(1, 6)]


async def test_publisher_for_a_subscriber():
    async with peer('SUB') as (subscriber, endpoint):
        await subscriber.subscribe('sports')
        async with running('publisher', endpoint):
            topic, report = await recv(subscriber)
            assert topic == b'sports' and report.startswith(b'sports report ')


async def test_subscriber():
    async with peer('PUB') as (publisher, endpoint):

        async def publish():
            while True:
                for topic in (b'weather', b'sports'):
                    await send(publisher, topic, b'report')
                await asyncio.sleep(0.02)

        publishing = asyncio.create_task(publish())
        assert await output('subscriber', endpoint) == ['weather: report'] * 5
        publishing.cancel()


async def test_poller():
    lines = await output('poller')
    for number in (1, 2, 3):
        assert f'ROUTER: question {number}' in lines and f'DEALER: answer to question {number}' in lines


async def test_req_and_fetch():
    async with replying() as endpoint:
        assert await output('req_and_fetch', endpoint, 'data:text/plain,four') == [
            'ZeroMQ: reply to hello',
            'HTTP: 200, 4 characters',
        ]


async def test_a_program_that_fails_prints_its_traceback():
    text = io.StringIO()
    with contextlib.redirect_stderr(text):
        ended_well = await run.run('def inner():\n    1 / 0\n\ninner()\n', 'broken.py')
    assert not ended_well
    assert text.getvalue().splitlines()[:3] == [
        'Traceback (most recent call last):',
        '  File "broken.py", line 4, in <module>',
        '    inner()',
    ]
