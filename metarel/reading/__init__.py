"""Statistics out of prose and documents."""
