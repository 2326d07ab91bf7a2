"""Scores of hidden symbols, beside symbol frequencies and a Markov chain."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int64

from jaxbio.baselines.symbols import CHAIN, SymbolChain, runs_of, usual_order
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import in_order, plan_rows
from jaxbio.data.schema import Schema
from jaxbio.models.masked import EMBEDDING, SYMBOLS, Masked
from jaxbio.predict.predictor import Predictor
from jaxbio.run.evaluation import Evaluation

_BATCH = 64


def fit_chain(schema: Schema, rows: Arrays) -> dict[str, dict[str, Any]]:
    """The Markov chain of training rows, as the baselines of a run.

    Args:
        schema: The input, one of sequences.
        rows: Encoded rows.
    """
    size = schema.sequences[0].alphabet.size
    chain = SymbolChain.fit(runs_of(rows), symbols=size, order=usual_order(size))
    return {EMBEDDING: {CHAIN: chain}}


def measure_symbols(
    predictor: Predictor, rows: Arrays, baselines: Mapping[str, Mapping[str, Any]]
) -> Evaluation:
    """Score a network that was trained on hidden symbols, as in validation.

    Several networks are averaged as probabilities.

    Args:
        predictor: The network.
        rows: Encoded rows.
        baselines: What `fit_chain` gave, or none.

    Returns:
        Perplexity and accuracy of the hidden symbols. The baselines see all other
        symbols of the row, those that are hidden from the network, too:
        `frequencies`, the Markov chain by the symbols before (`markov`) and by those on
        both sides (`markov, both sides`).
    """
    masked = predictor.model
    assert isinstance(masked, Masked)
    runs = runs_of(rows)
    chosen, found = _found(predictor, masked, rows)
    counted = np.repeat(rows.weights > 0, runs.lengths)
    places = np.flatnonzero(np.concatenate(chosen) & counted)
    truth = runs.values[places].astype(np.int64)
    tables = {"model": np.concatenate(found)[places]}
    chain = baselines.get(EMBEDDING, {}).get(CHAIN)
    if chain is not None:
        tables["frequencies"] = chain.cut(0).given_before(runs, places)
        tables["markov"] = chain.given_before(runs, places)
        tables["markov, both sides"] = chain.given_rest(runs, places)
    scores = {name: _scores(table, truth) for name, table in tables.items()}
    return Evaluation(len(rows), {SYMBOLS: scores}, {SYMBOLS: "perplexity"})


def _scores(
    table: Float[np.ndarray, "n symbols"], truth: Int64[np.ndarray, "n"]
) -> dict[str, Any]:
    if not len(truth):
        return {"perplexity": None, "accuracy": None, "n": 0}
    log_p = table[np.arange(len(truth)), truth].astype(np.float64)
    return {
        "perplexity": float(np.exp(-log_p.mean())),
        "accuracy": float((table.argmax(axis=1) == truth).mean()),
        "n": len(truth),
    }


def _found(
    predictor: Predictor, masked: Masked, rows: Arrays
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """For each row which symbols are hidden, and what is said of each place."""

    @jax.jit
    def run(members: Any, batch: Any) -> tuple[Any, Any]:
        found = []
        for member in members:
            network = predictor.network(member)
            tokens = network.tokens(batch["inputs"])
            seen, chosen = masked.fixed(tokens, batch["index"], network.alphabet)
            found.append(network.log_probabilities(seen))
        mean = jax.nn.logsumexp(jnp.stack(found), axis=0) - jnp.log(len(found))
        return chosen, mean

    outputs = []
    for plan in plan_rows(rows.lengths, predictor.schema.buckets, _BATCH):
        batch = rows.batch(plan.rows, plan.length)
        outputs.append((plan, jax.device_get(run(predictor.members, batch))))
    lengths = rows.lengths
    chosen = in_order([(plan, out[0]) for plan, out in outputs], lengths)
    return chosen, in_order([(plan, out[1]) for plan, out in outputs], lengths)
