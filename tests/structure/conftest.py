import gzip

import pytest


@pytest.fixture
def write(tmp_path):
    """Write a file and give its name."""

    def written(text, name="x.pdb"):
        path = tmp_path / name
        data = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return written
