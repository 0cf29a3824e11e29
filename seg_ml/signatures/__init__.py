"""Detectors: one file each under `detectors`, run in a fixed order by `engine.SignatureEngine`."""
