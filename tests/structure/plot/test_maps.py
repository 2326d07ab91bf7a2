import numpy as np

from jaxbio.structure.plot.maps import contact_triangles


def test_contacts_are_nearer_than_8_angstrom():
    true = np.array([[0.0, 7.99, 8.0], [7.99, 0.0, 1.0], [8.0, 1.0, 0.0]])
    both = contact_triangles(np.full((3, 3), 0.5), true)
    assert both[1, 0] == 1 and both[2, 0] == 0 and both[2, 1] == 1
    assert (both[np.triu_indices(3, 1)] == 0.5).all()


def test_contacts_without_truth_are_in_both_triangles():
    both = contact_triangles(np.full((3, 3), 0.5), None)
    assert np.isnan(np.diag(both)).all()
    assert both[2, 0] == 0.5
