"""What happened, told once and heard at least once: envelope, catalogue, outbox, relay, consumers, claims."""
