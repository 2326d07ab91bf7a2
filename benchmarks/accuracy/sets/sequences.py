"""Sequences: promoters, binding sites, splice sites, guides, variants of proteins."""

from benchmarks.accuracy.problems import Problem, folds, of_family, parts, whole

_BERT = "DNABERT-2"


def _gue(variant: str, published: str, seeds: int = 1) -> Problem:
    own = parts(of_family("gue", variant))
    return Problem(own, "mcc", published, _BERT, seeds, "published split")


def _gb1(variant: str, published: str) -> Problem:
    own = parts(of_family("flip_gb1", variant))
    return Problem(own, "spearman", published, "FLIP", 3, "published split")


PROBLEMS = {
    "splice_uci_primate": Problem(
        folds(whole("splice_uci_primate"), 10, by="group"), "accuracy", ".93", "KBANN",
        how="10 folds by group",
    ),
    "gue/prom_core_all": _gue("prom_core_all", ".694"),
    "gue/prom_core_notata": _gue("prom_core_notata", ".680"),
    "gue/prom_core_tata": _gue("prom_core_tata", ".742", 3),
    "gue/prom_300_tata": _gue("prom_300_tata", ".716", 3),
    "gue/tf_0": _gue("tf_0", ".720", 3),
    "gue/tf_1": _gue("tf_1", ".761", 3),
    "gue/tf_2": _gue("tf_2", ".665", 3),
    "crispr_guides/WT_SpCas9": Problem(
        folds(whole("crispr_guides", "WT_SpCas9"), 5), "spearman", ".868", "EnAC",
        how="5 folds",
    ),
    "flip_gb1/one_vs_rest": _gb1("one_vs_rest", ".32"),
    "flip_gb1/two_vs_rest": _gb1("two_vs_rest", ".61"),
    "flip_gb1/three_vs_rest": _gb1("three_vs_rest", ".83"),
    "flip_gb1/low_vs_high": _gb1("low_vs_high", ".59"),
    "gfp_fluorescence": Problem(
        parts(of_family("gfp_fluorescence")), "spearman", ".68", "TAPE transformer",
        how="published split",
    ),
}  # fmt: skip
