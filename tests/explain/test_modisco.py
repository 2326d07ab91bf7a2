import numpy as np

from jaxbio.explain import write_modisco


def test_arrays_for_modisco_have_symbols_before_positions(tmp_path):
    hot = np.eye(4, dtype=np.float32)[np.zeros((3, 7), int)]
    paths = write_modisco(tmp_path, hot, 2 * hot)
    sequences, contributions = (np.load(path)["arr_0"] for path in paths)
    assert sequences.shape == (3, 4, 7) and sequences[:, 0].all()
    np.testing.assert_array_equal(contributions, 2 * sequences)
