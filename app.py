"""NorthStar: `python app.py --demo`, `python app.py --ws-url …`, or `uvicorn app:server`."""

from northstar.cli import create, main

if __name__ == "__main__":
    main()
else:
    server, _ = create()
