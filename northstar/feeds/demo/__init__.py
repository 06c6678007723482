"""The bundled emitter: invented figures in the guide's format, and the days before them."""
