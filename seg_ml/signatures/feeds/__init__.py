"""Where indicators come from: sources in a settings file, fetched, checked and read into the store in one step."""
