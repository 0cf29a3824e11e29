"""The SMTP side: the server that senders meet, and the relay to the next hop."""
