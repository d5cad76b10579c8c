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
    "ro-RO": """
start: porneste; reia
help: ajutor
report: frauda; nu; nu am fost eu; nu eu; nu sunt eu; raporteaza
S: inceteaza; incetati; opreste; opriti; terminati
K: anulare; anuleaza; anulati; gata
U: lasa ma in pace; lasati ma in pace; scoateti ma; stergeti ma
B: dezaboneaza ma; dezabonare; dezabonati ma
L: scoateti; sterge; stergeti
H: numarul meu
C: apelati; contactati; deranjati; scrieti; suna; sunati; trimite; trimiteti
I: sa imi scrieti; sa imi trimiteti; sa ma contactati; sa ma mai sunati; sa ma sunati; sa mai trimiteti; sa sunati;
sa trimiteti
N: nu imi mai; nu ma; nu ma mai; nu mai; nu mi; nu mi mai
Q: nu doresc; nu mai doresc; nu mai vreau; nu vreau
R: sa mai primesc; sa primesc
A: din nou; niciodata
T: apeluri; apelurile; coduri; codurile; mesaje; mesajele; sms uri; sms urile
E: ati gresit numarul; numar gresit
P: multumesc; te rog; va rog
F: acest numar; de pe lista; la acest numar
""",
    "hu-HU": """
start: inditas; kezdes
help: segitseg
report: bejelentes; csalas; nem; nem en; nem en voltam; nem en kertem
S: allitsak le; fejezzek be; hagyja abba; hagyjak abba; szunjenek meg
K: eleg volt; eleg legyen; lemondas; torles
U: hagyjanak beken; hagyjon beken
B: leiratkozas; leiratkozom; leiratkoznek
L: toroljek; torolje; vegyek le
H: a szamomat; az en szamomat; engem; nekem; szamomat
C: hivjanak; hivjon; hivogassanak; irjanak; irjon; keressenek; kuldjenek; kuldjon; zavarjanak; zavarjon
Q: nem akarok; nem kerek; nem szeretnek
R: kapni
A: soha; soha tobbe; tobbe; tobbet
M: tobb
T: hivasokat; hivast; kodot; kodokat; sms eket; sms t; uzenetet; uzeneteket
E: rossz szam; teves; teves szam
P: kerem; koszi; koszonom; legyszives
F: az; erre a szamra; ezt a szamot; ezeket; ezt; a listarol
""",
}
