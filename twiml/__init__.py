"""Prompts to TwiML and text messages. Pure functions: values in, a document or a text out.

call        the documents of a call: `render(prompt, words, …)`
text        the text message with the code, replies to text messages, how carriers count segments
words       the words of a language; `choice` finds the language, `sentences` lists what each one must have
document    the TwiML verbs, checked
listening   how long a document takes to hear, and how many characters are spoken
"""
