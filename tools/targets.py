"""Turn "checkout in staging" into one object of one cluster."""
