import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.models.pretrained.fairseq import read_fairseq
from tests.torch_files import State, named_tensors, torch_file


def written(path, tensors, settings):
    content, storages = named_tensors(tensors)
    args = State("argparse", "Namespace", settings)
    return torch_file(path, {"args": args, "model": content}, **storages)


def test_prefixes_go_and_the_mask_is_zero(tmp_path):
    table = np.arange(6, dtype=np.float32).reshape(3, 2) + 1
    tensors = {
        "encoder.sentence_encoder.embed_tokens.weight": table,
        "encoder.lm_head.bias": np.ones(3, np.float32),
        "layers.0.encoder.weight": np.ones((1, 1), np.float32),  # inside, it stays
    }
    path = written(tmp_path / "a.pth", tensors, {"encoder_layers": 2, "dropout": 0.1})
    settings, found = read_fairseq(path)
    assert settings == {
        "layers": 2, "dropout": 0.1, "vocab_size": 3, "model_type": "fairseq",
    }  # fmt: skip
    assert found["embed_tokens.weight"].tolist() == [[1, 2], [3, 4], [0, 0]]
    assert set(found) == {"embed_tokens.weight", "lm_head.bias",
                          "layers.0.encoder.weight"}  # fmt: skip


def test_what_has_no_tokens_is_no_model(tmp_path):
    path = written(tmp_path / "a.pth", {"x": np.ones(1, np.float32)}, {})
    with pytest.raises(DataError, match="no table of tokens"):
        read_fairseq(path)
