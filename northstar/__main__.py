"""NorthStar as `python -m northstar`, which does what `northstar` does."""

from northstar.cli import main

if __name__ == "__main__":
    main("python -m northstar")
