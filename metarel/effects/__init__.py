"""Effect sizes: every measure a declaration in one register, computed by ``effect_sizes``."""
