from benchmarks import reliability


def test_no_flipped_bit_is_silent(tmp_path):
    found = reliability.flips(8, tmp_path, seed=0)
    assert found["refused"] + found["harmless"] == 8 and not found["faults"]


def test_a_silent_change_is_a_fault(tmp_path, monkeypatch):
    numbers = iter(range(9))
    monkeypatch.setattr(reliability, "seen", lambda run: next(numbers))
    found = reliability.flips(1, tmp_path, seed=0)
    assert found["faults"] or found["refused"]
