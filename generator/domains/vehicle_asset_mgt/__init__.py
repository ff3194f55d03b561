"""Every VIN, and its stay in stock."""
