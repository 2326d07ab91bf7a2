import jax
import pytest


@pytest.fixture
def double():
    """Double precision, for comparisons to the last digits."""
    with jax.enable_x64(True):
        yield
