"""Messages, state, calendar and clocks: pure code, without a clock or I/O."""
