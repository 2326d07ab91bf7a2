"""Fixtures and settings of the whole suite."""

import contextlib
import ctypes
import gc
import os
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Most of the time goes into compiling programs that run once. Two devices, so that
# nothing relies on there being one.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false"
    " --xla_force_host_platform_device_count=2",
)

import jax
import pytest

jax.config.update("jax_numpy_rank_promotion", "raise")

_PROC = Path("/proc/self/statm").exists()  # Linux


@pytest.fixture(scope="session", autouse=True)
def _compile_cache(tmp_path_factory):
    """Compile each program once per suite, for all of its processes."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    for name, value in (
        ("jax_compilation_cache_dir", str(folder / "xla")),
        ("jax_persistent_cache_min_compile_time_secs", 0.0),
        ("jax_persistent_cache_min_entry_size_bytes", -1),
    ):
        jax.config.update(name, value)
        os.environ[name.upper()] = str(value)  # for the processes that tests start


MEMORY = 1.2e9
"""Bytes of a process from which on compiled programs are freed after each file."""


@pytest.fixture(scope="module", autouse=True)
def _bounded_memory():
    yield
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if _PROC else 0
    if pages * os.sysconf("SC_PAGE_SIZE") > MEMORY:
        jax.clear_caches()
        gc.collect()
        with contextlib.suppress(OSError, AttributeError):  # another libc than GNU's
            ctypes.CDLL("libc.so.6").malloc_trim(0)


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


@pytest.fixture(scope="session")
def treatment_run(tmp_path_factory):
    """A run of effects of treatments, of `tests.trials.made_trial`; trained once."""
    from jaxbio.clinical.fitting import fit_treatment
    from tests.trials import made_trial

    out = tmp_path_factory.mktemp("runs") / "treatment"
    return fit_treatment(
        made_trial(120), randomised=True, quick=True, folds=3, epochs=3, out=out
    )
