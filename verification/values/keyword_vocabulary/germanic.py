"""The phrases of the Germanic languages. `verification.values.keywords` says what the roles mean."""

VOCABULARY = {
    "en-US": """
stop: remove
start: resume; start; unstop; yes
help: help; info
call: call; call me; ring; ring me
report: fraud; it was not me; it wasnt me; no; nope; not me; report; scam; this was not me; this wasnt me
code: code; otp
S: cease; sotp; st0p; stop; stpo
K: cancel; cease and desist; end; halt; quit; revoke
U: be removed; be taken off; get me off; i revoke consent; i revoke my consent; leave me alone; leave us alone;
lose my number; lose this number; opt me out; revoke consent; revoke my consent; take me off; take my name off;
take my number off; take this number off
B: bugger off; fuck off; get lost; go away; opt out; optout; piss off; unsub; unsubcribe; unsubscibe; unsubscrib;
unsubscribe; unsubsribe; unsuscribe
L: delete; erase; remove
H: me; my name; my number; my phone; my phone number; this number; us
C: bother me; bother us; call; contact; harass; message; msg; ring; send any; send anything; send anything else;
send codes; send me; send messages; send more; send sms; send texts; send these; send us; sms me; spam me; text; txt;
write
G: annoying; bothering; bugging; calling; contacting; getting; harassing; messaging; msging; pestering; receiving;
ringing; sending; spamming; texting; txting; using; writing
N: do not; do not ever; dont; dont ever; i do not want you to; i dont want you to; n; never; never ever
0: no
Q: dont want; i do not want; i do not wish; i dont want; i dont wish; i no longer want; i no longer wish
R: be called; be contacted; be texted; get; receive
A: any longer; any more; anymore; ever; ever again; me again; my phone again; this number again; us again
M: more
T: all; all communication; all contact; another text; any contact; anything; anything else; calls; codes; crap; emails;
everything; messages; nonsense; notifications; phone calls; security codes; sms; spam; stuff; text messages; texts;
verification codes
D: it; that; them; these; this; those
F: again; an; and; another; as; at; contact list; database; for; from; from you; in; list; m; number; of; off the;
off this; off your; out; phone; records; system; to; with
W: a; any; my; the; your
J: nor; or
X: i need to; i need you to; i want; i wish; i would like; id like; you have to; you need to
P: already; asap; bro; cheers; dude; for the last time; fucking; hello; hey; hi; i already said; i am asking you to;
i asked you to; i said; i told you to; im asking you to; immediately; just; kindly; mate; oh my god; ok; okay; omg;
please; please and thank you; pls; plz; sir; sorry; thank you; thanks; thx; ugh; ya
1: now; right now; today
E: enough; i am not interested; i dont want this; im not interested; no thanks; not interested; wrong number;
wrong person; you got the wrong number; you have the wrong number; you have the wrong person
!: but; call me that; calling me that; instead; need; only; prefer; rather; send
+: because; before; cause; i; id; ill; im; its; ive; my name is; this is; this isnt; we; who; you; youre
""",
    "en-AU": """
U: take my mobile number off; take my mobile off
H: my mobile; my mobile number; this mobile
""",
    "en-IN": """
C: send otp; send otps
T: otp; otps
""",
    "de-DE": """
start: starten
help: hilfe
report: melden; nein
S: aufhoren; hor auf; horen sie auf; hort auf; stoppen
U: lass mich in ruhe; lassen sie mich in ruhe; lasst mich in ruhe
B: abbestellen; abmelden; abmeldung; meine nummer loschen; mich abmelden; nummer loschen
L: loschen sie; loscht; streichen sie
H: diese nummer; meine nummer; mich
C: kontakt; ruf; rufen; ruft; schicken sie; schickt; schreib; schreibt; senden sie
I: anrufen; anzurufen; kontaktieren; schicken; schreiben; senden; smsen
O: nicht; nie wieder
0: keine
Q: ich mochte keine; ich mochte nicht; ich moechte keine; ich moechte nicht; ich will keine; ich will nicht
R: angerufen werden; bekommen; erhalten; kontaktiert werden
M: mehr; weitere; weiteren
T: anrufe; nachrichten
F: auf; aus; damit; das; der; die; diese; dieser; ihre; ihrer; mir; nummer; uns; von; zu; den; und
J: oder
Y: sie
X: ich mochte; ich will
P: bitte; danke; endlich; sofort
1: jetzt
E: falsche nummer
!: lieber; nur; stattdessen
""",
    "nl-NL": """
help: hulp
report: nee
S: houd op; ophouden
U: haal mij van de lijst; laat me met rust; laat mij met rust; schrijf mij uit
B: afmelden; afmelden graag; uitschrijven
L: verwijder
H: dit nummer; mij; mijn nummer
C: bel; stuur
I: bellen; sturen
O: niet; nooit; nooit meer
0: geen
Q: ik wil geen; ik wil niet
R: gebeld worden; krijgen; ontvangen
M: meer
T: berichten; telefoontjes
F: deze; het; lijst; mijn; naar; op; te; uw; van; met
Y: jullie; u
X: ik wil
P: alsjeblieft; alstublieft; aub; bedankt
1: nu
E: verkeerd nummer
!: alleen; graag; in plaats
""",
    "sv-SE": """
help: hjalp
report: anmal; nej
code: koden
S: sluta; stoppa
K: avsluta
U: lamna mig i fred; lamna mig ifred
B: avregistrera
L: ta bort
H: mig; mitt nummer
C: skriv
I: kontakta; ringa; skicka; stora
O: aldrig; inte
0: inga; ingen
Q: jag vill inte; jag vill inte ha
R: bli kontaktad; fa
A: igen
M: fler
T: meddelanden; samtal; koder
F: dessa; detta; fran; listan; med; och; till
J: eller
Y: ni
X: jag vill
P: snalla; tack
E: fel nummer
!: istallet
""",
    "da-DK": """
report: anmeld
S: hold op
U: lad mig vaere
B: afmeld
L: slet
H: mit nummer
C: send flere; send mig
I: kontakte; ringe; skrive; sende
O: ikke
Z: send ikke
Q: jeg vil ikke have
R: modtage
M: flere; mere
T: beskeder; opkald; smser
D: det; dette
F: fra; listen; mit; og; til
X: jeg vil
P: tak; venligst
E: forkert nummer
!: i stedet
""",
    "nb-NO": """
help: hjelp
report: nei
code: kode
S: slutt
U: la meg vaere; meld meg av
B: avmeld
L: fjern; slett
H: meg; nummeret mitt
C: send meg
O: aldri
Q: jeg vil ikke ha
R: motta
A: igjen
M: mer
T: meldinger
P: takk; vaer sa snill og; vennligst
1: na
E: feil nummer
""",
}
