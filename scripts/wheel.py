"""Builds the Python wheel: pyzmq's own Python, as it is, on our backend in place of libzmq.

    .cache/venv/bin/python scripts/wheel.py FOLDER

From the pyzmq installed beside this Python come the modules listed below; all others, and what replaces one of
pyzmq's, are in python/.
"""

import base64
import hashlib
import importlib.metadata
import json
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
OURS = ROOT / 'python'

# What is left out needs libzmq's C interface, file descriptors, threads, processes or other event loops.
PYZMQ_MODULES = """
    __init__ _future _typing constants decorators error
    log/__init__ log/handlers
    sugar/__init__ sugar/attrsettr sugar/context sugar/frame sugar/poll sugar/socket sugar/stopwatch sugar/tracker
    sugar/version
    utils/__init__ utils/interop utils/jsonapi utils/monitor utils/strtypes utils/z85
""".split()


def main(folder: Path) -> None:
    version = json.loads((ROOT / 'pkg.json').read_text())['version']
    files = contents(version)
    files.append((f'{info(version)}/RECORD', record(files, version)))
    wheel = folder / f'zmq_wasm-{version}-py3-none-any.whl'
    with zipfile.ZipFile(wheel, 'w', zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, octets in files:
            # Without the time of day, so that the same sources give the same wheel.
            archive.writestr(zipfile.ZipInfo(name), octets, zipfile.ZIP_DEFLATED)
    print(wheel.name, wheel.stat().st_size, 'bytes')


def contents(version: str) -> list[tuple[str, bytes]]:
    pyzmq = importlib.metadata.distribution('pyzmq')
    files = {f'zmq/{name}.py': Path(pyzmq.locate_file(f'zmq/{name}.py')) for name in PYZMQ_MODULES}
    for path in sorted(OURS.rglob('*.py')):
        name = path.relative_to(OURS).as_posix()
        if name in files:
            sys.exit(f'error: python/{name} is also taken from pyzmq. Take it out of PYZMQ_MODULES in scripts/wheel.py.')
        files[name] = path
    licences = {name: ROOT / name for name in ('LICENSE-MIT', 'LICENSE-APACHE')}
    licences['LICENSE-PYZMQ.md'] = next(Path(pyzmq.locate_file(f)) for f in pyzmq.files if f.name == 'LICENSE.md')
    files |= {f'{info(version)}/licenses/{name}': path for name, path in licences.items()}
    listed = [(name, path.read_bytes()) for name, path in sorted(files.items())]
    listed.append((f'{info(version)}/METADATA', metadata(version, pyzmq.version, licences).encode()))
    listed.append((f'{info(version)}/WHEEL', b'Wheel-Version: 1.0\nGenerator: zmq-wasm\nRoot-Is-Purelib: true\nTag: py3-none-any\n'))
    return listed


def metadata(version: str, pyzmq_version: str, licences: dict) -> str:
    return '\n'.join(
        [
            'Metadata-Version: 2.4',
            'Name: zmq-wasm',
            f'Version: {version}',
            f'Summary: pyzmq {pyzmq_version} in a browser tab: its own Python on zmq-wasm, for Pyodide',
            'License-Expression: (MIT OR Apache-2.0) AND BSD-3-Clause',
            *(f'License-File: {name}' for name in licences),
            'Requires-Python: >=3.12',
            'Project-URL: Homepage, https://github.com/zmq-wasm/zmq-wasm',
            '',
        ]
    )


def record(files: list[tuple[str, bytes]], version: str) -> bytes:
    lines = []
    for name, octets in files:
        digest = base64.urlsafe_b64encode(hashlib.sha256(octets).digest()).rstrip(b'=').decode()
        lines.append(f'{name},sha256={digest},{len(octets)}\n')
    return ''.join([*lines, f'{info(version)}/RECORD,,\n']).encode()


def info(version: str) -> str:
    return f'zmq_wasm-{version}.dist-info'


if __name__ == '__main__':
    main(Path(sys.argv[1]))
