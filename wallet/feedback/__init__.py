"""What people tell vendors, and what becomes of it: who answers until when, the answer, what was done and why."""
