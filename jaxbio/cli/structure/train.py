"""`jaxbio structure train`: a network from protein structures."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jaxbio.cli.console import Stopwatch, add_common, finish, set_up, training_progress
from jaxbio.cli.flags import add_flags
from jaxbio.cli.parts import add_network_flags, model_of, training_of
from jaxbio.cli.train import show_files, show_scores
from jaxbio.data.dataset import Dataset
from jaxbio.data.similarity.overlap import CLEAN, K
from jaxbio.data.splits.random_grouped import split
from jaxbio.errors import DataError
from jaxbio.run.fitting import Run, fit
from jaxbio.run.recommendation import CHOSEN
from jaxbio.structure.chain import Chain
from jaxbio.structure.dataset import CHAIN_TARGETS, from_chains
from jaxbio.structure.evaluation import evaluate_dissimilar
from jaxbio.structure.files.read import read_chains
from jaxbio.structure.tasks import TARGETS, chain_tasks, known_targets
from jaxbio.train import Training

_STRUCTURES = (".pdb", ".ent", ".cif", ".mmcif")
_FRACTIONS = (0.8, 0.1, 0.1)
_NEXT = "structure predict RUN SEQUENCES.fasta -o DIR"


def add_parser(verbs) -> None:
    """Add the verb and its arguments."""
    train = verbs.add_parser(
        "train",
        help="train a network on known structures",
        description="Train one network on the chains of PDB and mmCIF files: secondary "
        "structure, accessibility and torsions of residues, and the distances of all "
        "pairs, from which jaxbio structure predict builds backbones. Without --valid "
        "and --test, alike chains are kept together and divided 8 : 1 : 1.",
        epilog="examples:\n"
        "  jaxbio structure train structures/ --out run\n"
        "  jaxbio structure train train/ --valid valid/ --targets ss3 rsa --out run\n"
        "  jaxbio structure predict run new.fasta -o predicted",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = "PDB or mmCIF files, also .gz or .bz2, or folders of them"
    train.add_argument("files", nargs="+", metavar="FILE", help=what)
    several: dict[str, Any] = {"action": "extend", "nargs": "+"}
    for part, why in (("valid", "to decide when to stop"), ("test", "to be scored")):
        train.add_argument(f"--{part}", metavar="FILE", help=f"chains {why}", **several)
    train.add_argument("--out", metavar="RUN", required=True, help="the run's folder")
    train.add_argument(
        "--targets",
        metavar="NAME",
        choices=CHAIN_TARGETS,
        **several,
        help=f"what to learn, of {', '.join(CHAIN_TARGETS)} (default: "
        f"{', '.join(TARGETS)}, as far as the structures have them)",
    )
    train.add_argument(
        "--resume", action="store_true", help="go on with the run in --out"
    )
    add_network_flags(train)
    add_flags(train, "training", [Training], chosen=CHOSEN, without=["augment"])
    add_common(train)


def run(options: argparse.Namespace) -> int:
    """Train, save and report."""
    watch = Stopwatch()
    settings = vars(options)
    model = model_of(settings)
    training: dict[str, Any] = training_of(settings)
    set_up(options)
    chains = {"train": _chains(options.files)}
    for part in ("valid", "test"):
        if settings[part]:
            chains[part] = _chains(settings[part])
    targets = options.targets or known_targets(chains["train"])
    if not targets:
        raise DataError(
            f"{options.files[0]}: the chains tell nothing to learn "
            f"({', '.join(TARGETS)}): that needs N, CA and C of residues, not CA alone"
        )
    parts: dict[str, Dataset] = {
        part: from_chains(each, targets, source=f"{part} chains")
        for part, each in chains.items()
    }
    tasks = chain_tasks(targets)
    if len(parts) == 1:
        seed = Training(**training).seed
        names = ("train", "valid", "test")
        divided = split(
            parts["train"], by="similarity", fractions=_FRACTIONS, seed=seed
        )
        parts.update(zip(names, divided, strict=True))
    listed = ", ".join(f"{len(part)} {name}" for name, part in parts.items())
    print(f"Chains: {listed}. Targets: {', '.join(targets)}")
    with training_progress() as progress:
        done = fit(
            model,
            tasks,
            parts["train"],
            parts.get("valid"),
            test=parts.get("test"),
            out=options.out,
            resume=options.resume,
            callbacks=[progress],
            **training,
        )
    show_scores(done)
    clean = _show_dissimilar(done, parts)
    show_files(done, options.out, next_step=_NEXT)
    finish(
        options,
        {
            "out": str(options.out),
            "seconds": watch.seconds,
            "chains": {name: len(part) for name, part in parts.items()},
            "scores": {name: each.to_dict() for name, each in done.scores.items()},
            "clean": clean,
            "notes": list(done.notes),
        },
    )
    return 0


def _show_dissimilar(done: Run, parts: Mapping[str, Dataset]) -> dict[str, Any] | None:
    """Print and give the scores on test chains that are unlike all training chains."""
    if "test" not in parts:
        return None
    total = len(parts["test"])
    scores, rows = evaluate_dissimilar(done, parts["test"], parts["train"])
    print(
        f"\n{total - len(rows)} of {total} test chains share more than {CLEAN:.0%} of "
        f"their {K}-mers with a training chain."
    )
    if scores is None or len(rows) == total:
        return None
    print(f"Scores on the other {len(rows)}:\n{scores}")
    return {"chains": len(rows), **scores.to_dict()}


def _chains(paths: Sequence[str]) -> list[Chain]:
    """The chains of files and of the structures in folders."""
    chains: dict[str, Chain] = {}
    for path in map(Path, paths):
        for file in _files(path):
            for chain in read_chains(file):
                if chain.name in chains:
                    raise DataError(
                        f"{file}: chain {chain.name} is there twice: rename one of "
                        f"the files, or leave it out"
                    )
                chains[chain.name] = chain
    return list(chains.values())


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    endings = tuple(a + b for a in _STRUCTURES for b in ("", ".gz", ".bz2"))
    files = sorted(f for f in path.iterdir() if f.name.lower().endswith(endings))
    if not files:
        raise DataError(
            f"{path}: no structures in this folder: names end in "
            f"{', '.join(_STRUCTURES)}, also .gz or .bz2"
        )
    return files
