"""The integration guide's Flask server from section 1.

Parts that the guide leaves out are in sections.json; it does not say when to emit, which is every
second here, as in its Node server.
"""

import json
import os
from datetime import datetime
from pathlib import Path

from flask import Flask
from flask_cors import CORS
from flask_socketio import SocketIO, emit

EVENT = os.environ.get("EVENT", "pnl-update")
PORT = int(os.environ["PORT"])
REVENUE = float(os.environ.get("REVENUE", "125450"))
SECTIONS = json.loads(Path(__file__).with_name("sections.json").read_text(encoding="utf-8"))

app = Flask(__name__)
CORS(app)
socketio = SocketIO(app, cors_allowed_origins="*")


@socketio.on("connect")  # type: ignore[untyped-decorator]  # comes without types
def on_connect() -> None:
    """Greet a client with an event that is no update."""
    print("Client connected")  # noqa: T201 (the guide's)
    emit("response", {"data": "Connected to P&L stream"})


def emit_pnl_update() -> None:
    """Send one update with a timestamp without zone to every client."""
    pnl_data = {
        "timestamp": datetime.now().isoformat(),  # noqa: DTZ005 (the guide's)
        "revenue": REVENUE,
        "expenses": 48320,
        "netPnL": 77130,
        "previousRevenue": 118200,
        "previousExpenses": 45600,
        "previousNetPnL": 72600,
        "trendsData": SECTIONS["trendsData"],
        "costBreakdown": SECTIONS["costBreakdown"],
        "agentAttribution": SECTIONS["agentAttribution"],
    }
    socketio.emit(EVENT, pnl_data)


def emit_every_second() -> None:
    """Emit while the program runs."""
    while True:
        emit_pnl_update()
        socketio.sleep(1)


if __name__ == "__main__":
    socketio.start_background_task(emit_every_second)
    socketio.run(app, host="127.0.0.1", port=PORT, allow_unsafe_werkzeug=True)
