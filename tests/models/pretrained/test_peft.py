import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.encoder import Pretrained
from jaxbio.models.pretrained.loading import pretrained
from jaxbio.models.pretrained.peft import adapter_scale, read_adapter, write_adapter
from jaxbio.nn.lora import new_adapter
from tests.helpers import normal
from tests.language_models import write_model

TARGETS = ("query", "value", "output", "down")
TOKENS = np.array([[0, 5, 6, 4, 7, 9, 2]])


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return pretrained(write_model(tmp_path_factory.mktemp("m"), "esm2"))


def _adapter(model, targets=TARGETS):
    linear = model.config.block.linear
    adapter = new_adapter(jax.random.key(0), linear, targets, layers=2, rank=3)
    return {
        name: {"a": part["a"], "b": 0.1 * normal(*part["b"].shape, seed=1)}
        for name, part in adapter.items()
    }


def test_what_is_written_is_read(model, tmp_path):
    adapter = _adapter(model)
    write_adapter(tmp_path, model, adapter, alpha=6)
    found = read_adapter(tmp_path, model)
    assert adapter_scale(tmp_path) == 2
    for name, part in adapter.items():
        for which, value in part.items():
            np.testing.assert_array_equal(found[name][which], value)
    values = json.loads((tmp_path / "adapter_config.json").read_text())
    # `dense` alone would also stand for the layers that are not adapted.
    assert "esm.encoder.layer.0.attention.output.dense" in values["target_modules"]
    write_adapter(tmp_path, model, _adapter(model, ("query", "key")), alpha=6)
    values = json.loads((tmp_path / "adapter_config.json").read_text())
    assert values["target_modules"] == ["key", "query"]


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of peft itself
@pytest.mark.parametrize("targets", [TARGETS, ("query", "value")])
def test_both_ways_with_peft(model, tmp_path, targets):
    peft = pytest.importorskip("peft", reason="peft is not installed")
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    from transformers import EsmForMaskedLM

    adapter = _adapter(model, targets)
    write_adapter(tmp_path / "ours", model, adapter, alpha=6)
    base = EsmForMaskedLM.from_pretrained(model.path, attn_implementation="eager")
    theirs = peft.PeftModel.from_pretrained(base, str(tmp_path / "ours")).eval()

    def expected():
        mask = torch.ones(1, 7).long()
        with torch.no_grad():
            out = theirs(input_ids=torch.tensor(TOKENS), attention_mask=mask)
        return out.logits.numpy()

    def given(adapter, scale):
        lengths = jnp.asarray([7])
        options = {"adapter": adapter, "adapter_scale": scale}
        return model.module().logits(jnp.asarray(TOKENS), lengths, **options)

    scale = np.abs(expected()).max()
    np.testing.assert_allclose(given(adapter, 2.0), expected(), atol=1e-6 * scale)
    for name, value in theirs.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(value, std=0.2)
    theirs.save_pretrained(str(tmp_path / "theirs"))
    read = read_adapter(tmp_path / "theirs", model)
    np.testing.assert_allclose(
        given(read, adapter_scale(tmp_path / "theirs")), expected(), atol=1e-6 * scale
    )


def test_adapters_that_do_not_fit(model, tmp_path):
    write_adapter(tmp_path / "a", model, _adapter(model), alpha=6)
    other = pretrained(write_model(tmp_path / "c", "esmc"))
    with pytest.raises(JaxbioError, match="is of no linear layer of a block"):
        read_adapter(tmp_path / "a", other)
    with pytest.raises(JaxbioError, match="give rank=3, alpha=6"):
        read_adapter(tmp_path / "a", model, Pretrained("x", tune="lora"))
    with pytest.raises(JaxbioError, match=r"has no adapter_config\.json"):
        read_adapter(tmp_path, model)
    path = tmp_path / "a" / "adapter_config.json"
    values = json.loads(path.read_text())
    for change, message in (
        ({"peft_type": "IA3"}, "peft_type is 'IA3'"),
        ({"bias": "all"}, "bias is 'all'"),
        ({"rank_pattern": {"query": 2}}, "rank_pattern is not known"),
        ({"r": 0}, "no rank"),
    ):
        path.write_text(json.dumps(values | change))
        with pytest.raises(JaxbioError, match=message):
            read_adapter(tmp_path / "a", model)
    path.write_text(json.dumps(values | {"use_rslora": True}))
    assert np.isclose(adapter_scale(tmp_path / "a"), 6 / 3**0.5)


def test_layers_that_a_file_keeps_together_have_no_form(tmp_path):
    model = pretrained(write_model(tmp_path / "m", "nt2"), accept_licence=True)
    adapter = _adapter(model, ("up",))
    with pytest.raises(JaxbioError, match="keeps up in one tensor with others"):
        write_adapter(tmp_path / "a", model, adapter, alpha=6)
