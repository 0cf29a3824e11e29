"""SPF, DKIM, DMARC, ARC and iprev of a session: who really sent this."""
