import numpy as np
import pytest
import structure

from jaxbio.structure.geometry import torsions

CHAINS = ["MKTAYIAKQRWGDE", "ACDEFGHIKLMNPQ", "GGGGGGGPWYVTSR"]


@pytest.fixture(scope="module")
def network():
    return structure.network()


def test_the_networks_agree_with_statistics_that_are_not_those_of_the_start(network):
    torch = pytest.importorskip("torch")
    module, predictor = network
    twin = structure.torch_twin(module)
    for size in (1, 2):
        assert structure.agreement(predictor, twin, CHAINS, size) < 1e-5
    first = twin.convs[1]
    first.running_mean += torch.ones(len(first.running_mean))
    with pytest.raises(SystemExit, match="differ"):
        structure.agreement(predictor, twin, CHAINS, 1)


def test_both_sides_give_one_letter_a_residue(network):
    pytest.importorskip("torch")
    module, predictor = network
    theirs = structure.torch_states(structure.torch_twin(module), CHAINS, 2)
    assert theirs == predictor(CHAINS).columns()["ss3"].tolist()
    assert [len(row) for row in theirs] == [14, 14, 14]
    assert len(set("".join(theirs))) > 1  # else the letters prove nothing


def test_operations_are_counted(network):
    convs = 11 * 21 * 128 + 3 * 7 * 128 * 128
    lstm, dense = 2 * 4 * 128 * (128 + 128), 256 * 128 + (128 + 256) * 3
    assert structure.flops(network[0]) == 2 * (convs + lstm + dense)


def test_the_chain_to_fold_has_100_residues_and_its_own_torsions():
    true, given = structure.bundle()
    assert true.shape == (100, 3, 3) and len(given["sequence"]) == 100
    assert given["distogram"].shape == (100, 100, len(given["edges"]) + 1)
    helix = np.rad2deg(given["torsions"][5])
    np.testing.assert_allclose(helix, [-63, -42], atol=0.5)
    np.testing.assert_array_equal(given["torsions"], torsions(true)[:, :2])
