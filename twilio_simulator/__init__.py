"""A local Twilio: its REST API, its webhooks, and simulated phones that a test or a person controls.

`twilio_simulator.app.create_app` returns the HTTP server, an ASGI application. `twilio_simulator.engine.Twilio` is the
engine behind it. The package shares no code with the applications it tests: it has its own TwiML parser, and signs
webhooks with Twilio's own class.
"""
