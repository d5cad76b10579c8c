"""The commands that work on what is kept, a file for each group of them."""
