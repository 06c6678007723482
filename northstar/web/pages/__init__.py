"""The pages as Dash serves them."""
