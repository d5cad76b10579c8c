"""THE RULES. Decisions as pure functions, the ports they need, and the few verbs of the service.

Nothing here opens a socket, reads a clock or looks at the environment.
"""
