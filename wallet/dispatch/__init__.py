"""Between the inbox and the channels: what goes out, whether it may, what it is, and what comes back by mail."""
