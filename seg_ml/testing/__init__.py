"""A small world for tests: synthetic mail, a tiny transformer, a project that trains in seconds."""
