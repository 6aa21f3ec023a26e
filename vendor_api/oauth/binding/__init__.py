"""What ties a token to a key of the vendor: DPoP proofs and certificates."""
