"""Send notifications to webhooks and to the services of apprise."""
