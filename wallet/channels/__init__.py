"""How a message reaches a person: kinds of channel, their addresses, and what is on its way (docs/channels.md)."""
