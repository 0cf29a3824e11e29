"""One module per signature; a module here is a signature and nothing else (discovery imports them all)."""
