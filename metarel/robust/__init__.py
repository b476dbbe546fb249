"""Covariances of coefficients that allow for dependence within clusters."""
