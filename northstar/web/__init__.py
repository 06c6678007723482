"""The ASGI application: pages, sockets and the HTTP interface, on one port."""
