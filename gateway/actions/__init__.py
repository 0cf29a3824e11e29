"""What is done with a message: one file per disposition."""
