#!/usr/bin/env python3
"""A ZeroMQ peer that we did not write, libzmq through pyzmq (tcp://, ipc://), as a child process.

The protocol on stdin and stdout is that of zeromq.mjs, where it is written down, and three commands more:
  sendPyobj {s, expression, protocol}  null; sends the value of the test's Python expression
  recvPyobj {s}                        repr of the value received
  certificate {directory, name}        the public and the secret key of CURVE's that pyzmq has written there
"""

import asyncio
import base64
import collections
import datetime
import decimal
import errno
import functools
import json
import os
import pathlib
import sys
import zlib

import zmq
import zmq.asyncio
import zmq.auth

OPTIONS = json.loads(pathlib.Path(__file__).with_name("options.json").read_text())
TYPES = ("PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB")
# A line holds a message of a few MiB in base64.
LINE_LIMIT = 64 << 20


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def numbered(number, size):
    """The body of message `number`: see messages.mjs."""
    head = number.to_bytes(4, "big")
    return (head + bytes([number & 0xFF]) * max(size - 4, 0))[:size]


class Tally:
    """What a receiver of many messages reports: see messages.mjs."""

    def __init__(self):
        self.report = {"count": 0, "octets": 0, "checksum": 0, "first": None, "last": None, "gaps": 0}

    def add(self, parts):
        report = self.report
        for part in parts:
            crc = zlib.crc32(len(part).to_bytes(4, "big"), report["checksum"])
            report["checksum"] = zlib.crc32(part, crc)
            report["octets"] += len(part)
        if len(parts[-1]) >= 4:
            number = int.from_bytes(parts[-1][:4], "big")
            if report["last"] is None:
                report["first"] = number
            elif number != report["last"] + 1:
                report["gaps"] += 1
            report["last"] = number
        report["count"] += 1


class Peer:
    """One socket; commands on it take turns per direction."""

    def __init__(self, context, kind, options):
        if kind not in TYPES:
            raise Failure("EINVAL", f"no socket type {kind}")
        self.kind = kind
        self.socket = context.socket(getattr(zmq, kind))
        self.reading = asyncio.Lock()
        self.writing = asyncio.Lock()
        for name, value in options.items():
            self.set(name, value)

    def set(self, name, value):
        number, kind = option(name)
        self.socket.setsockopt(number, value.encode() if kind in ("string", "bytes") else int(value))

    def get(self, name):
        number, kind = option(name)
        value = self.socket.getsockopt(number)
        if kind in ("string", "bytes"):
            return value.rstrip(b"\0").decode()
        return bool(value) if kind == "bool" else value

    async def recv(self, timeout=-1):
        """Parts, or None when `timeout` ran out."""
        async with self.reading:
            self.open()
            self.socket.rcvtimeo = timeout
            try:
                return await self.socket.recv_multipart()
            except zmq.Again:
                return None
            except asyncio.CancelledError:
                self.open()
                raise

    async def send(self, parts, timeout=-1):
        if not parts:
            raise Failure("EINVAL", "a message has at least one part")
        async with self.writing:
            self.open()
            self.socket.sndtimeo = timeout
            try:
                await self.socket.send_multipart(parts)
            except asyncio.CancelledError:
                self.open()
                raise

    async def echo(self):
        while True:
            await self.send(await self.recv())

    async def drain(self, n, timeout=-1):
        tally = Tally()
        while tally.report["count"] < n:
            parts = await self.recv(timeout)
            if parts is None:
                break
            tally.add(parts)
        return tally.report

    async def record(self, until):
        numbers, octets, number = bytearray(), 0, None
        while number != until:
            body = (await self.recv())[-1]
            octets += len(body)
            number = int.from_bytes(body[:4], "big")
            sound = len(body) >= 4 and body == numbered(number, len(body))
            numbers += body[:4] if sound else b"\xff\xff\xff\xff"
        return {"numbers": base64.b64encode(numbers).decode(), "octets": octets}

    async def flood(self, n, size, start=0, prefix=()):
        for number in range(start, start + n):
            await self.send([*prefix, numbered(number, size)])

    async def subscription(self, topic, on):
        if self.kind == "XSUB":
            await self.send([(b"\1" if on else b"\0") + topic])
        elif self.kind == "SUB":
            self.socket.setsockopt(zmq.SUBSCRIBE if on else zmq.UNSUBSCRIBE, topic)
        else:
            raise Failure("EINVAL", f"{self.kind} does not subscribe")

    def turn(self):
        """libzmq works off what its I/O thread found only inside calls on the socket: see zeromq.mjs."""
        if not self.socket.closed:
            self.socket.get(zmq.EVENTS)

    def open(self):
        if self.socket.closed:
            raise Failure("ECANCELED", f"the {self.kind} socket was closed")


class Driver:
    """One method per command; each gets the command's fields."""

    def __init__(self):
        self.context = zmq.asyncio.Context()
        self.peers = {}
        self.handles = 0
        self.tasks = set()

    def peer(self, s):
        if s not in self.peers:
            raise Failure("ENOTSOCK", f"no socket {s}")
        return self.peers[s]

    async def version(self):
        return {"library": f"pyzmq {zmq.__version__}", "libzmq": zmq.zmq_version()}

    async def socket(self, type, options=None):
        self.handles += 1
        self.peers[self.handles] = Peer(self.context, type, options or {})
        return self.handles

    async def set(self, s, option, value):
        self.peer(s).set(option, value)

    async def get(self, s, option):
        return self.peer(s).get(option)

    async def bind(self, s, endpoint):
        self.peer(s).socket.bind(endpoint)
        return self.peer(s).get("lastEndpoint")

    async def unbind(self, s, endpoint):
        self.peer(s).socket.unbind(endpoint)

    async def connect(self, s, endpoint):
        self.peer(s).socket.connect(endpoint)

    async def disconnect(self, s, endpoint):
        self.peer(s).socket.disconnect(endpoint)

    async def subscribe(self, s, topic):
        await self.peer(s).subscription(base64.b64decode(topic), True)

    async def unsubscribe(self, s, topic):
        await self.peer(s).subscription(base64.b64decode(topic), False)

    async def send(self, s, parts, timeout=-1):
        await self.peer(s).send([base64.b64decode(part) for part in parts], timeout)

    async def recv(self, s, timeout=-1):
        parts = await self.peer(s).recv(timeout)
        return parts and [base64.b64encode(part).decode() for part in parts]

    async def sendPyobj(self, s, expression, protocol):
        await self.peer(s).socket.send_pyobj(eval(expression), protocol=protocol)

    async def recvPyobj(self, s):
        return repr(await self.peer(s).socket.recv_pyobj())

    async def echo(self, s):
        self.spawn(self.echoing(self.peer(s)))

    async def echoing(self, peer):
        try:
            await peer.echo()
        except Failure:
            pass  # closed, as every echo ends
        except zmq.ZMQError as error:
            print(f"echo: {error}", file=sys.stderr)

    async def drain(self, s, n, timeout=-1):
        return await self.peer(s).drain(n, timeout)

    async def record(self, s, until):
        return await self.peer(s).record(until)

    async def flood(self, s, n, size, prefix=(), **rest):
        await self.peer(s).flood(n, size, rest.get("from", 0), [base64.b64decode(part) for part in prefix])

    async def close(self, s, linger=None):
        self.peer(s).socket.close(linger)
        del self.peers[s]

    async def authenticate(self, passwords):
        self.spawn(self.judge(passwords))

    async def judge(self, passwords):
        """A ZAP handler (RFC 27): see zeromq.mjs."""
        handler = self.context.socket(zmq.REP)
        handler.bind("inproc://zeromq.zap.01")
        while True:
            version, number, _, _, _, mechanism, *credentials = await handler.recv_multipart()
            names = [credential.decode() for credential in credentials] if mechanism == b"PLAIN" else []
            is_in = not names or passwords.get(names[0]) == names[1]
            await handler.send_multipart([version, number, b"200" if is_in else b"400", b"", b"somebody" if is_in else b"", b""])

    async def certificate(self, directory, name):
        _, secret = zmq.auth.create_certificates(directory, name)
        return [key.decode() for key in zmq.auth.load_certificate(secret)]

    async def exit(self):
        asyncio.get_running_loop().call_soon(os._exit, 0)

    COMMANDS = frozenset(
        "version socket set get bind unbind connect disconnect subscribe unsubscribe send recv sendPyobj recvPyobj echo drain "
        "record flood close authenticate certificate exit".split()
    )

    async def turns(self):
        while True:
            for peer in self.peers.values():
                peer.turn()
            await asyncio.sleep(0.005)

    def spawn(self, work):
        # The loop keeps only weak references to tasks.
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def answer(self, line):
        number = None
        try:
            command = json.loads(line)
            number, name = command.pop("id"), command.pop("do")
            if name not in self.COMMANDS:
                raise Failure("EINVAL", f"no command {name}")
            reply = {"id": number, "ok": await getattr(self, name)(**command)}
        except Failure as error:
            reply = {"id": number, "error": {"code": error.code, "message": str(error)}}
        except zmq.ZMQError as error:
            reply = {"id": number, "error": {"code": code(error.errno), "message": str(error)}}
        except Exception as error:  # a driver must get an answer to whatever it sends
            reply = {"id": number, "error": {"code": "EPROTO", "message": f"{type(error).__name__}: {error}"}}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


def option(name):
    if name not in OPTIONS:
        raise Failure("EINVAL", f"no option {name}")
    return OPTIONS[name]


def code(number):
    """libzmq has names of its own, and leaves the rest to the system."""
    own = {zmq.EFSM: "EFSM", zmq.ETERM: "ETERM", zmq.ENOCOMPATPROTO: "ENOCOMPATPROTO", zmq.EMTHREAD: "EMTHREAD"}
    return own.get(number) or errno.errorcode.get(number, str(number))


async def main():
    driver = Driver()
    loop = asyncio.get_running_loop()
    stdin = asyncio.StreamReader(limit=LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin.buffer)
    driver.spawn(driver.turns())
    while line := await stdin.readline():
        driver.spawn(driver.answer(line))
    # Without stdin nobody can drive this process: it goes at once, whatever its sockets still hold.
    os._exit(0)


asyncio.run(main())
