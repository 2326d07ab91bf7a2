import numpy as np
import shapley


def test_the_definition_of_shapley_values():
    weights, row = np.array([1.0, -2.0, 0.5]), np.array([1.0, 2.0, 3.0])
    background = np.array([[0.0, 0.0, 1.0], [2.0, 0.0, 3.0]])

    def predict(x):
        return x @ weights + x[:, 0] * x[:, 1]

    found = shapley.by_definition(predict, row, background)
    worth = predict(row[None])[0] - predict(background).mean()
    assert found.sum() == np.float64(worth) or np.isclose(found.sum(), worth)
    assert np.isclose(found[2], 0.5 * (3 - 2))  # takes part in no product
    # Of the product each gets half of what both make together.
    half = 0.5 * np.mean([(1 - b[0]) * 2 for b in background])
    assert np.isclose(found[0], np.mean(1 - background[:, 0]) + half)


def test_the_table_is_the_same_again():
    one, other = shapley.made_table(), shapley.made_table()
    assert one.equals(other) and one.shape == (400, 13)
