"""Fixtures and settings of the whole suite."""

import contextlib
import ctypes
import gc
import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Most of the time goes into compiling programs that run once. Two devices, so that
# nothing relies on there being one.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false"
    " --xla_force_host_platform_device_count=2",
)
# Each core has its process; more threads than cores spin while they wait for another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import jax
import pytest

jax.config.update("jax_numpy_rank_promotion", "raise")

_PROC = Path("/proc/self/statm").exists()  # Linux


COMPILED = 2e9
"""Bytes of compiled programs from which on a suite begins without those of others."""


def pytest_configure(config):
    """Keep compiled programs and modules, for all processes and for the next time.

    What a program is compiled from, and by which version and flags, is in its name.
    """
    # Containers often forbid it; then each process would compile every module anew.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if not hasattr(config, "cache"):  # -p no:cacheprovider
        return
    folder = config.cache.mkdir("xla")
    first = not hasattr(config, "workerinput")  # the process that starts the others
    if first and sum(path.stat().st_size for path in folder.iterdir()) > COMPILED:
        shutil.rmtree(folder)
        folder.mkdir()
    for name, value in (
        ("jax_compilation_cache_dir", str(folder)),
        ("jax_persistent_cache_min_compile_time_secs", 0.0),
        ("jax_persistent_cache_min_entry_size_bytes", -1),
    ):
        jax.config.update(name, value)
        os.environ[name.upper()] = str(value)  # for the processes that tests start


def pytest_collection_finish():
    """Leave modules, which stay, out of the search for garbage: it takes a second."""
    gc.collect()
    gc.freeze()


MEMORY = 1.6e9
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
