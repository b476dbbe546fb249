"""What a fit hangs on: residuals, influence, refits without some studies, curves and draws."""
