"""What messages mean: pure code, without a clock or I/O."""
