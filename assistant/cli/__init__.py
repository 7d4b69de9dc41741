"""The command line: ask, chat, confirm, serve, doctor, audit."""
