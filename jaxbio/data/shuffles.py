"""Letters of a sequence in another order."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Int64, UInt8


def shuffle_dinucleotides(
    letters: UInt8[np.ndarray, "length"], rng: np.random.Generator
) -> UInt8[np.ndarray, "length"]:
    """Shuffle letters so that each pair of neighbours is there as often as before.

    The first and the last letter stay, and each such order is as likely as any other
    (Altschul and Erickson 1985).

    Args:
        letters: In ASCII.
        rng: Which order.

    Example:
        >>> text = np.frombuffer(b"AACGTACGGTTACT", np.uint8)
        >>> other = shuffle_dinucleotides(text, np.random.default_rng(2))
        >>> def pairs(letters):
        ...     return sorted(zip(letters[:-1].tolist(), letters[1:].tolist()))
        >>> pairs(other) == pairs(text), other.tobytes() == text.tobytes()
        (True, False)
    """
    if len(letters) < 4:
        return letters.copy()
    symbols, codes = np.unique(letters, return_inverse=True)
    last = int(codes[-1])
    after = [codes[1:][codes[:-1] == symbol] for symbol in range(len(symbols))]
    others = [at for at, each in enumerate(after) if len(each) and at != last]
    exits: dict[int, int] = {}
    while True:  # the last way out of each symbol, such that all lead to the end
        exits = {symbol: int(rng.integers(len(after[symbol]))) for symbol in others}
        if all(_leads(symbol, last, after, exits) for symbol in others):
            break
    ways = []
    for symbol, each in enumerate(after):
        at = exits.get(symbol)
        if at is None:
            ways.append(iter(rng.permutation(each).tolist()))
        else:
            rest = rng.permutation(np.delete(each, at)).tolist()
            ways.append(iter([*rest, int(each[at])]))
    found = [int(codes[0])]
    for _ in range(len(letters) - 1):
        found.append(next(ways[found[-1]]))
    return symbols[found]


def _leads(
    symbol: int,
    last: int,
    after: Sequence[Int64[np.ndarray, "_"]],
    exits: Mapping[int, int],
) -> bool:
    """Check that the ways out of a symbol lead to the last one, not around."""
    for _ in range(len(exits) + 1):
        if symbol == last:
            return True
        symbol = int(after[symbol][exits[symbol]])
    return symbol == last
