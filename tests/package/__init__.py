"""What scripts/dist made, as a user gets it: see conftest.py."""
