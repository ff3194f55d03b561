"""Questions asked at a moment, with what is known then, and how well they can be answered."""
