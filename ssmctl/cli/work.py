"""Long work: many files over many processes, and a sign of life on a terminal."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from ssmctl.cli.report import prose_stream


def spread(function: Callable, tasks: list, jobs: int) -> Iterator:
    """Map a function over tasks in this process, or in order over fresh ones that inherit nothing."""
    if min(jobs, len(tasks)) <= 1:
        yield from map(function, tasks)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(jobs, len(tasks)), get_context("spawn"), initializer=die_quietly) as pool:
        try:
            yield from pool.map(function, tasks)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def die_quietly() -> None:
    """Let an interrupt end a worker without a traceback."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)


def progress(args: Any, results: Iterable, total: int) -> Iterable:
    """Show a bar on a terminal, unless the lines that are printed there already show how far it is."""
    tty = lambda stream: stream is not None and stream.isatty()
    if total < 2 or args.quiet or not tty(sys.stderr) or tty(prose_stream(args)):
        return results
    from tqdm import tqdm

    return tqdm(results, total=total, unit="file", leave=False)


def patience(args: Any, text: str) -> Any:
    """Show on a terminal that a long search goes on, and since when."""
    return nullcontext() if args.quiet or sys.stderr is None or not sys.stderr.isatty() else clock(text)


@contextmanager
def clock(text: str, delay: float = 2.0) -> Iterator[None]:
    """Show the time that has passed, once `delay` seconds have."""
    from threading import Event, Thread

    from tqdm import tqdm

    done = Event()

    def tick() -> None:
        if not done.wait(delay):
            with tqdm(bar_format="{desc} … {elapsed}", desc=text, leave=False, delay=0) as bar:
                while not done.wait(0.5):
                    bar.refresh()

    thread = Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
