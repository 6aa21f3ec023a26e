"""What people and vendors say to each other: threads, messages, the inbox."""
