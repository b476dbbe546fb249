"""From what papers print to effects: routes, chosen row by row and held against each other."""
