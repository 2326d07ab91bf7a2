import numpy as np

from jaxbio.structure.chain import Chain
from jaxbio.structure.dataset import CHAIN_TARGETS
from jaxbio.structure.tasks import TARGETS, chain_tasks, known_targets
from jaxbio.tasks import Binary, Distances, MultiClass, Regression
from tests.proteins import hairpin


def test_each_target_has_its_task_and_distances_count_most():
    tasks = chain_tasks(CHAIN_TARGETS)
    kinds = {name: type(task) for name, task in tasks.items()}
    assert kinds["ss3"] is kinds["ss8"] is MultiClass and kinds["cb"] is Distances
    assert kinds["disorder"] is Binary and kinds["sin_phi"] is Regression
    assert all(task.per_position for task in tasks.values())
    assert max(tasks, key=lambda name: tasks[name].weight) == "cb"
    assert list(chain_tasks()) == list(TARGETS)


def test_what_chains_lack_is_not_learned():
    coordinates = hairpin()[:, :5].astype(np.float32)
    whole = Chain("whole", "A" * 14, coordinates)
    trace = coordinates.copy()
    trace[:, [0, 2, 3, 4]] = np.nan
    alone = Chain("trace", "A" * 14, trace)
    # A backbone without side chains has no accessibility, a trace no angles either.
    assert known_targets([whole]) == tuple(name for name in TARGETS if name != "rsa")
    assert not set(known_targets([alone])) & {"ss3", "sin_phi", "rsa"}
    assert known_targets([alone, whole]) == known_targets([whole])
