"""The product on a machine: settings, store, Twilio client, server, doctor, command line. No package imports it."""
