"""What other programs choose when nobody chooses: presets, dated, with the evidence for each."""
