"""What IT decides about an account: a suspected breach, or a planned reset."""
