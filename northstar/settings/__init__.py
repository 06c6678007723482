"""Settings: one table, read once into one frozen object."""
