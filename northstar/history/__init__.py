"""What must outlive the process, in SQLite or PostgreSQL."""
