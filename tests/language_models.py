"""Small pretrained models in the layout of Hugging Face, and what they should give.

What they should give is written here in plain NumPy, one position of one row at a time
where that is the shortest, from the published descriptions and not from the package.
"""

import json

import numpy as np
from scipy.special import erf

from jaxbio.data.io.safetensors import write_safetensors

ESM2 = {
    "model_type": "esm", "hidden_size": 16, "num_hidden_layers": 2,
    "num_attention_heads": 2, "intermediate_size": 24, "vocab_size": 33,
    "layer_norm_eps": 1e-5, "position_embedding_type": "rotary", "hidden_act": "gelu",
    "token_dropout": True, "mask_token_id": 32, "pad_token_id": 1,
    "emb_layer_norm_before": False, "tie_word_embeddings": True,
    "max_position_embeddings": 1026,
}  # fmt: skip
ESM1B = {
    **ESM2, "position_embedding_type": "absolute", "emb_layer_norm_before": True,
    "max_position_embeddings": 20, "token_dropout": False,
}  # fmt: skip
NT2 = {
    **ESM2, "vocab_size": 4107, "mask_token_id": 2, "token_dropout": False,
    "add_bias_fnn": False, "layer_norm_eps": 1e-12, "tie_word_embeddings": False,
}  # fmt: skip
ESMC = {
    "model_type": "esmc", "hidden_size": 16, "num_hidden_layers": 2,
    "num_attention_heads": 2, "intermediate_size": 24, "vocab_size": 64,
    "hidden_act": "silu", "pad_token_id": 1, "mask_token_id": 32,
}  # fmt: skip
BERT = {
    "model_type": "bert", "hidden_size": 16, "num_hidden_layers": 2,
    "num_attention_heads": 2, "intermediate_size": 24, "vocab_size": 25,
    "hidden_act": "gelu", "layer_norm_eps": 1e-12, "max_position_embeddings": 40,
    "type_vocab_size": 2, "pad_token_id": 0, "position_embedding_type": "absolute",
}  # fmt: skip
DNABERT2 = {**BERT, "num_attention_heads": 4, "alibi_starting_size": 512}
CONFIGS = {
    "esm2": ESM2, "esm1b": ESM1B, "nt2": NT2, "esmc": ESMC, "bert": BERT,
    "dnabert2": DNABERT2,
}  # fmt: skip
RESIDUES = "ACDEFGHIKLMNPQRSTVWY"


def tensors_of(name, config=None, seed=0):
    """Random weights by their names in files."""
    c = config or CONFIGS[name]
    random = np.random.default_rng(seed)
    dim, wide, rows = c["hidden_size"], c["intermediate_size"], c["vocab_size"]
    made = {}

    def linear(name, out, into, bias=True):
        made[f"{name}.weight"] = random.normal(0, 0.3, (out, into))
        if bias:
            made[f"{name}.bias"] = random.normal(0, 0.3, out)

    def norm(name, bias=True):
        made[f"{name}.weight"] = random.normal(1, 0.2, dim)
        if bias:
            made[f"{name}.bias"] = random.normal(0, 0.2, dim)

    def table(name, rows):
        made[f"{name}.weight"] = random.normal(0, 1, (rows, dim))

    if name == "esmc":
        table("esmc.embed_tokens", rows)
    elif name in ("bert", "dnabert2"):
        table("bert.embeddings.word_embeddings", rows)
        table("bert.embeddings.token_type_embeddings", 2)
        if name == "bert":
            table("bert.embeddings.position_embeddings", c["max_position_embeddings"])
        norm("bert.embeddings.LayerNorm")
    else:
        table("esm.embeddings.word_embeddings", rows)
        if name == "esm1b":
            table("esm.embeddings.position_embeddings", c["max_position_embeddings"])
            norm("esm.embeddings.layer_norm")
    for layer in range(c["num_hidden_layers"]):
        if name == "esmc":
            at = f"esmc.layers.{layer}"
            for part in "qkvo":
                linear(f"{at}.self_attn.{part}_proj", dim, dim, bias=False)
            norm(f"{at}.self_attn.q_norm", bias=False)
            norm(f"{at}.self_attn.k_norm", bias=False)
            norm(f"{at}.input_layernorm")
            norm(f"{at}.post_attention_layernorm")
            linear(f"{at}.mlp.gate_proj", wide, dim, bias=False)
            linear(f"{at}.mlp.up_proj", wide, dim, bias=False)
            linear(f"{at}.mlp.down_proj", dim, wide, bias=False)
            continue
        at = f"{'bert' if 'bert' in name else 'esm'}.encoder.layer.{layer}"
        if name == "dnabert2":
            linear(f"{at}.attention.self.Wqkv", 3 * dim, dim)
            linear(f"{at}.mlp.gated_layers", 2 * wide, dim, bias=False)
            linear(f"{at}.mlp.wo", dim, wide)
            norm(f"{at}.mlp.layernorm")
        else:
            for part in ("query", "key", "value"):
                linear(f"{at}.attention.self.{part}", dim, dim)
            gated = name == "nt2"
            linear(f"{at}.intermediate.dense", wide * (1 + gated), dim, bias=not gated)
            linear(f"{at}.output.dense", dim, wide, bias=not gated)
        linear(f"{at}.attention.output.dense", dim, dim)
        if "bert" in name:
            norm(f"{at}.attention.output.LayerNorm")
            if name == "bert":
                norm(f"{at}.output.LayerNorm")
        else:
            norm(f"{at}.attention.LayerNorm")
            norm(f"{at}.LayerNorm")
    if name == "esmc":
        norm("esmc.norm", bias=False)
        linear("lm_head.dense", dim, dim)
        norm("lm_head.layer_norm")
        linear("lm_head.decoder", rows, dim)
    elif "bert" in name:
        linear("cls.predictions.transform.dense", dim, dim)
        norm("cls.predictions.transform.LayerNorm")
        made["cls.predictions.bias"] = random.normal(0, 0.3, rows)
        linear("bert.pooler.dense", dim, dim)
    else:
        norm("esm.encoder.emb_layer_norm_after")
        linear("lm_head.dense", dim, dim)
        norm("lm_head.layer_norm")
        made["lm_head.bias"] = random.normal(0, 0.3, rows)
        if name == "nt2":
            made["lm_head.decoder.weight"] = random.normal(0, 0.3, (rows, dim))
    return {key: value.astype(np.float32) for key, value in made.items()}


def write_model(folder, name, *, config=None, tensors=None, vocabulary=None):
    """A folder with a config, weights and, where they are needed, tokens."""
    folder.mkdir(parents=True, exist_ok=True)
    config = config or CONFIGS[name]
    (folder / "config.json").write_text(json.dumps(config))
    tensors = tensors_of(name, config) if tensors is None else tensors
    write_safetensors(folder / "model.safetensors", tensors)
    if name == "bert":
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        vocabulary = vocabulary or [*special, *RESIDUES]
    if vocabulary:
        (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    return folder


def reference(name, tokens, config=None, tensors=None):
    """The logits of one row of tokens without padding, in double precision."""
    c = config or CONFIGS[name]
    w = tensors_of(name, c) if tensors is None else tensors
    w = {key: np.asarray(value, np.float64) for key, value in w.items()}
    heads, layers = c["num_attention_heads"], c["num_hidden_layers"]
    epsilon = c.get("layer_norm_eps", 1e-5)
    n = len(tokens)

    def linear(name, x):
        return x @ w[f"{name}.weight"].T + w.get(f"{name}.bias", 0)

    def norm(name, x):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x**2).mean(-1, keepdims=True) + epsilon)
        return x * w[f"{name}.weight"] + w.get(f"{name}.bias", 0)

    def gelu(x):
        return x * 0.5 * (1 + erf(x / np.sqrt(2)))

    def silu(x):
        return x / (1 + np.exp(-x))

    def turn(x):
        out, half = np.empty_like(x), x.shape[1] // 2
        for at in range(n):
            for i in range(half):
                angle = at / 10_000 ** (i / half)
                a, b = x[at, i], x[at, i + half]
                out[at, i] = a * np.cos(angle) - b * np.sin(angle)
                out[at, i + half] = b * np.cos(angle) + a * np.sin(angle)
        return out

    def attend(query, key, value, *, rotary=False, slopes=None):
        out, width = np.empty_like(query), query.shape[1] // heads
        for head in range(heads):
            part = slice(head * width, (head + 1) * width)
            q, k, v = query[:, part], key[:, part], value[:, part]
            if rotary:
                q, k = turn(q), turn(k)
            scores = q @ k.T / np.sqrt(width)
            if slopes is not None:
                at = np.arange(n)
                scores = scores - slopes[head] * np.abs(at[:, None] - at)
            weights = np.exp(scores - scores.max(1, keepdims=True))
            out[:, part] = weights / weights.sum(1, keepdims=True) @ v
        return out

    tokens = np.asarray(tokens)
    if name == "esmc":
        x = w["esmc.embed_tokens.weight"][tokens]
        divisor = np.sqrt(layers / 36)
        for layer in range(layers):
            at = f"esmc.layers.{layer}"
            y = norm(f"{at}.input_layernorm", x)
            q, k, v = (linear(f"{at}.self_attn.{p}_proj", y) for p in "qkv")
            q, k = norm(f"{at}.self_attn.q_norm", q), norm(f"{at}.self_attn.k_norm", k)
            found = attend(q, k, v, rotary=True)
            x = x + linear(f"{at}.self_attn.o_proj", found) / divisor
            y = norm(f"{at}.post_attention_layernorm", x)
            gate = silu(linear(f"{at}.mlp.gate_proj", y))
            y = gate * linear(f"{at}.mlp.up_proj", y)
            x = x + linear(f"{at}.mlp.down_proj", y) / divisor
        x = norm("esmc.norm", x)
        x = norm("lm_head.layer_norm", gelu(linear("lm_head.dense", x)))
        return linear("lm_head.decoder", x)

    if "bert" in name:
        x = w["bert.embeddings.word_embeddings.weight"][tokens]
        x = x + w["bert.embeddings.token_type_embeddings.weight"][0]
        if name == "bert":
            x = x + w["bert.embeddings.position_embeddings.weight"][:n]
        x = norm("bert.embeddings.LayerNorm", x)
        for layer in range(layers):
            at = f"bert.encoder.layer.{layer}"
            if name == "bert":
                parts = ("query", "key", "value")
                q, k, v = (linear(f"{at}.attention.self.{p}", x) for p in parts)
                found = attend(q, k, v)
            else:
                q, k, v = np.split(linear(f"{at}.attention.self.Wqkv", x), 3, axis=1)
                # Of four heads the slopes fall by a factor of four, from a quarter.
                found = attend(q, k, v, slopes=[1 / 4, 1 / 16, 1 / 64, 1 / 256])
            y = linear(f"{at}.attention.output.dense", found)
            x = norm(f"{at}.attention.output.LayerNorm", x + y)
            if name == "bert":
                y = gelu(linear(f"{at}.intermediate.dense", x))
                x = norm(f"{at}.output.LayerNorm", x + linear(f"{at}.output.dense", y))
            else:
                gate, y = np.split(linear(f"{at}.mlp.gated_layers", x), 2, axis=1)
                y = linear(f"{at}.mlp.wo", gelu(gate) * y)
                x = norm(f"{at}.mlp.layernorm", x + y)
        head = "cls.predictions.transform"
        x = norm(f"{head}.LayerNorm", gelu(linear(f"{head}.dense", x)))
        table = w["bert.embeddings.word_embeddings.weight"]
        return x @ table.T + w["cls.predictions.bias"]

    x = w["esm.embeddings.word_embeddings.weight"][tokens]
    if c["token_dropout"]:
        masked = tokens == c["mask_token_id"]
        x = np.where(masked[:, None], 0, x) * (1 - 0.12) / (1 - masked.mean())
    if name == "esm1b":
        x = x + w["esm.embeddings.position_embeddings.weight"][2 : 2 + n]
        x = norm("esm.embeddings.layer_norm", x)
    for layer in range(layers):
        at = f"esm.encoder.layer.{layer}"
        y = norm(f"{at}.attention.LayerNorm", x)
        parts = ("query", "key", "value")
        q, k, v = (linear(f"{at}.attention.self.{p}", y) for p in parts)
        found = attend(q, k, v, rotary=name != "esm1b")
        x = x + linear(f"{at}.attention.output.dense", found)
        y = linear(f"{at}.intermediate.dense", norm(f"{at}.LayerNorm", x))
        if name == "nt2":
            gate, up = np.split(y, 2, axis=1)
            y = silu(gate) * up
        else:
            y = gelu(y)
        x = x + linear(f"{at}.output.dense", y)
    x = norm("esm.encoder.emb_layer_norm_after", x)
    x = norm("lm_head.layer_norm", gelu(linear("lm_head.dense", x)))
    decoder = w.get(
        "lm_head.decoder.weight", w["esm.embeddings.word_embeddings.weight"]
    )
    return x @ decoder.T + w["lm_head.bias"]
