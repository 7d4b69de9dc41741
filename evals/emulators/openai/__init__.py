"""A model provider double: chat completions over HTTP and SSE, with answers from a script."""
