"""The public names of pyzmq, as JSON: run by pyzmq's own Python and by ours."""

import enum
import json
import pkgutil

import zmq
import zmq.asyncio
import zmq.decorators
import zmq.utils.jsonapi
import zmq.utils.monitor
import zmq.utils.z85


def public(thing):
    return sorted(name for name in dir(thing) if not name.startswith('_'))


def names():
    found = {'submodules of zmq': sorted(module.name for module in pkgutil.iter_modules(zmq.__path__))}
    for module in (zmq, zmq.asyncio, zmq.decorators, zmq.utils.jsonapi, zmq.utils.monitor):
        found[module.__name__] = sorted(module.__all__)
    found['zmq.utils.z85'] = public(zmq.utils.z85)
    for owner in (zmq, zmq.asyncio):
        for name in sorted(owner.__all__):
            kind = getattr(owner, name, None)
            if not isinstance(kind, type):
                continue
            # Numbers of the operating system's errors are its own.
            if issubclass(kind, enum.IntEnum) and kind is not zmq.Errno:
                found[f'{owner.__name__}.{name}'] = [f'{member}={kind[member].value}' for member in kind.__members__]
            else:
                found[f'{owner.__name__}.{name}'] = public(kind)
    return json.dumps(found)


if __name__ == '__main__':
    print(names())
