from .consequence_files import annotate_consequences as annotate_consequences
from .consequence_records import ConsequenceAnnotator as ConsequenceAnnotator
from .consequence_terms import Consequence as Consequence, Variant as Variant
from .consequences import (
    haplotype_consequences as haplotype_consequences,
    variant_consequences as variant_consequences,
)
from .gene_files import read_genes as read_genes
from .genotypes import Genotypes as Genotypes, read_genotypes as read_genotypes
from .hgvs import parse_hgvs as parse_hgvs
from .hgvs_proteins import protein_hgvs as protein_hgvs
from .intervals import Intervals as Intervals, read_intervals as read_intervals
from .reference import Reference as Reference
from .saturation import (
    Interval as Interval,
    Saturation as Saturation,
    region_of as region_of,
    regions_of as regions_of,
    saturation_map as saturation_map,
)
from .scan import Scan as Scan, scan_genome as scan_genome
from .sources import TableSource as TableSource
from .transcripts import Transcript as Transcript, Transcripts as Transcripts
from .variants import (
    VariantScores as VariantScores,
    score_variants as score_variants,
)
from .windows import Windows as Windows, read_windows as read_windows
