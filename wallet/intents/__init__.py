"""Intents: what a person looks for, told to vendors without saying who it is, and what these offer."""
