"""Disputes: all proof of what was agreed with one vendor, in one file that anybody can check without this wallet."""
