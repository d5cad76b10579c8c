"""The domain: decisions as pure functions, the ports they need, and the use cases.

Nothing here opens a socket, reads a clock or looks at the environment.
"""
