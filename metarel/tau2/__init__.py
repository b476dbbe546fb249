"""Estimators of the between-study variance, as pure functions in one register."""
