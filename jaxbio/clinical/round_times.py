"""Times that people count in."""

import math


def round_times(last: float) -> tuple[float, ...]:
    """Three to six equally distant round times, up to the last of a follow-up.

    Args:
        last: The end, above 0.

    Example:
        >>> round_times(4191.0), round_times(60.0), round_times(0.7)
        ((1000.0, 2000.0, 3000.0, 4000.0), (20.0, 40.0, 60.0), (0.2, 0.4, 0.6))
    """
    power = 10.0 ** math.floor(math.log10(last / 3))
    step = next(k for k in (5, 2, 1) if k * power <= last / 3) * power
    return tuple(
        float(f"{step * k:.6g}") for k in range(1, int(last / step * 1.000001) + 1)
    )
