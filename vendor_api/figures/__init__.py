"""Figures of a vendor's dialogue, which never tell what one person did; and statistics people contribute to."""
