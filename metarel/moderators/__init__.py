"""Moderator analyses over groups and coefficients."""
