"""A small shop. Its customers sign in with a password; what a thief would change needs a phone as well."""
