"""The pages, served by Dash."""
