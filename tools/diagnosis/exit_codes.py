"""What exit codes mean."""

EXIT_CODES = {
    126: "the file exists but may not be executed",
    127: "the command was not found",
    128: "the container could not be started",
    130: "interrupted (SIGINT)",
    132: "illegal instruction (SIGILL): built for another processor",
    134: "aborted (SIGABRT)",
    135: "bus error (SIGBUS)",
    136: "arithmetic error (SIGFPE)",
    137: "killed from outside (SIGKILL)",
    139: "segmentation fault (SIGSEGV)",
    143: "asked to stop (SIGTERM)",
}
"""128 + n means ended by signal n; 1 and 2 mean what the program wants."""


def meaning(code: int) -> str:
    """A sentence, "" for a code that means what the program wants."""
    return f"Exit code {code} means: {EXIT_CODES[code]}." if code in EXIT_CODES else ""
