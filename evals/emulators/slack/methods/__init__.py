"""The Web API methods, one family a file; `table.py` lists them all."""
