"""Parts: what there is to buy, what it costs, what lies on the shelves, who ordered what."""
