"""What a person says of vendors to everybody, and what they can show of themself."""
