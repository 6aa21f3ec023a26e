"""Reviews as vendors and the public read them: published documents, their log, and the vendor's one answer."""
