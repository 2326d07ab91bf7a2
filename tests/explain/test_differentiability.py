import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.explain import (
    deeplift,
    gradient_x_input,
    integrated_gradients,
    saliency,
    smoothgrad,
)
from jaxbio.explain.differentiability import check_slopes, name_of

ROWS = jnp.array([[1.0, 3.0], [2.0, -1.0]])
METHODS = {
    "saliency": saliency,
    "gradient": gradient_x_input,
    "smoothgrad": lambda output, x: smoothgrad(output, x, jax.random.key(0)),
    "integrated": lambda output, x: integrated_gradients(output, x, x * 0),
    "deeplift": lambda output, x: deeplift(output, x, x * 0),
}


def likeliest(x):
    return x.argmax(axis=1)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("output", "message"),
    [
        (likeliest, "the function 'likeliest' gives whole numbers"),
        (lambda x: (x[:, 0] > 1.5) * 1.0, "the function has gradients of 0 in all 2"),
        (lambda x: np.asarray(x)[:, 0], "takes values out of JAX"),
        (lambda x: x[:, 0] if x[0, 0] > 0 else x[:, 1], "such as jnp.where"),
        (lambda x: x, "gives .2, 2. for 2 rows: let it give a number a row"),
        (lambda x: {"y": x[:, 0]}, "gives dict for 2 rows"),
    ],
)
def test_functions_without_gradients(method, output, message):
    with pytest.raises(JaxbioError, match=message):
        METHODS[method](output, ROWS)


def test_gradients_of_nothing_where_nothing_differs():
    nothing = saliency(lambda x: 0 * x[:, 0] + 3, ROWS)
    assert not nothing.any()
    step = jax.jit(lambda x: saliency(lambda x: jnp.round(x[:, 0]), x))
    assert not step(ROWS).any()  # numbers are not seen while a program is traced
    check_slopes(jnp.zeros((0, 2)), jnp.zeros(0))
    with pytest.raises(JaxbioError, match="gives 0 to 4 there"):
        check_slopes(jnp.zeros((1, 2)), jnp.zeros(1), jnp.array([4.0]), name="f")


def test_names_of_functions():
    assert name_of(likeliest) == "the function 'likeliest'"
    assert name_of(lambda x: x) == "the function"
    assert name_of(object()) == "the function"
