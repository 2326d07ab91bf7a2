"""Work that a thread does ahead of the one who needs it."""

import contextvars
import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar

_T = TypeVar("_T")
_END = object()


def prefetch(items: Iterable[_T], *, depth: int = 2) -> Generator[_T, None, None]:
    """The items, prepared in a background thread.

    An error of the items is raised where they are used. The thread ends when the
    iterator is closed or let go of.

    Args:
        items: What to go through.
        depth: The most items that wait.

    Example:
        >>> list(prefetch(number * number for number in range(4)))
        [0, 1, 4, 9]
    """
    waiting: queue.Queue = queue.Queue(depth)
    stopped = threading.Event()

    def hand_over(what: object) -> bool:
        while not stopped.is_set():
            try:
                waiting.put(what, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def prepare() -> None:
        try:
            for item in items:
                if not hand_over((item, None)):
                    return
            hand_over((_END, None))
        except BaseException as error:
            hand_over((_END, error))

    context = contextvars.copy_context()  # how remedies are written, say
    thread = threading.Thread(
        target=context.run, args=(prepare,), name="jaxbio-ahead", daemon=True
    )
    thread.start()
    try:
        while True:
            item, error = waiting.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item
    finally:
        stopped.set()
        thread.join()
