"""The client of the model service, and what decides without it."""
