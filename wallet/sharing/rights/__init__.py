"""Ask vendors for what is the person's by right, watch what becomes of it, and complain where nothing does."""
