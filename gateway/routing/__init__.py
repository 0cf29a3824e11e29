"""Where a domain's mail goes, and what the way there has to prove: MX, DANE (RFC 7672), MTA-STS (RFC 8461)."""
