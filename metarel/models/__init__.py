"""Models that pool studies: from columns to a frozen fit."""
