"""HTTP with Starlette: Twilio's webhooks, the page and the API."""
