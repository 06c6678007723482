"""What the instances of a cluster share in PostgreSQL: the lease, the truth, and each other.

Coroutines only, with time limits: a database that hangs delays no frame.
"""
