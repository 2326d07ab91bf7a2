"""The page of a patient: one file of HTML that asks nothing of any network."""
