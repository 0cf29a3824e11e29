"""SPF, DKIM, DMARC and ARC of a session: who really sent this."""
