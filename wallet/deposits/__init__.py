"""What vendors hand back to a person: it waits until they look at it, and what they keep says where it came from."""
