"""A small Django project around two packages that use Twilio; only the addresses are ours."""
