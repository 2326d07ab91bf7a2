"""File formats: tables, sequences, images, archives."""
