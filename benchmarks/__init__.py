"""How fast things are, against a baseline measured in the same run; `make bench` prints it."""
