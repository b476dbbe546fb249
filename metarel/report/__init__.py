"""What stands in a report: the analysis as another program's code."""
