import jax
import jax.numpy as jnp

from jaxbio.train.state import TrainState, Weights


def test_a_state_is_a_tree_of_which_a_group_has_leading_axes():
    state = TrainState(
        step=jnp.int32(0),
        params={"layer": {"kernel": jnp.ones((3, 2))}},
        model_state={},
        opt_state=(jnp.zeros(2),),
        key=jax.random.key(0),
        rate_scale=jnp.float32(1),
    )
    assert len(jax.tree.leaves(state)) == 5
    group = jax.tree.map(lambda *leaves: jnp.stack(leaves), state, state)
    assert isinstance(group, TrainState) and group.step.shape == (2,)
    assert group.params["layer"]["kernel"].shape == (2, 3, 2)
    (path, _), *_ = jax.tree.leaves_with_path(Weights({"kernel": 1}, {"mean": 2}))
    assert jax.tree_util.keystr(path) == ".params['kernel']"
