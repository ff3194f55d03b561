"""Questions asked at a stated moment, with what is known then, and how well they can be answered."""
