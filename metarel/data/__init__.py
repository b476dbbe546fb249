"""Study tables with what is known of them, and the figures published from them."""
