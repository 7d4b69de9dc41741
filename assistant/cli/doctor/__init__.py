"""`doctor`: each system the assistant needs, tried for real; what is wrong and what to do about it."""
