"""Authentication: credentials, sign-in, rate limits and security headers."""
