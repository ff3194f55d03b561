"""Who works where, since when, for what pay."""
