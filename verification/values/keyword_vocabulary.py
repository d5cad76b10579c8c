"""More phrases that texts to us are read by, of one language after the other: their roles are those of `keywords.py`.

A phrase has one role in all languages together, so words that mean something else in another language stand here with
their neighbors ("nu ma mai", because "nu" is "now" in Dutch and Swedish).
"""

from .keyword_scripts import VOCABULARY as OTHER_SCRIPTS

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
    "en-IN": """
C: send otp; send otps
T: otp; otps
""",
    "es-US": """
U: saquenme
L: saquen
C: textee; texteen; textees
I: textear; textearme
""",
    "id-ID": """
start: mulai
help: bantuan
call: telepon saya
report: bukan saya; lapor; tidak
S: berhenti; hentikan
K: batal; batalkan; cukup; setop
B: berhenti berlangganan
L: hapus
H: nomor saya; saya
C: ganggu; hubungi; kirim; kirimi; telepon
I: menelepon; mengganggu; menghubungi; mengirim
N: jangan
Q: tidak ingin; tidak mau
R: menerima
A: lagi
T: kode; panggilan; pesan
F: ini; ke; kepada
P: mohon; terima kasih; tolong
E: salah nomor
""",
    "vi-VN": """
start: bat dau
help: tro giup
call: goi cho toi; goi lai cho toi
report: khong; khong phai toi
S: dung lai; ngung
K: huy
B: huy dang ky
L: xoa
H: so cua toi; toi
I: goi; gui; gui ma; lam phien; nhan tin
N: dung; xin dung
Q: khong muon
R: nhan
A: nua
T: cuoc goi; ma xac thuc; nhan tin nhan; tin nhan
F: cho; so
P: cam on; vui long; xin
E: nham so; nham so roi
""",
    "ca-ES": """
start: comenca; repren
call: trucam; truqueu me
report: frau; no he estat jo; no l he demanat; no soc jo
S: atura; atureu; deixa de; deixeu d; deixeu de; para de; pareu; pareu de
K: baixa; cancel la; cancel leu; prou
U: deixeu me en pau; deixa m en pau; doneu me de baixa; elimineu me; traieu me
L: elimina; elimineu; esborra; esborreu; traieu
H: el meu numero; el meu telefon
C: contacteu; enviis; envieu; escriguis; escriviu; truquis; truqueu
I: enviar me; escriure; escriure me; molestar me; trucar; trucar me
N: no em; no m; no ens
Z: no envieu; no escriviu; no molesteu; no truqueu
Q: no vull
R: rebre
A: mai; mai mes; no torneu a
T: codis; els missatges; les trucades; missatges; trucades
E: numero equivocat; us heu equivocat; us heu equivocat de numero
P: gracies; si us plau; sisplau
F: a aquest numero; aquest numero; de la llista; d aquesta llista
""",
    **OTHER_SCRIPTS,
}
