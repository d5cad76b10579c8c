"""The API: Twilio Verify v2's shape, so that Twilio's own client libraries work when they are pointed here.

Names, error codes and null rules are Verify's (https://www.twilio.com/docs/verify/api); what is ours beyond it says so.
"""
