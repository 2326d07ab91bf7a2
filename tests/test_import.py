"""Start-up: importing brings little more than JAX, and touches no device."""

import json
import subprocess
import sys

HEAVY = ("pandas", "sklearn", "scipy.stats", "matplotlib", "Bio", "orbax")


def python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_import_jaxbio_imports_nothing_large():
    code = "import jaxbio, sys, json; print(json.dumps(list(sys.modules)))"
    loaded = set(json.loads(python(code)))
    assert not loaded & {"jax", "flax", "optax", "numpy", *HEAVY}


def test_import_of_everything_for_training_touches_no_device():
    code = (
        "import jaxbio.run.fitting, jax._src.xla_bridge as bridge, sys, json\n"
        "print(json.dumps([len(bridge._backends), list(sys.modules)]))"
    )
    backends, loaded = json.loads(python(code))
    assert backends == 0
    assert not set(loaded) & set(HEAVY)


def test_import_for_training_is_jax_and_little_else():
    """Modules are counted, not seconds, which depend on what else is running."""
    code = (
        "import sys, jax, flax.nnx, optax\n"
        "before = {name.split('.')[0] for name in sys.modules}\n"
        "import json, jaxbio.run.fitting\n"
        "added = {name.split('.')[0] for name in sys.modules} - before\n"
        "print(json.dumps(sorted(added)))"
    )
    added = json.loads(python(code))
    third_party = {"jaxbio", "jaxtyping", "lazy_loader", "threadpoolctl"}
    assert set(added) - set(sys.stdlib_module_names) <= third_party


def test_a_table_is_trained_on_without_pandas_and_scikit_learn(tmp_path):
    """From a CSV file to predictions, as in the benchmark of the whole process."""
    rows = "\n".join(f"{at},{at % 7},{at % 3 + at / 9}" for at in range(40))
    (tmp_path / "x.csv").write_text(f"a,b,y\n{rows}\n")
    code = (
        "import json, sys\n"
        "import jaxbio as jb\n"
        "from jaxbio.data import write_table\n"
        f"data = jb.read({str(tmp_path / 'x.csv')!r}, targets=['y'])\n"
        "run = jb.fit(jb.MLP(hidden=(4,)), jb.Regression(), data, data,\n"
        "    epochs=1, members=1, batch_size=8, baselines=False)\n"
        "columns = run.predictor(data).columns()\n"
        f"write_table([columns], {str(tmp_path / 'y.tsv')!r})\n"
        "print(json.dumps(list(sys.modules)))"
    )
    assert not set(json.loads(python(code))) & set(HEAVY)
    assert len((tmp_path / "y.tsv").read_text().splitlines()) == 41
