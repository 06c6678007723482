"""What the messages mean: pure, with no clock and no I/O."""
