"""Conversions between metrics of effect: a register of edges, each with its named rule."""
