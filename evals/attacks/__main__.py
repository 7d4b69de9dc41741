"""`python -m evals.attacks`."""

from evals.attacks.run import main

if __name__ == "__main__":
    main()
