"""The ASGI application: pages, sockets and the HTTP API, on one port."""
