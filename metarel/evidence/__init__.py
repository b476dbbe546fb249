"""The map of the field: what the reviews print, what the task force says, and who quotes it."""
