"""Hooks: systems that make a code themselves post it here, each in its own shape, and it is said or texted."""
