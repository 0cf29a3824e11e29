"""A model made to fit an organization's own mail: a correction of what it says, learned in minutes."""
