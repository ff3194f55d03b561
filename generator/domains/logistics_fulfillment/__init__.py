"""Where cars and parts stand, and how they get there."""
