"""What vendors publish to topics: brought to each person as they want it, or read by them as a feed."""
