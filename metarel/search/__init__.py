"""Which analyses of a study table print given digits."""
