"""Language models: attention, compilation, vectors of proteins, a step of LoRA.

    python benchmarks/speed/language.py [--quick]

Attention against PyTorch's, at the shapes of ESM-2, forward and with its gradient, of
which the memory is compared to that of `jax.nn`. The seconds from 33 layers to a
compiled program, which hardly grow with their number. Vectors of 200 proteins of 50 to
500 residues by the shape of ESM-2 8M with random weights, against transformers in the
order of the file and sorted by length; both are warm. A step of LoRA beside one of all
weights.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import harness
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from jaxbio.models.pretrained import LanguageModel, LanguageModelConfig, pretrained
from jaxbio.models.pretrained.embedding import Embedder
from jaxbio.nn import BlockConfig, TransformerStack, dot_product_attention, new_adapter

SHAPES = {"8M, 256": (8, 256, 20, 16), "650M, 512": (4, 512, 20, 64)}
ESM2_8M = BlockConfig(dim=320, heads=20, hidden=1280)
RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
SDPA, HUB = "PyTorch SDPA", "transformers"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("language", __doc__, arguments)
    attention(suite)
    compilation(suite)
    vectors(suite)
    adaptation(suite)
    return 0


def attention(suite: harness.Suite) -> None:
    """Forward, and forward with the gradient."""
    torch = None if suite.alone else suite.peer("torch", "attention", SDPA)
    if torch is None and not suite.alone:
        return
    random = np.random.default_rng(0)
    for name, (rows, length, heads, dim) in SHAPES.items():
        shape = (rows, length, heads, dim)
        arrays = [random.normal(size=shape).astype(np.float32) for _ in range(3)]
        lengths = jnp.full(rows, length)
        ours = jax.jit(lambda q, k, v, n=lengths: dot_product_attention(q, k, v, n))

        def back(attend: Any) -> Any:
            total = jax.grad(lambda *x: attend(*x).sum(), argnums=(0, 1, 2))
            return jax.jit(total)

        gradient, plain = back(ours), back(jax.nn.dot_product_attention)
        memory = [
            f.lower(*arrays).compile().memory_analysis().temp_size_in_bytes
            for f in (gradient, plain)
        ]
        theirs = peer_attention(torch, arrays) if torch else None
        found = harness.agree(ours(*arrays), theirs[2]()) if theirs else None
        for what, mine, other in (
            ("forward", ours, theirs and theirs[0]),
            ("gradient", gradient, theirs and theirs[1]),
        ):
            suite.compare(
                f"attention {name} {what}", SDPA if theirs else "none",
                lambda f=mine, x=arrays: jax.block_until_ready(f(*x)),
                other, agreement=found, repeats=5 if suite.quick else 15,
                memory_of_jax_nn=round(memory[0] / memory[1], 3),
            )  # fmt: skip


def peer_attention(torch: Any, arrays: Sequence[np.ndarray]) -> Any:
    """Forward and gradient by PyTorch, and what it gives."""
    q, k, v = (torch.tensor(x).transpose(1, 2).contiguous() for x in arrays)
    rows, _, length, _ = q.shape
    mask = torch.ones(rows, 1, 1, length, dtype=torch.bool)
    attend = torch.nn.functional.scaled_dot_product_attention

    def forward() -> Any:
        with torch.no_grad():
            return attend(q, k, v, attn_mask=mask)

    def gradient() -> None:
        leaves = [x.detach().requires_grad_() for x in (q, k, v)]
        attend(*leaves, attn_mask=mask).sum().backward()

    return forward, gradient, lambda: forward().transpose(1, 2).numpy()


def compilation(suite: harness.Suite) -> None:
    """Processor seconds from layers to a program, of which there are several shapes."""
    for layers in (3, 33):
        stack = nnx.eval_shape(
            lambda n=layers: TransformerStack(ESM2_8M, n, rngs=nnx.Rngs(0))
        )
        graph, state = nnx.split(stack)
        x = jax.ShapeDtypeStruct((4, 256, 320), jnp.float32)
        lengths = jax.ShapeDtypeStruct((4,), jnp.int32)

        def run(state: Any, x: Any, lengths: Any, graph: Any = graph) -> Any:
            return nnx.merge(graph, state)(x, lengths)

        jax.clear_caches()
        began = time.process_time()
        jax.jit(run).lower(state, x, lengths).compile()
        seconds = time.process_time() - began
        entries = {"jaxbio_s": round(seconds, 3), "ratio": None}
        suite.write(f"compile {layers} layers", "none", entries)


def vectors(suite: harness.Suite) -> None:
    """The mean vector of each of 200 proteins."""
    random = np.random.default_rng(0)
    count = 40 if suite.quick else 200
    sizes = random.integers(50, 501, count)
    texts = ["".join(random.choice([*RESIDUES], n)) for n in sizes]
    modules = [suite.peer(name, "vectors", HUB) for name in ("torch", "transformers")]
    if not all(modules) and not suite.alone:
        return
    with tempfile.TemporaryDirectory() as folder:
        if suite.alone:
            return
        torch, transformers = modules
        torch.manual_seed(0)
        config = transformers.EsmConfig(
            vocab_size=33, hidden_size=320, num_hidden_layers=6,
            num_attention_heads=20, intermediate_size=1280, layer_norm_eps=1e-5,
            position_embedding_type="rotary", token_dropout=True, mask_token_id=32,
            pad_token_id=1, max_position_embeddings=1026,
        )  # fmt: skip
        peer = transformers.EsmForMaskedLM(config).eval()
        peer.save_pretrained(folder)
        embedder = Embedder(pretrained(Path(folder)))
        tokens = [embedder.model.tokenizer.encode(text) for text in texts]
        for order in ("file order", "sorted"):
            theirs = peer_vectors(torch, peer, tokens, order == "sorted")
            found = harness.agree(embedder(texts), theirs())
            suite.compare(
                f"vectors of {count} proteins", f"{HUB}, {order}",
                lambda: embedder(texts), theirs, agreement=found,
                repeats=2 if suite.quick else 3, warmup=1, per=count,
            )  # fmt: skip


def peer_vectors(
    torch: Any, model: Any, tokens: Sequence[np.ndarray], by_length: bool
) -> Callable[[], np.ndarray]:
    """Batches of 16, padded to the longest, as users write it."""

    def run() -> np.ndarray:
        order = range(len(tokens))
        if by_length:
            order = sorted(order, key=lambda at: len(tokens[at]))
        found = np.zeros((len(tokens), 320), np.float32)
        order = list(order)
        for start in range(0, len(order), 16):
            some = order[start : start + 16]
            longest = max(len(tokens[at]) for at in some)
            ids = np.full((len(some), longest), 1)
            mask = np.zeros((len(some), longest))
            inner = np.zeros((len(some), longest), np.float32)
            for row, at in enumerate(some):
                size = len(tokens[at])
                ids[row, :size], mask[row, :size] = tokens[at], 1
                inner[row, 1 : size - 1] = 1 / (size - 2)
            with torch.no_grad():
                given = {"attention_mask": torch.tensor(mask).long()}
                x = model.esm(input_ids=torch.tensor(ids), **given).last_hidden_state
                found[some] = torch.einsum("bl,bld->bd", torch.tensor(inner), x).numpy()
        return found

    return run


def adaptation(suite: harness.Suite) -> None:
    """A step of Adam on all weights, and on low-rank changes of four layers."""
    config = LanguageModelConfig(vocabulary=33, layers=3, block=ESM2_8M)
    module = LanguageModel(config, rngs=nnx.Rngs(0))
    graph, params = nnx.split(module)
    random = np.random.default_rng(0)
    tokens = jnp.asarray(random.integers(4, 24, (8, 192)))
    lengths = jnp.full(8, 192)
    targets = ("query", "key", "value", "output")
    adapter = new_adapter(jax.random.key(0), ESM2_8M.linear, targets, layers=3, rank=8)

    def loss(params: Any, adapter: Any) -> jax.Array:
        model = nnx.merge(graph, params)
        logits = model.logits(tokens, lengths, adapter=adapter)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, tokens)
        return losses.mean()

    def stepper(trained: Any, of: Callable[[Any, Any], Any]) -> Callable[[], Any]:
        optimizer = optax.adam(1e-4)
        state = optimizer.init(trained)

        @jax.jit
        def step(trained: Any, state: Any, fixed: Any) -> Any:
            gradient = jax.grad(of)(trained, fixed)
            updates, state = optimizer.update(gradient, state, trained)
            return optax.apply_updates(trained, updates), state

        fixed = params if trained is adapter else None
        return lambda: jax.block_until_ready(step(trained, state, fixed))

    low = stepper(adapter, lambda adapter, params: loss(params, adapter))
    whole = stepper(params, lambda params, _: loss(params, None))
    trained = sum(x.size for x in jax.tree.leaves(adapter))
    everything = sum(x.size for x in jax.tree.leaves(params))
    suite.compare(
        "step of LoRA", "step of all weights", low, whole, agreement=None,
        repeats=3 if suite.quick else 7, trained_share=round(trained / everything, 4),
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
