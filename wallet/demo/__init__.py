"""A small shop that is a stranger to the wallet, and a person who walks the whole way from being asked to saying no."""
