"""What a reset is, which moves it can make, and who may make them."""
