"""What connected cars report, trip by trip."""
