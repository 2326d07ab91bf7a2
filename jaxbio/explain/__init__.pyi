from .agreement import (
    answer_agreement as answer_agreement,
    choice_agreement as choice_agreement,
    effect_agreement as effect_agreement,
    motif_agreement as motif_agreement,
    rank_agreement as rank_agreement,
)
from .attention import (
    AttentionMap as AttentionMap,
    attention_maps as attention_maps,
)
from .attributions import Attribution as Attribution
from .column_gradients import (
    ColumnAttributions as ColumnAttributions,
    column_attributions as column_attributions,
)
from .deep_lift import deeplift as deeplift, deeplift_shap as deeplift_shap
from .dependence import (
    Dependence as Dependence,
    partial_dependence as partial_dependence,
)
from .feature_tables import named_features as named_features
from .fewest_changes import (
    Change as Change,
    Counterfactual as Counterfactual,
    counterfactuals as counterfactuals,
)
from .functions import with_function as with_function
from .gradcam import activation_maps as activation_maps, grad_cam as grad_cam
from .gradients import (
    expected_gradients as expected_gradients,
    gradient_x_input as gradient_x_input,
    integrated_gradients as integrated_gradients,
    saliency as saliency,
    smoothgrad as smoothgrad,
)
from .modisco import (
    modisco_commands as modisco_commands,
    reported_motifs as reported_motifs,
    run_modisco as run_modisco,
    write_modisco as write_modisco,
)
from .motif_effects import (
    epistasis as epistasis,
    insert as insert,
    marginalize as marginalize,
    score_function as score_function,
    spacing as spacing,
)
from .motif_sites import (
    Site as Site,
    consensus_sites as consensus_sites,
    find_sites as find_sites,
    word_motif as word_motif,
)
from .motifs import (
    Match as Match,
    Motif as Motif,
    compare_motifs as compare_motifs,
    filter_motifs as filter_motifs,
    motif_of_sites as motif_of_sites,
    read_motifs as read_motifs,
    write_meme as write_meme,
)
from .mutagenesis import (
    deletion_effects as deletion_effects,
    deletions as deletions,
    ism as ism,
    substitution_effects as substitution_effects,
)
from .occlusion import occlusion_maps as occlusion_maps
from .permutation import (
    Importance as Importance,
    permutation_importance as permutation_importance,
)
from .positions import (
    SequenceAttribution as SequenceAttribution,
    sequence_attributions as sequence_attributions,
)
from .sanity import untrained as untrained
from .seqlets import Seqlet as Seqlet, find_seqlets as find_seqlets
from .shapley_values import (
    Contributions as Contributions,
    contributions as contributions,
    shapley as shapley,
)
from .site_effects import (
    SiteEpistasis as SiteEpistasis,
    ablate as ablate,
    ablate_spans as ablate_spans,
    site_epistasis as site_epistasis,
)
from .surrogate import Rule as Rule, Rules as Rules, rules as rules
