import errno
import gc
import json
import shutil

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxbio.errors import CheckpointError
from jaxbio.run.checkpoint import Checkpoints, digest, flatten, unflatten


def state(value=0.0):
    # Noise does not compress, so that a flipped bit of it can go unnoticed.
    kernel = value + jax.random.normal(jax.random.key(0), (40, 30))
    params = {"layer": {"kernel": kernel, "bias": jnp.arange(30.0)}}
    return {
        "params": params,
        "opt": optax.adam(1e-3).init(params),
        "key": jax.random.key(7),
        "step": jnp.array(3, jnp.int32),
    }


def abstract(tree):
    return jax.eval_shape(lambda: tree)


def saved(folder, value=1.5, step=1):
    with Checkpoints(folder) as checkpoints:
        checkpoints.save(step, {"state": state(value)}, notes={"epoch": step})
    return folder


def test_structure_dtypes_keys_and_notes_come_back(tmp_path):
    folder = saved(tmp_path / "c")
    trees, notes = Checkpoints(folder).load({"state": abstract(state())})
    assert notes == {"epoch": 1}
    assert jax.tree.structure(trees["state"]) == jax.tree.structure(state())
    assert digest(flatten(trees["state"])) == digest(flatten(state(1.5)))
    assert jax.random.normal(trees["state"]["key"]) == jax.random.normal(
        jax.random.key(7)
    )


def test_flatten_and_unflatten_are_inverse():
    flat = flatten(state(2.0))
    assert digest(flatten(unflatten(flat, state()))) == digest(flat)


def test_values_are_copied_before_save_returns(tmp_path):
    values = np.ones(1000, np.float32)
    with Checkpoints(tmp_path / "c") as checkpoints:
        checkpoints.save(1, {"w": {"a": values}}, notes={})
        values[:] = 9
    trees, _ = Checkpoints(tmp_path / "c").load({"w": {"a": values}})
    assert (trees["w"]["a"] == 1).all()


def test_the_newest_is_loaded_and_two_are_kept(tmp_path):
    with Checkpoints(tmp_path / "c") as checkpoints:
        for step in (1, 2, 3, 4):
            checkpoints.save(step, {"state": state(float(step))}, notes={"epoch": step})
    kept = sorted(path.name for path in (tmp_path / "c").iterdir())
    assert kept == ["3", "4"]
    trees, notes = Checkpoints(tmp_path / "c").load({"state": abstract(state())})
    assert notes["epoch"] == 4
    assert digest(flatten(trees["state"])) == digest(flatten(state(4.0)))


def test_a_write_that_was_cut_off_is_not_seen(tmp_path):
    folder = saved(tmp_path / "c")
    shutil.copytree(folder / "1", folder / "2.orbax-checkpoint-tmp")
    _, notes = Checkpoints(folder).load({"state": abstract(state())})
    assert notes["epoch"] == 1
    with Checkpoints(folder) as checkpoints:
        checkpoints.save(2, {"state": state()}, notes={"epoch": 2})
    assert sorted(path.name for path in folder.iterdir()) == ["1", "2"]


def test_no_flipped_bit_gives_wrong_numbers(tmp_path):
    original = saved(tmp_path / "c")
    expected = digest(flatten(state(1.5)))
    template = {"state": abstract(state())}
    random = np.random.default_rng(0)
    files = sorted(path for path in original.rglob("*") if path.is_file())
    files = [path for path in files if path.stat().st_size]
    largest = max(files, key=lambda path: path.stat().st_size)
    refused = 0
    for number in range(32):
        path = largest if number % 2 else files[number // 2 % len(files)]
        raw = bytearray(path.read_bytes())
        at = int(random.integers(len(raw)))
        raw[at] ^= 1 << int(random.integers(8))
        whole = path.read_bytes()
        path.write_bytes(raw)
        try:
            trees, notes = Checkpoints(original).load(template)
            assert digest(flatten(trees["state"])) == expected
            assert notes == {"epoch": 1}
        except CheckpointError as error:
            assert str(original) in str(error)
            refused += 1
        path.write_bytes(whole)
    assert refused >= 12
    Checkpoints(original).load(template)


@pytest.mark.parametrize("damage", ["missing", "truncated", "empty"])
def test_damaged_files_are_an_error(tmp_path, damage, caplog):
    folder = saved(tmp_path / "c")
    largest = max(
        (path for path in (folder / "1" / "state").rglob("*") if path.is_file()),
        key=lambda path: path.stat().st_size,
    )
    if damage == "missing":
        largest.unlink()
    else:
        raw = largest.read_bytes()
        largest.write_bytes(raw[: len(raw) // 2] if damage == "truncated" else b"")
    with pytest.raises(CheckpointError, match="damaged or incomplete"):
        Checkpoints(folder).load({"state": abstract(state())})
    gc.collect()
    assert not caplog.records  # Orbax logs nothing beside our sentence


def test_other_shapes_are_an_error(tmp_path):
    folder = saved(tmp_path / "c")
    other = abstract(state())
    other["params"]["layer"]["bias"] = jax.ShapeDtypeStruct((31,), jnp.float32)
    with pytest.raises(CheckpointError, match=r"float32\(30,\), the model takes .*31"):
        Checkpoints(folder).load({"state": other})


def test_a_newer_format_is_refused(tmp_path):
    folder = saved(tmp_path / "c")
    path = folder / "1" / "_CHECKPOINT_METADATA"
    meta = json.loads(path.read_text())
    meta["custom_metadata"]["format"] = 99
    path.write_text(json.dumps(meta))
    with pytest.raises(CheckpointError, match=r"newer version .* update jaxbio"):
        Checkpoints(folder).load({"state": abstract(state())})


def test_an_empty_folder_has_no_checkpoint(tmp_path):
    assert not Checkpoints(tmp_path).exists()
    with pytest.raises(CheckpointError, match="no checkpoint here"):
        Checkpoints(tmp_path).load({"state": abstract(state())})


def test_a_full_disk_is_told_as_such(tmp_path, monkeypatch):
    checkpoints = Checkpoints(tmp_path / "c")
    writer = checkpoints._open_writer()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writer, "save_checkpointables_async", full)
    with pytest.raises(CheckpointError, match=r"no space left .* use resume=True"):
        checkpoints.save(1, {"state": state()}, notes={})
    checkpoints.close()
    assert not checkpoints.exists()
