import pytest

from jaxbio.errors import JaxbioError, TrainingError
from jaxbio.models import MLP
from jaxbio.run.fitting import fit
from jaxbio.tasks import Regression
from tests.helpers import linear_data
from tests.networks import quick_fit

SMALL = MLP(hidden=(8,))


def test_one_training_row_is_refused():
    with pytest.raises(TrainingError, match="1 training row; two are the least"):
        fit(SMALL, Regression(), linear_data(1))


def test_unknown_settings_are_refused():
    with pytest.raises(TrainingError, match="no setting 'learning_rat'"):
        quick_fit(learning_rat=0.1)


def test_a_part_without_rows_is_refused():
    data = linear_data(40)
    with pytest.raises(JaxbioError, match="no valid rows: leave this part out"):
        fit(MLP(), None, data, data.take([]), epochs=1)
