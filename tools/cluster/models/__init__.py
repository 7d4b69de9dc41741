"""Own models of the Kubernetes objects that tools read, and the table of where they live in the API."""
