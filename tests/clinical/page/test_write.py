import re

import numpy as np
import pytest

from jaxbio.clinical.page.write import _file_name, write_patient_pages
from jaxbio.errors import DataError
from jaxbio.models import MLP
from jaxbio.run.fitting import fit
from tests.helpers import linear_data
from tests.trials import trial_table


@pytest.fixture(scope="module")
def numbers_run(tmp_path_factory):
    out = tmp_path_factory.mktemp("pages") / "run"
    data = linear_data(60, columns=3, missing=0.1)
    fit(MLP(hidden=(4,)), None, data, epochs=1, members=2, baselines=False, out=out)
    return out


def table(**cells):
    import pandas as pd

    columns = {f"gene_{at}": [0.5, np.nan] for at in range(3)}
    return pd.DataFrame({**columns, **cells})


def test_a_run_of_numbers_has_pages(numbers_run, tmp_path):
    rows = table(gene_0=[0.5, 99.0], gene_2=[np.nan, 0.1])
    paths = write_patient_pages(numbers_run, rows, tmp_path)
    first, second = (path.read_text() for path in paths)
    for words in (
        "Main contributions",
        "gene_1 = 0.5",
        "Missing values",
        "54 patients",
    ):
        assert words in first
    assert "no medical device" in first
    assert "Beyond what was learned from" in second and "<td>99</td>" in second
    assert "Beyond what was" not in first


def test_the_cohort_is_kept_without_rows(numbers_run):
    text = (numbers_run / "cohort.json").read_text()
    assert '"tenths"' in text and re.search(r'"gene_1": \{', text)


def test_a_run_without_a_cohort_says_so(numbers_run, tmp_path):
    kept = (numbers_run / "cohort.json").rename(tmp_path / "aside.json")
    try:
        (path,) = write_patient_pages(numbers_run, table()[:1], tmp_path / "out")
        assert "train it again" in path.read_text()
    finally:
        kept.rename(numbers_run / "cohort.json")


def test_a_treatment_run_has_advice_by_arm(treatment_run, tmp_path):
    rows = trial_table(2, seed=8)
    rows["id"] = ["a/b", "a/b"]
    rows.loc[1, "b"] = np.nan
    one, two = write_patient_pages(treatment_run.path, rows, tmp_path, ids="id")
    assert (one.name, two.name) == ("a_b.html", "a_b_2.html")
    text = one.read_text()
    for words in ("Treatment", "<td>none</td>", "<td>drug</td>", "best single arm"):
        assert words in text
    assert "Missing values" in two.read_text()


def test_a_patient_of_whom_nothing_is_known_gets_a_page(treatment_run, tmp_path):
    rows = trial_table(1)
    rows[["a", "b"]] = np.nan
    (path,) = write_patient_pages(treatment_run.path, rows, tmp_path)
    assert "there is no advice" in path.read_text()


def test_too_many_rows_are_refused(numbers_run, tmp_path):
    import pandas as pd

    many = pd.concat([table()] * 101)
    with pytest.raises(DataError, match="202 rows"):
        write_patient_pages(numbers_run, many, tmp_path)


def test_rows_without_a_name_get_their_number():
    assert _file_name("..", 3, []) == "row_4"
