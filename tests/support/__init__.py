"""Shared code of tests: servers, pages, messages, waiting."""
