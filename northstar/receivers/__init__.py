"""Where notifications go: webhooks of our own, and the services of apprise."""
