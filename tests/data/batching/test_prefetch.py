import threading
import time

import pytest

from jaxbio.data.batching.prefetch import prefetch
from jaxbio.errors import option, remedies_as_flags


def test_items_come_in_order():
    assert list(prefetch(iter(range(100)), depth=3)) == list(range(100))


def test_an_error_is_raised_where_the_items_are_used():
    def items():
        yield 1
        raise ValueError("row 7 is wrong")

    found = prefetch(items())
    assert next(found) == 1
    with pytest.raises(ValueError, match="row 7"):
        next(found)


def test_no_more_than_asked_is_prepared():
    made = []

    def items():
        for number in range(50):
            made.append(number)
            yield number

    found = prefetch(items(), depth=2)
    assert next(found) == 0
    time.sleep(0.3)
    assert len(made) <= 5  # one used, two waiting, one in hand, and one more begun
    found.close()


def test_the_thread_ends_with_the_iterator():
    def named():
        return [t for t in threading.enumerate() if t.name == "jaxbio-ahead"]

    found = prefetch(iter(range(1000)))
    next(found)
    assert named()
    found.close()
    assert not named()


def test_remedies_are_written_for_the_caller_in_the_thread_too():
    with remedies_as_flags():
        assert list(prefetch(option("ids", "a") for _ in range(2))) == ["--id a"] * 2
