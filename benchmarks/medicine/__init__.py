"""The parts of `accuracy_medicine.py`."""
