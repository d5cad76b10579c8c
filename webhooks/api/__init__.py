"""The API, in the shape of Twilio Verify v2: Twilio's client libraries work with it.

Names, error codes and nulls are Verify's (https://www.twilio.com/docs/verify/api). Parameters and fields beyond it are
marked as Saycode extensions.
"""
