"""What an authorization request says, in each way it can be said, and how its answer travels."""
