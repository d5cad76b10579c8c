"""More phrases that texts to us are read by, of one language after the other: their roles are those of `keywords.py`.

A phrase has one role in all languages together, so words that mean something else in another language stand here with
their neighbors ("nu ma mai", because "nu" is "now" in Dutch and Swedish).
"""

VOCABULARY = {
    "en-AU": """
U: take my mobile number off; take my mobile off
H: my mobile; my mobile number; this mobile
""",
    "fr-CA": """
S: cesse; cesser; cessez
U: lachez moi; otez moi
L: efface; effacez; enleve; enlevez
C: textez
I: texter
P: s v p
""",
}
