"""A Twilio of your own: Twilio's HTTP interface on this machine, with telephones that answer when told.

`twilio_simulator.app.create_app` makes the HTTP server, `twilio_simulator.engine.Twilio` is the engine behind it.
The package is a stranger to the code that it tests: it reads TwiML with its own parser and signs with Twilio's own
class.
"""
