"""Fixtures and settings of the whole suite."""

import os
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Most of the time goes into compiling programs that run once.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=1")

import jax
import pytest


@pytest.fixture(scope="session", autouse=True)
def _compile_cache(tmp_path_factory):
    """Compile each program once per suite, not once per test."""
    jax.config.update("jax_compilation_cache_dir", str(tmp_path_factory.mktemp("xla")))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@pytest.fixture
def real_data():
    """The folder of a real data set below JAXBIO_DATA; skips without it."""

    def find(name: str) -> Path:
        root = os.environ.get("JAXBIO_DATA")
        if not root:
            pytest.skip(f"real data set {name}: JAXBIO_DATA is not set")
        path = Path(root) / name
        if not path.exists():
            pytest.skip(f"real data set {name}: not found below JAXBIO_DATA")
        return path

    return find
