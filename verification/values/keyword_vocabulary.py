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
    "sk-SK": """
start: zacat; spustit
report: nie som to ja; nebol som to ja; nebola som to ja; to nie som ja
S: prestat
U: dajte mi pokoj; odhlaste ma
Z: nekontaktujte; neotravujte; neposielajte; nevolaj; nevolajte; nepis
I: posielat; pisat; volavat
L: zmazte; odstrante
M: dalsich; dalsie; viac
T: kodov; sprav; spravy
Q: nechcem; neprajem si
R: dostavat
A: nikdy; uz nikdy; znova
E: zle cislo; nespravne cislo; mate zle cislo
P: dakujem
F: na toto cislo; toto cislo; zo zoznamu
""",
    "uk-UA": """
start: відновити; почати; старт
help: допомога; довідка
report: ні; не я; це не я; це був не я; це була не я; шахраї; шахрайство; повідомити про шахрайство
S: зупиніть; перестань; перестаньте; припини; припиніть; стоп
K: годі; досить; скасувати; скасуйте
U: відпишіть; відпишіть мене; відчепіться; дайте мені спокій; залиште мене в спокої
B: відписатися; відписатись; відписка
L: видаліть; приберіть
H: мене; мені; мій номер; нас
C: дзвони; дзвоніть; надсилайте; пишіть; присилайте; телефонуйте; турбуйте; шліть
I: дзвонити; надсилати; писати; присилати; телефонувати; турбувати
N: не
Q: не хочу; я не хочу
R: отримувати; отримати
A: більше; більш; знову; ніколи; ніколи більше
T: дзвінки; дзвінків; код; коди; кодів; повідомлень; повідомлення; смс; смски
E: не той номер; ви помилилися номером; помилка номером
F: ваші; зі списку; із; на цей номер; свої; усі; ці
P: будь ласка; дякую; прошу
""",
}
