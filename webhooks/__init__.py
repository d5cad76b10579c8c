"""THE DOORS. Starlette: Twilio's webhooks, the page, the API. Knows the rules and the words, nothing below them."""
