"""Publication bias: do small studies differ, and what would the mean be if some are missing."""
