"""Applications that use Saycode over its API, with off-the-shelf libraries."""
