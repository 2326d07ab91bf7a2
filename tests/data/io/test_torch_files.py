"""Files of PyTorch are made by hand here, as PyTorch is not needed to read them."""

import collections
import os
import pickle
import zipfile

import ml_dtypes
import numpy as np
import pytest

from jaxbio.data.io.torch_files import read_checkpoint, read_torch
from jaxbio.errors import DataError
from tests.torch_files import (
    REBUILD,
    Call,
    Global,
    State,
    named_tensors,
    tensor,
    torch_file,
)

VALUES = np.arange(6, dtype=np.float32)


def test_tensors_are_views_of_their_storages(tmp_path):
    half = np.array([1, -2], ml_dtypes.bfloat16)
    parameter = Global("torch._utils", "_rebuild_parameter")
    content = collections.OrderedDict(
        whole=tensor("0", 6, (2, 3), (3, 1)),
        turned=tensor("0", 6, (3, 2), (1, 3)),
        part=tensor("0", 6, (2,), (1,), offset=4),
        half=tensor("1", 2, (2,), (1,), kind="BFloat16Storage"),
        one=tensor("0", 6, (), (), offset=5),
        parameter=Call(parameter, tensor("0", 6, (1,), (1,)), True, ()),
    )
    path = torch_file(tmp_path / "a.bin", dict(content), _0=VALUES, _1=half)
    found = read_torch(path)
    np.testing.assert_array_equal(found["whole"], VALUES.reshape(2, 3))
    np.testing.assert_array_equal(found["turned"], VALUES.reshape(2, 3).T)
    assert found["part"].tolist() == [4, 5]
    assert found["half"].tolist() == [1, -2] and found["half"].dtype == half.dtype
    assert found["one"] == 5 and found["parameter"].tolist() == [0]


def test_it_reads_what_torch_writes(tmp_path):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    module = module.to(torch.bfloat16)
    torch.save(module.state_dict(), tmp_path / "a.bin")
    found = read_torch(tmp_path / "a.bin")
    assert set(found) == set(module.state_dict())
    for name, value in module.state_dict().items():
        np.testing.assert_array_equal(
            found[name].astype(np.float32), value.to(torch.float32).numpy()
        )


def test_code_is_not_run(tmp_path):
    made = tmp_path / "made"
    system = Call(Global("os" if os.name != "nt" else "nt", "mkdir"), str(made))
    for content in ({"w": system}, system, [system]):
        path = torch_file(tmp_path / "a.bin", content)
        with pytest.raises(
            DataError, match=r"asks for \w+.mkdir .* could run any code"
        ):
            read_torch(path)
    assert not made.exists()


@pytest.mark.parametrize("name", ["eval", "getattr", "__import__", "exec", "open"])
def test_builtins_are_refused(tmp_path, name):
    path = torch_file(tmp_path / "a", {"w": Global("builtins", name)})
    with pytest.raises(DataError, match=f"builtins.{name}"):
        read_torch(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"w": tensor("0", 6, (2, 3), (3, 1), offset=1)}, "beyond its numbers"),
        ({"w": tensor("0", 6, (2,), (1,), offset=-1)}, "beyond its numbers"),
        ({"w": tensor("0", 6, (3,), (-1,), offset=5)}, "beyond its numbers"),
        ({"w": tensor("0", 7, (1,), (1,))}, "cut off: 6 of 7"),
        ({"w": tensor("3", 7, (1,), (1,))}, "damaged"),
        ({"w": tensor("0", 6, (2,), (1,)), "step": 3}, "'step' beside tensors"),
        ([tensor("0", 6, (2,), (1,))], "holds a list"),
        ({"w": Call(REBUILD, 3, 0, (1,), (1,), False, ())}, "without numbers"),
    ],
)
def test_what_is_no_tensor(tmp_path, content, message):
    path = torch_file(tmp_path / "a.bin", content, _0=VALUES)
    with pytest.raises(DataError, match=message):
        read_torch(path)


def test_a_file_that_is_cut_off_or_altered(tmp_path):
    content = {"w": tensor("0", 6, (6,), (1,))}
    path = torch_file(tmp_path / "a.bin", content, _0=VALUES)
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    with pytest.raises(DataError, match="cut off or altered"):
        read_torch(path)
    at = whole.index(VALUES.tobytes())
    path.write_bytes(whole[:at] + b"\1" + whole[at + 1 :])
    with pytest.raises(DataError, match=r"altered .*CRC"):
        read_torch(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(pickle.dumps({}), "before PyTorch 1.6"), (b"nothing", "no file of PyTorch")],
)
def test_other_files(tmp_path, content, message):
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_torch(path)
    with pytest.raises(DataError, match="cannot read"):
        read_torch(tmp_path / "missing.bin")


def test_an_archive_of_something_else(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.bin", "w") as archive:
        archive.writestr("a.txt", "text")
    with pytest.raises(DataError, match="without tensors"):
        read_torch(tmp_path / "a.bin")


def test_a_checkpoint_has_settings_that_are_plain_values(tmp_path):
    content, storages = named_tensors({"a": VALUES.reshape(2, 3)})
    settings = {"layers": 2, "arch": "x", "rate": [1e-4]}
    args = State("argparse", "Namespace", settings)
    path = torch_file(tmp_path / "a.pt", {"args": args, "model": content}, **storages)
    tensors, found = read_checkpoint(path)
    assert found == {"layers": 2, "arch": "x"}
    assert tensors["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(DataError, match=r"asks for argparse\.Namespace"):
        read_torch(path)


def test_what_is_no_checkpoint_is_told(tmp_path):
    content, storages = named_tensors({"a": VALUES})
    path = torch_file(tmp_path / "a.pt", content, **storages)
    with pytest.raises(DataError, match="no model and args"):
        read_checkpoint(path)
    args = State("builtins", "exec", {})
    path = torch_file(tmp_path / "b.pt", {"args": args, "model": content}, **storages)
    with pytest.raises(DataError, match=r"asks for builtins\.exec"):
        read_checkpoint(path)
