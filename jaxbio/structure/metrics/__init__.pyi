from .backbone import check_backbone as check_backbone, clashes as clashes
from .local_distance import BACKBONE as BACKBONE, Lddt as Lddt, lddt as lddt
from .secondary_structure import (
    q3 as q3,
    q8 as q8,
    rsa_metrics as rsa_metrics,
    secondary_structure_metrics as secondary_structure_metrics,
    sov as sov,
)
from .superposition import (
    Superposition as Superposition,
    rmsd as rmsd,
    superpose as superpose,
)
from .tm_gdt import (
    GDT_HA as GDT_HA,
    GDT_TS as GDT_TS,
    gdt_ts as gdt_ts,
    tm_score as tm_score,
)
