"""Readers of archives, one file a kind, all on one budget."""
