"""One readable table: verdict → decision."""
