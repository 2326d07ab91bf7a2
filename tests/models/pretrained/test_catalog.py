import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.catalog import MODELS, info, is_free
from jaxbio.models.pretrained.loading import FAMILIES


@pytest.mark.parametrize("name", MODELS)
def test_every_entry_is_complete(name):
    entry = info(name)
    assert entry.family in FAMILIES and entry.licence and entry.citation
    assert bool(entry.repository) != bool(entry.wheel)
    assert bool(entry.wheel) == bool(entry.files)
    assert set(entry.checksums) <= set(entry.files.values())
    assert all(len(value) == 64 for value in entry.checksums.values())
    assert entry.address.startswith("https://")
    family = FAMILIES[entry.family].licence
    assert family in ("", entry.licence)


def test_only_the_nucleotide_transformer_excludes_uses():
    restricted = {name for name, entry in MODELS.items() if not is_free(entry.licence)}
    assert restricted == {f"nt2-{size}" for size in ("50m", "100m", "250m", "500m")}


def test_names_that_are_not_known():
    with pytest.raises(JaxbioError, match="did you mean 'esm2-8m'"):
        info("esm2_8m")
