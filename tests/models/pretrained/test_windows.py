import pytest

from jaxbio.models.pretrained.windows import Window, windows


@pytest.mark.parametrize("length", [*range(1, 40), 101])
@pytest.mark.parametrize("size", [2, 5, 8])
def test_every_token_is_taken_from_where_it_is_nearest_to_the_middle(length, size):
    found = windows(length, size)
    taken = [at for part in found for at in range(part.first, part.last)]
    assert taken == list(range(length))  # each once
    for part in found:
        assert part.start <= part.first < part.last <= part.stop
        assert part.stop - part.start == min(size, length)
        for at in range(part.first, part.last):
            middle = (part.start + part.stop - 1) / 2
            others = [
                abs(at - (each.start + each.stop - 1) / 2)
                for each in found
                if each.start <= at < each.stop
            ]
            assert abs(at - middle) == min(others)


def test_one_that_fits_is_one():
    assert windows(8, 8) == [Window(0, 8, 0, 8)]
    assert [part.start for part in windows(9, 8)] == [0, 1]
