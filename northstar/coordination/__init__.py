"""State that cluster instances share in PostgreSQL: lease, truth, list of instances.

Coroutines only, with time limits: a database that hangs delays no frame.
"""
