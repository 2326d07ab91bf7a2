"""Effects of treatments: known effects, and the value of advice beside single arms.

    python -m benchmarks.accuracy.treatment [SET…]     learns and scores
    python -m benchmarks.accuracy.treatment --table    the table of the results
    python -m benchmarks.accuracy.treatment --write    into the documentation

- `ihdp`: ten simulations of Hill (2011), whose effects are known; root mean square
  error of the effects (root PEHE) in a tenth of the children that was not learned from.
- `sim_treatment`: the simulated trial of Katzman et al. (2018), whose best arm is known
  by the true hazards; mean survival up to the horizon in its test rows.
- `rotterdam`: hormone therapy learned in the Rotterdam cohort, where doctors chose it,
  and valued in the trial of the German Breast Cancer Study Group.
- `actg175`: four HIV therapies, randomised; a third of the patients tested.

Runs are `jaxbio.clinical.fit_treatment(trial)` with what is known of how arms were
chosen, and nothing else. A line of JSON each goes to
`benchmarks/results/treatment.jsonl`.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.accuracy.parts import run_parts
from benchmarks.accuracy.problems import folder
from jaxbio.clinical import TreatmentRun, Trial, fit_treatment, read_trial

RESULTS = Path(__file__).parents[1] / "results" / "treatment.jsonl"
PAGE = RESULTS.parents[2] / "docs" / "benchmarks" / "medicine.md"
MARKS = ("<!-- treatment -->", "<!-- /treatment -->")
_DAYS = 30.4375  # of a month


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn, score and print the table."""
    return run_parts(
        str(__doc__), SETS, table,
        results=RESULTS, page=PAGE, marks=MARKS, arguments=arguments,
    )  # fmt: skip


def told(line: str) -> None:
    """A line of what goes on."""
    print(line, file=sys.stderr, flush=True)


def ihdp(seed: int) -> Iterator[dict]:
    """Known effects in children who were not learned from."""
    errors, inside, covered, learners, biases = [], [], [], [], []
    for number in range(1, 11):
        rows = np.loadtxt(
            folder("tabular", "ihdp") / f"ihdp_npci_{number}.csv", delimiter=","
        )
        truth = rows[:, 4] - rows[:, 3]
        names = [f"x{at}" for at in range(1, 26)]
        frame = pd.DataFrame(rows[:, 5:], columns=names)
        frame["treated"] = rows[:, 0].astype(int)
        frame["score"] = rows[:, 1]
        order = np.random.default_rng(seed + number).permutation(len(frame))
        train, test = np.split(order, [round(0.9 * len(frame))])
        trial = read_trial(
            frame.iloc[train].reset_index(drop=True),
            treatment="treated",
            outcome="score",
        )
        run = fit_treatment(trial, seed=seed, report=told)
        found = run.predict(frame)
        off = found.effects[:, 0] - truth
        within = (found.low[:, 0] <= truth) & (truth <= found.high[:, 0])
        errors.append(float(np.sqrt(np.mean(off[test] ** 2))))
        inside.append(float(np.sqrt(np.mean(off[train] ** 2))))
        biases.append(abs(float(off[test].mean())))
        covered.append(float(within[test].mean()))
        learners.append(run.learner)
        told(
            f"file {number}: {run.learner} {errors[-1]:.3f}, covered {covered[-1]:.2f}"
        )
    yield {
        "metric": "root PEHE, median of 10",
        "score": round(float(np.median(errors)), 4),
        "mean": round(float(np.mean(errors)), 4),
        "in_sample": round(float(np.median(inside)), 4),
        "average_effect_error": round(float(np.mean(biases)), 4),
        "runs": [round(each, 4) for each in errors],
        "coverage_90": round(float(np.mean(covered)), 4),
        "coverages": [round(each, 3) for each in covered],
        "learners": learners,
        "beside": ".76 (T-learner of boosted trees), mean 2.05",
        "rows": 75,
    }


def sim_treatment(seed: int) -> Iterator[dict]:
    """A trial whose true hazards are known."""
    where = folder("survival", "sim_treatment")
    parts = {
        name: pd.read_csv(next(where.glob(f"{name}.csv*")))
        for name in ("train", "valid", "test")
    }
    learned = pd.concat([parts["train"], parts["valid"]], ignore_index=True)
    horizon = 3.0  # patients are followed for a little longer
    how = {"treatment": "x10", "outcome": "t,e", "horizon": horizon, "drop": ["hr"]}
    run = fit_treatment(
        read_trial(learned, **how), randomised=True, seed=seed, report=told
    )
    test = read_trial(parts["test"], **how)
    found = run.predict(parts["test"])
    truth = true_means(parts["test"], learned, horizon)
    effect = truth[:, 1] - truth[:, 0]
    best = truth.argmax(axis=1)
    rows, top = np.arange(len(truth)), truth.max(axis=1).mean()
    followed = found.advice.best == test.arm
    yield {
        **valued(run, test),
        "regret": round(float(top - truth[rows, found.advice.best].mean()), 4),
        "regret_single": round(float(top - truth[:, run.best].mean()), 4),
        "right_arm": round(float((found.advice.best == best).mean()), 4),
        "followed": round(float(test.values[followed].mean()), 4),
        "not_followed": round(float(test.values[~followed].mean()), 4),
        "root_pehe": round(
            float(np.sqrt(np.mean((found.effects[:, 0] - effect) ** 2))), 4
        ),
        "effect_deviation": round(float(effect.std()), 4),
        "coverage_90": round(
            float(((found.low[:, 0] <= effect) & (effect <= found.high[:, 0])).mean()),
            4,
        ),
    }


def true_means(rows: pd.DataFrame, learned: pd.DataFrame, horizon: float) -> np.ndarray:
    """The mean survival of each row under both arms, up to the horizon.

    The column hr is the log hazard ratio that the treatment has in a row, whether it
    got it or not: events of untreated rows do not depend on it. Times are exponential;
    the rate without treatment is estimated with these ratios.
    """
    ratios = np.exp(np.where(learned["x10"] == 1, learned["hr"], 0.0))
    rate = float(learned["e"].sum() / (learned["t"] * ratios).sum())
    rates = rate * np.stack([np.ones(len(rows)), np.exp(rows["hr"])], axis=1)
    return (1 - np.exp(-rates * horizon)) / rates


def rotterdam(seed: int) -> Iterator[dict]:
    """Learned in a cohort, valued in a trial."""
    cohort = pd.read_csv(folder("survival", "rotterdam") / "data.csv")
    trial = pd.read_csv(folder("survival", "gbsg_trial") / "data.csv")
    sizes = {"<=20": 15.0, "20-50": 35.0, ">50": 60.0}
    cohort["size"] = cohort["size"].map(sizes)
    cohort["death"] = np.maximum(cohort["recur"], cohort["death"])
    # Relapse or death, in months, as the trial has it; chemotherapy is not known there.
    recurred = cohort["recur"] == 1
    cohort["months"] = np.where(recurred, cohort["rtime"], cohort["dtime"]) / _DAYS
    trial["months"] = trial["rfstime"] / _DAYS
    trial["size"] = np.select(
        [trial["size"] <= 20, trial["size"] <= 50], [15.0, 35.0], 60.0
    )
    columns = ["age", "meno", "size", "grade", "nodes", "pgr", "er", "hormon", "months"]
    cohort = cohort[[*columns, "death"]].rename(columns={"death": "event"})
    trial = trial[[*columns, "status"]].rename(columns={"status": "event"})
    # The trial is of women with positive nodes.
    cohort = cohort[cohort["nodes"] > 0].reset_index(drop=True)
    how = {"treatment": "hormon", "outcome": "months,event", "horizon": 60}
    run = fit_treatment(read_trial(cohort, **how), seed=seed, report=told)
    # Two thirds were randomised: shares are nearer to that than choices of the cohort.
    yield valued(run, read_trial(trial, **how), randomised=True)


def actg175(seed: int) -> Iterator[dict]:
    """Four randomised arms."""
    frame = pd.read_csv(folder("survival", "actg175") / "data.csv")
    later = ["cd420", "cd496", "cd820", "offtrt", "r"]  # measured after randomisation
    frame = frame.drop(columns=[frame.columns[0], "pidnum", "treat", *later])
    order = np.random.default_rng(seed).permutation(len(frame))
    train, test = np.split(order, [round(2 / 3 * len(frame))])
    how = {"treatment": "arms", "outcome": "days,cens", "horizon": 900}
    parts = [frame.iloc[x].reset_index(drop=True) for x in (train, test)]
    run = fit_treatment(
        read_trial(parts[0], **how), propensity=[0.25] * 4, seed=seed, report=told
    )
    yield valued(run, read_trial(parts[1], **how))


def valued(run: TreatmentRun, test: Trial, *, randomised: bool = False) -> dict:
    """The values of advice and of single arms in patients not learned from."""
    found = run.evaluate(test, randomised=randomised)
    told(f"{run.learner}\n{found}")
    advice, careful, *singles = found.policies
    return {
        "metric": found.outcome.name,
        "score": round(advice.value, 4),
        "interval": [round(advice.low, 4), round(advice.high, 4)],
        "gain": round(advice.gain, 4),
        "gain_interval": [round(advice.gain_low, 4), round(advice.gain_high, 4)],
        "weighted": round(advice.weighted, 4),
        "careful": round(careful.value, 4),
        "careful_gain": round(careful.gain, 4),
        "careful_gain_interval": [
            round(careful.gain_low, 4),
            round(careful.gain_high, 4),
        ],
        "singles": {
            each.policy: [round(x, 4) for x in (each.value, each.low, each.high)]
            for each in singles
        },
        "best": found.best,
        "shares": dict(advice.shares),
        "abstained": round(found.abstained, 4),
        "slopes": [round(each.slope, 3) for each in found.effects],
        "qini": [[round(x.qini, 4), round(x.qini_error, 4)] for x in found.effects],
        "learners": [run.learner],
        "losses": {name: round(x, 4) for name, x in run.losses.items()},
        "rows": len(test),
    }


SETS: dict[str, Callable[[int], Iterator[dict]]] = {
    "ihdp": ihdp,
    "sim_treatment": sim_treatment,
    "rotterdam": rotterdam,
    "actg175": actg175,
}


def table(lines: Sequence[dict]) -> str:
    """The lines as a table in Markdown."""
    rows = [
        "| set | measure | rows | advice | gain over the best single arm | best single "
        "arm, nobody | not certain | minutes |",
        "|---" * 8 + "|",
    ]
    for line in lines:
        if line["set"] == "ihdp":
            score = f"{line['score']:.3f} (mean {line['mean']:.3f})"
            cells = [score, "", line["beside"], ""]
        else:
            low, high = line["interval"]
            gain_low, gain_high = line["gain_interval"]
            single = list(line["singles"].values())
            best = line["singles"][f"everybody {line['best']}"]
            cells = [
                f"{line['score']:.3f} ({low:.3f} – {high:.3f})",
                f"{line['gain']:+.3f} ({gain_low:+.3f} – {gain_high:+.3f})",
                f"{best[0]:.3f} ({line['best']}), {single[0][0]:.3f}",
                f"{line['abstained']:.0%}",
            ]
        name = f"{line['set']} | {line['metric']} | {line['rows']:,}"
        rows.append(f"| {name} | {' | '.join(cells)} | {line['minutes']:.1f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    raise SystemExit(main())
