"""Killed at every step: see sweep.py."""
