"""`python -m gateway.cli`."""

from gateway.cli import app

app(prog_name="seg-gateway")
