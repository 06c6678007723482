"""Static files, compressed once and cached."""
