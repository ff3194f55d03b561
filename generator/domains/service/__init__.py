"""The workshop: what is done to cars, for whom, by whom, at what price."""
