"""The WebSocket streams, and the uvicorn protocols under them."""
