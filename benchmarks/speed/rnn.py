"""Bidirectional recurrent networks on DNA, against PyTorch's `nn.LSTM`.

    python benchmarks/speed/rnn.py [--quick]

128 units in each direction, batch 64, 200 and 800 positions: training with Adam, and
inference. `parallel` is jaxbio's minGRU of the same width, whose recurrence is linear;
as it is another network it has no outputs to compare, and its line has the validation
AUROC of both cells instead, trained with the same settings on the ARS1 variants that
come with a dependency (not in the quick form). Times are of one step or one batch.
"""

import sys
from collections.abc import Sequence
from typing import Any

import harness
import jax
import numpy as np
import training
import twins
from flax import nnx

from jaxbio.alphabet import DNA
from jaxbio.models import RNN, Network, SequenceRNN

WIDTH, BATCH, PEER = 128, 64, "PyTorch nn.LSTM"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("rnn", __doc__, arguments)
    torch = None if suite.alone else suite.peer("torch", "LSTM", PEER)
    if torch is None and not suite.alone:
        return 0
    scores = {} if suite.quick else accuracy()
    for length in (200, 800):
        lstm = network("lstm")
        found = agreement(lstm, length) if torch else None
        both(suite, f"LSTM {length}", lstm, lstm, length, agreement=found)
        more = {f"auroc_{cell}": score for cell, score in scores.items()}
        mingru = network("mingru")
        both(suite, f"parallel {length}", mingru, lstm, length, agreement=None, **more)
    return 0


def network(cell: Any) -> SequenceRNN:
    """Both directions, their last states, one output."""

    def build() -> SequenceRNN:
        rngs = nnx.Rngs(0)
        return SequenceRNN(DNA, cell=cell, widths=(WIDTH,), outputs=1, rngs=rngs)

    return nnx.jit(build)()


def both(
    suite: harness.Suite,
    case: str,
    ours: SequenceRNN,
    lstm: SequenceRNN,
    length: int,
    **entries: Any,
) -> None:
    """The lines of training and of inference."""
    steps, repeats = (2, 3) if suite.quick else (6, 9)
    random = np.random.default_rng(0)
    tokens = random.integers(0, 4, (steps, BATCH, length)).astype(np.uint8)
    targets = random.normal(size=(steps, BATCH, 1)).astype(np.float32)
    measure: dict[str, Any] = {"repeats": repeats, "per": steps, **entries}
    products = 2 * BATCH * length * 2 * 4 * WIDTH * (WIDTH + twins.SYMBOLS)
    if ours is lstm:
        measure["flops"] = 3 * products
    suite.compare(
        f"{case} training",
        "none" if suite.alone else PEER,
        training.jaxbio_steps(ours, tokens, targets),
        None if suite.alone else training.torch_steps(twin(lstm), tokens, targets),
        **measure,
    )
    if ours is lstm:
        measure["flops"] = products
    suite.compare(
        f"{case} inference",
        "none" if suite.alone else PEER,
        jaxbio_inference(ours, tokens),
        None if suite.alone else torch_inference(twin(lstm), tokens),
        **measure,
    )


def jaxbio_inference(module: SequenceRNN, tokens: np.ndarray) -> Any:
    """Outputs of all batches, in one program."""
    graph, values = nnx.split(module)
    run = jax.jit(lambda values, tokens: jax.lax.map(nnx.merge(graph, values), tokens))
    given = jax.device_put(tokens)
    return lambda: jax.block_until_ready(run(values, given))


def torch_inference(model: Any, tokens: np.ndarray) -> Any:
    """Outputs of all batches, one after the other."""
    import torch

    device = harness.torch_device()
    model = model.to(device).eval()
    given = [twins.torch_one_hot(batch).to(device) for batch in tokens]

    def work() -> None:
        with torch.inference_mode():
            for batch in given:
                model(batch)
        harness.torch_wait()

    return work


def twin(module: SequenceRNN) -> Any:
    """The same LSTM and head in PyTorch, for one-hot `[batch symbols len]`."""
    import torch
    from torch import nn

    class Twin(nn.Module):
        """`nn.LSTM` and a linear head over the last state of each direction."""

        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(
                twins.SYMBOLS, WIDTH, bidirectional=True, batch_first=True
            )
            self.head = nn.Linear(2 * WIDTH, 1)

        def forward(self, x):
            states, _ = self.lstm(x.transpose(1, 2))
            ends = [states[:, -1, :WIDTH], states[:, 0, WIDTH:]]
            return self.head(torch.cat(ends, 1))

    made = Twin()
    twins.assign(made.lstm, **twins.lstm_values(module.recurrent))
    head = module.head
    twins.assign(made.head, weight=head.kernel[...].T, bias=head.bias[...])
    return made


def agreement(module: SequenceRNN, length: int) -> float:
    """The largest difference of the outputs."""
    import torch

    tokens = np.random.default_rng(1).integers(0, 4, (8, length)).astype(np.uint8)
    with torch.inference_mode():
        theirs = twin(module)(twins.torch_one_hot(tokens)).numpy()
    return harness.agree(jax.jit(lambda t: module(t))(tokens), theirs)


def accuracy(rows: int = 10_000, epochs: int = 3) -> dict[str, float]:
    """The validation AUROC of both cells with the same settings, on ARS1 variants."""
    from jaxbio.cli.quickstart import sample
    from jaxbio.data import split
    from jaxbio.run.fitting import fit

    train, valid = split(sample(rows, 0), fractions=(0.9, 0.1), seed=0)
    scores = {}
    for cell in ("lstm", "mingru"):
        encoder = RNN(cell=cell, widths=(WIDTH,), pool="last", kmers=0, positions=False)
        model = Network(encoder, hidden=())
        settings = {"epochs": epochs, "batch_size": BATCH, "members": 1, "seed": 0}
        run = fit(
            model, None, train, valid, baselines=False, learning_rate=2e-3, **settings
        )
        best = max(record["valid_auroc"] for record in run.history[0])
        scores[cell] = round(best, 4)
    return scores


if __name__ == "__main__":
    sys.exit(main())
