"""The machine room: settings, code table, carrier, wiring, doctor, command line. It knows everyone; nobody knows it."""
