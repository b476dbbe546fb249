"""Whether printed numbers can be true together."""
