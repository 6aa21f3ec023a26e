"""The pages of the inbox: all conversations with vendors, over all channels."""
