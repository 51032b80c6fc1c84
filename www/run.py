"""Runs a program as `python NAME ARGUMENTS...` does, inside Pyodide's loop, which goes on."""

import asyncio
import linecache
import sys
import traceback

from pyodide.code import eval_code_async
from pyodide.ffi import can_run_sync


async def run(source, name, *arguments):
    """Tells whether the program ended well. What it has to say, tracebacks too, goes to sys.stdout and sys.stderr."""
    program = asyncio.ensure_future(execute(source, name, *arguments))
    await asyncio.wait([program])
    return not program.cancelled() and program.result()


async def execute(source, name, *arguments):
    blocking_run, mains = asyncio.run, []
    if not can_run_sync():
        # Without JavaScript Promise Integration nothing can block: what asyncio.run() is given ends after the program.
        asyncio.run = lambda main, **_: mains.append(asyncio.ensure_future(main))
    sys.argv = [name, *arguments]
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    try:
        await eval_code_async(source, {'__name__': '__main__'}, filename=name)
        await asyncio.gather(*mains)
    except (asyncio.CancelledError, KeyboardInterrupt):
        return False
    except SystemExit as end:
        return not end.code
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != name:
            trace = trace.tb_next
        traceback.print_exception(type(error), error, trace)
        return False
    finally:
        asyncio.run = blocking_run
    return True


def stop():
    """Cancels all tasks of the program."""
    for task in asyncio.all_tasks():
        if task.get_coro().cr_code is not run.__code__:
            task.cancel()
