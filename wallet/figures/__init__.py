"""Count people for vendors' figures and for statistics, so that nobody learns of one of them."""
