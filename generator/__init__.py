"""The engine of Proving Ground."""
