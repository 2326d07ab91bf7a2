"""Sequences: promoters, binding sites, splice sites, guides, variants of proteins."""

from benchmarks.accuracy.problems import Problem, folds, of_family, parts, whole

_BERT = "DNABERT-2"


def _gue(variant: str, published: str, seeds: int = 1) -> Problem:
    own = parts(of_family("gue", variant))
    return Problem(own, "mcc", published, _BERT, seeds, "published split")


def _clip(protein: str) -> Problem:
    own = parts(of_family("rbp_clip", protein))
    return Problem(own, "auroc", how="published split")


def _promoters(organism: str, published: str, by: str) -> Problem:
    own = folds(whole("promoter_cnnprom", organism), 5)
    return Problem(own, "mcc", published, by, how="5 folds")


def _scan(variant: str) -> Problem:
    own = folds(whole("dms_metl", variant), 5, most=1)
    return Problem(own, "spearman", how="a fifth of the variants at random")


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
    "dms_metl/grb2-abundance": _scan("grb2-abundance"),
    "dms_metl/dlg4-2022-abundance": _scan("dlg4-2022-abundance"),
    "dms_metl/dlg4-2022-binding": _scan("dlg4-2022-binding"),
    "yeast_promoter_expression/complex": Problem(
        parts(of_family("yeast_promoter_expression", "complex")), "pearson",
        how="native promoters",
    ),
    "ecoli_promoter_mpra/activity": Problem(
        parts(of_family("ecoli_promoter_mpra", "activity")), "r2", ".399",
        "random forest, 7 times the rows", how="published split",
    ),
    "ecoli_promoter_mpra/active": Problem(
        parts(of_family("ecoli_promoter_mpra", "active")), "auprc", ".540",
        "CNN, 7 times the rows", how="published split",
    ),
    "yeast_utr_native": Problem(
        folds(whole("yeast_utr_native"), 5, by="group"), "r2", ".60",
        "CNN, 40 times the rows", how="5 folds by gene",
    ),
    "human_utr_snv": Problem(
        folds(whole("human_utr_snv"), 5, by="group"), "r2", ".708",
        "CNN trained on random regions", how="5 folds by mother",
    ),
    "splice42/at_don_n3": Problem(
        folds(whole("splice42", "at_don_n3"), 5, most=1), "accuracy", ".757",
        "weight array", how="a fifth at random",
    ),
    "splice42/dm_don_n3": Problem(
        folds(whole("splice42", "dm_don_n3"), 5, most=1), "accuracy", ".700",
        "weight array", how="a fifth at random",
    ),
    "splice_celegans_acceptor": Problem(
        parts(of_family("splice_celegans_acceptor")), "auprc",
        how="other chromosomes",
    ),
    "promoter_cnnprom/ecoli": _promoters("ecoli", ".84", "CNNProm"),
    "promoter_cnnprom/bacillus": _promoters("bacillus", ".86", "CNNProm"),
    "promoter_cnnprom/arabidopsis_tata": _promoters(
        "arabidopsis_tata", ".937", "iPTT(2L)-CNN"
    ),
    "promoter_cnnprom/arabidopsis_nontata": _promoters(
        "arabidopsis_nontata", ".907", "iPTT(2L)-CNN"
    ),
    "rbp_clip/AGO1234": _clip("PARCLIP_AGO1234"),
    "rbp_clip/HNRNPC": _clip("ICLIP_HNRNPC"),
    "rbp_clip/PUM2": _clip("PARCLIP_PUM2"),
    "enhancer_ienhancer": Problem(
        parts(of_family("enhancer_ienhancer")), "mcc", ".460", "iEnhancer-2L", 3,
        "published split",
    ),
}  # fmt: skip
