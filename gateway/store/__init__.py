"""Message trace, quarantine, outbox and feedback: SQLite by default, PostgreSQL when outgrown."""
