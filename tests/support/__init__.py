"""What tests share: servers, pages, messages, waiting."""
