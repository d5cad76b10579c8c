"""The words: plain values in, TwiML or text out. Pure; it imports the standard library and `twilio.twiml` only.

words       one language's sentences, found by tag, browser header or country
call        the documents of a call
text        the text message with the code, replies to texts, how texts are counted
listening   how long a document takes to hear, and what it costs in characters
"""
