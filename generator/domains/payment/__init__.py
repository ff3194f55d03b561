"""Credit applications, payment methods, money in."""
