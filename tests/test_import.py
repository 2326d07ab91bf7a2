"""Start-up: importing costs little more than JAX, and touches no device."""

import json
import os
import subprocess
import sys

FACTOR = 1.35
"""How much longer `import jaxbio.run.fitting` may take than what it cannot do without.

It is 1.2 times as long on an idle machine; 1.27 was seen beside other work.
"""

HEAVY = ("pandas", "sklearn", "scipy.stats", "matplotlib", "Bio", "orbax")


def python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout


def seconds(code: str) -> float:
    """Of processor time, which does not depend on what else is running."""
    before = os.times()
    python(code)
    after = os.times()
    spent = after.children_user - before.children_user
    return spent + after.children_system - before.children_system


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


def test_import_costs_little_more_than_jax():
    ours, least = [], []
    for _ in range(12):  # the least of some: of a busy machine the first may be slow
        least.append(seconds("import jax, flax.nnx, optax"))
        ours.append(seconds("import jaxbio.run.fitting"))
        if len(ours) > 3 and min(ours) <= FACTOR * min(least):
            break
    assert min(ours) <= FACTOR * min(least), (ours, least)


def test_a_table_is_trained_on_without_pandas_and_scikit_learn(tmp_path):
    """From a CSV file to predictions, as in the benchmark of the whole process."""
    rows = "\n".join(f"{at},{at % 7},{at % 3 + at / 9}" for at in range(40))
    (tmp_path / "x.csv").write_text(f"a,b,y\n{rows}\n")
    code = (
        "import json, sys\n"
        "import jaxbio as jb\n"
        "from jaxbio.data import write_table\n"
        f"data = jb.read({str(tmp_path / 'x.csv')!r}, targets=['y'])\n"
        "run = jb.fit(jb.MLP(hidden=(4,), skip=False), jb.Regression(), data, data,\n"
        "    epochs=1, members=1, batch_size=8, baselines=False)\n"
        "columns = run.predictor(data).columns()\n"
        f"write_table([columns], {str(tmp_path / 'y.tsv')!r})\n"
        "print(json.dumps(list(sys.modules)))"
    )
    assert not set(json.loads(python(code))) & set(HEAVY)
    assert len((tmp_path / "y.tsv").read_text().splitlines()) == 41
