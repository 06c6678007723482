"""Entry point of `python -m northstar`, the same as the `northstar` command."""

from northstar.cli import main

if __name__ == "__main__":
    main("python -m northstar")
