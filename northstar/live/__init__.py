"""From the feed to the frames that viewers get."""
