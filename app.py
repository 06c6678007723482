"""NorthStar: `python app.py --demo`, `python app.py --ws-url …`, or `uvicorn app:server`."""

import sys

from northstar.command import refuse, run
from northstar.errors import ConfigurationError
from northstar.server import create_server
from northstar.settings import load

try:
    settings = load(sys.argv[1:] if __name__ == "__main__" else ())
    server = create_server(settings)
except ConfigurationError as error:
    refuse(str(error), code=2)

if __name__ == "__main__":
    run(server, settings)
