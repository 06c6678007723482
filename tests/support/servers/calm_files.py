"""The dashboard with fast compression only, for tests without a browser."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from northstar.cli import main
from northstar.web.files import static

static.CALM_S = 3600

if __name__ == "__main__":
    main()
