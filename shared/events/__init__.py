"""Events and commands: envelope, catalogue, outbox, relay and consumers. Events are delivered at least once."""
