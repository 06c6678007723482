"""Who may see what: credentials, sign-in, limits and headers."""
