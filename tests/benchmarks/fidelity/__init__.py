"""What a fit reaches on many tables, beside real rows and a sequential CART."""
