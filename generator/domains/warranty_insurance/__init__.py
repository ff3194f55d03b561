"""What is covered, and what is claimed for it."""
