"""The phrases of the other languages in Latin letters. `verification.values.keywords` says what the roles mean."""

VOCABULARY = {
    "fi-FI": """
start: aloita
help: apua
report: ei; ilmoita
code: koodi; koodia
S: lopeta; lopettakaa
K: peruuta
U: jattakaa minut rauhaan
L: poista; poistakaa
H: numeroni
C: laheta; lahettako; smsa; soita; soittako
G: lahettaminen; soittaminen; soittelu
N: ala; alkaa
0: ei
Q: en halua
R: saada
M: enaa
T: puheluita; viesteja; viestien; viestit
F: listalta; minulle; numerooni
J: tai
X: haluan
P: kiitos; jo
1: nyt
E: vaara numero
""",
    "pl-PL": """
start: zacznij
help: pomoc
report: nie; zglos
code: kod
S: przestac; przestan; przestancie
K: anuluj; rezygnuje
U: dajcie mi spokoj; zostawcie mnie w spokoju
B: mnie wypisac; wypisz
L: usun; usuncie
H: moj numer
C: dzwon; dzwoncie; pisz; piszcie; wysylajcie
I: dzwonic; pisac; wysylac
N: nie
Q: nie chce
R: dostawac
M: wiecej
T: kodow; kody; sms ow; sms y; smsow; smsy; wiadomosci; kod
F: listy; mnie; moj; z; ten
J: lub
X: chce
P: dziekuje; prosze; prosze mi
1: teraz
E: zly numer
!: tylko; zamiast
""",
    "cs-CZ": """
start: zacit
report: nahlasit; ne
S: prestan; prestante
K: zrusit
U: dejte mi pokoj; nechte me byt; odhlaste
B: odhlasit; zruste odber
L: smazte; vymazte
H: moje cislo
I: posilat; psat; volat
N: ne
0: zadne; zadnych
Z: nekontaktujte; nepiste; neposilejte; nevolej; nevolejte
Q: nechci
R: dostavat
A: uz
M: dalsi; vice
T: hovory; zprav; zpravy
F: seznamu; ze
J: nebo
X: chci
P: dekuji; prosim
E: spatne cislo
!: jen; misto
""",
    "sk-SK": """
start: zacat; spustit
report: nie som to ja; nebol som to ja; nebola som to ja; to nie som ja
S: prestat
U: dajte mi pokoj; odhlaste ma
L: zmazte; odstrante
I: posielat; pisat; volavat
Z: nekontaktujte; neotravujte; neposielajte; nevolaj; nevolajte; nepis
Q: nechcem; neprajem si
R: dostavat
A: nikdy; uz nikdy; znova
M: dalsich; dalsie; viac
T: kodov; sprav; spravy
F: na toto cislo; toto cislo; zo zoznamu
P: dakujem
E: zle cislo; nespravne cislo; mate zle cislo
""",
    "hu-HU": """
start: inditas; kezdes
help: segitseg
report: bejelentes; csalas; nem; nem en; nem en voltam; nem en kertem
code: kodot
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
F: az; erre a szamra; ezt a szamot; ezeket; ezt; a listarol
P: kerem; koszi; koszonom; legyszives
E: rossz szam; teves; teves szam
""",
    "tr-TR": """
start: basla
help: yardim
report: bildir; hayir
code: kodu
V: birakin; durdurun
K: dur; durdur; durun; iptal; ret
U: beni rahat birakin
B: aboneligi iptal et
L: cikarin; silin
H: beni; numarami
G: aramayi; gondermeyi
Z: aramayi kesin; aramayin; atmayin; gondermeyin; rahatsiz etmeyin; yazmayin
Q: istemiyorum
R: almak
A: artik; bir daha
T: mesaj; mesajlari
F: bana; bu; listeden; numarayi
J: veya
P: lutfen
1: simdi
E: yanlis numara
!: sadece; yerine
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
code: ma xac minh; ma xac thuc
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
}
