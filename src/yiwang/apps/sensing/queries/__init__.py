"""What devices said last, over a while, and what stands against them."""
