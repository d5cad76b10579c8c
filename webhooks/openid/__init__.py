"""The page as an OpenID provider (OpenID Connect Core 1.0): any application can ask a browser to prove a phone."""
