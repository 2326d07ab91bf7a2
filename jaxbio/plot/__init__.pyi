from .attention import attention_page as attention_page
from .degradation import degradation_curves as degradation_curves
from .dependence import dependence_curves as dependence_curves
from .effects import effect_curves as effect_curves
from .embeddings import embedding as embedding, plane as plane
from .heatmaps import overlay as overlay, overlays as overlays
from .importance import (
    beeswarm as beeswarm,
    importance_bars as importance_bars,
    waterfall as waterfall,
)
from .logo import (
    attribution_logo as attribution_logo,
    contribution_logo as contribution_logo,
    contributions as contributions,
    motif_logos as motif_logos,
)
from .mutation_maps import mutation_map as mutation_map
from .page import figure as figure, save as save, style as style
from .survival import (
    risk_groups as risk_groups,
    survival_calibration_points as survival_calibration_points,
    survival_curves as survival_curves,
)
from .tracks import contribution_track as contribution_track
from .treatment import (
    advised_shares as advised_shares,
    effect_calibration as effect_calibration,
    qini_lines as qini_lines,
)
