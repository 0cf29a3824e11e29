"""Searching for better settings: what is varied, how a trial is judged, and studies that can be gone on with."""
