"""One file for each language. `words.words(tag)` imports it when it is first needed."""
