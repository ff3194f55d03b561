"""People and companies behind every role."""
