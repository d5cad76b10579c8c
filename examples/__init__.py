"""Applications that use Saycode as anybody's would: over its API, with libraries from the shelf."""
