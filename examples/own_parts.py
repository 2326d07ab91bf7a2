# %% [markdown]
# # Your own encoder, loss and metric
#
# Which kinases does a drug bind? A fresh process imports this file and loads the run.
#     python examples/own_parts.py [--fast]
import dataclasses
import subprocess
import sys
import tempfile

import jax.numpy as jnp
import numpy as np
from flax import nnx

import jaxbio as jb


class Atoms(nnx.Module):
    """Learned vectors of the symbols of a SMILES, summed."""

    def __init__(self, spec, width, *, rngs):
        self.alphabet, self.features = spec.alphabet, width
        self.vectors = nnx.Linear(spec.alphabet.size, width, rngs=rngs)

    def present(self, tokens):
        return jb.nn.token_mask(tokens, self.alphabet).any(axis=1)

    def __call__(self, tokens, *, rngs=None):
        mask = jb.nn.token_mask(tokens, self.alphabet)[..., None]
        vectors = self.vectors(jb.nn.one_hot(tokens, self.alphabet))
        return (nnx.relu(vectors) * mask).sum(axis=1) / 10


@jb.register
@dataclasses.dataclass(frozen=True)
class AtomBag(jb.Encoder):
    name = "atom_bag"
    takes = "SMILES"
    width: int = 32

    @classmethod
    def accepts(cls, spec):
        return spec.kind == "smiles"

    def build(self, spec, *, rngs, dtype=jnp.float32):
        return Atoms(spec, self.width, rngs=rngs)


@jb.register
@dataclasses.dataclass(frozen=True)
class LogCosh(jb.Regression):
    name = "log_cosh"

    def _cells(self, outputs, targets, spec):
        squares, known = super()._cells(outputs, targets, spec)
        return jnp.log(jnp.cosh(jnp.sqrt(squares + 1e-12))), known


@jb.register
def within_one(truth, prediction):
    return float((np.abs(truth - prediction) <= 1).mean())


def main():
    train, every = jb.datasets.load("davis")["train"], 50 if "--fast" in sys.argv else 1
    train = train.take(np.arange(0, len(train), every))
    train, valid, test = jb.split(train, by="cold:drug", seed=0)
    model = jb.Network({"drug": AtomBag(), "protein": jb.CNN(channels=(16,), kmers=0)})
    out = f"{tempfile.mkdtemp()}/run"
    run = jb.fit(
        model, LogCosh(), train, valid, test=test, out=out, epochs=2, members=1,
        metrics=[within_one], monitor="valid_within_one",
    )  # fmt: skip
    print(run.scores["test"])
    again = f"import jaxbio as jb, own_parts; print(jb.load({out!r}).model)"
    subprocess.run([sys.executable, "-c", again], check=True, cwd=sys.path[0])


if __name__ == "__main__":
    main()
