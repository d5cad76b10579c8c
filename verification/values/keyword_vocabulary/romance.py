"""The phrases of the Romance languages. `verification.values.keywords` says what the roles mean."""

VOCABULARY = {
    "es-ES": """
start: empezar; iniciar
help: ayuda
report: denunciar
code: codigo
S: deja de; dejad de; deje de; dejen de; paren
K: alto; baja; cancelar; para
U: borrenme; dejenme en paz; denme de baja; eliminenme; quitenme
B: cancelar suscripcion; dar de baja; darme de baja
L: borren; eliminen; quiten
H: este numero; mi numero
C: contacten; envien; envies; escriban; escribas; llame; llameis; llamen; llames; manda; mande; manden; mandes; molesten
I: contactar; enviar; enviarme; escribir; escribirme; llamar; llamarme; mandar; mandarme; molestar; molestarme
N: no me; no nos; no quiero que me
Z: no envien; no llame; no llamen; no manden
Q: no quiero
R: recibir
A: nunca mas; vuelvan a
M: mas
T: codigos; llamadas; mensajes; textos
D: eso; esto
F: con; de; del; en; esta; este; estos; la; lo; los; mi; numero; su; y; l
J: o
X: quiero
P: gracias; por favor
1: ahora
E: numero equivocado
!: mejor; solo
""",
    "es-US": """
U: saquenme
L: saquen
C: textee; texteen; textees
I: textear; textearme
""",
    "fr-FR": """
start: commencer
help: aide
report: non; rapporter; signaler
S: arret; arrete; arreter; arretez; d arreter
U: desabonnez moi; desinscrivez moi; laissez moi tranquille
B: desabonnement; desabonner; desinscription; desinscrire; me desabonner; me desinscrire; se desabonner
L: supprimez; retirez
H: ce numero; moi; mon numero
C: appelez; appelle; contacte; contactez; derangez; ecrivez; envie; envoyez; telephonez; texte
I: appeler; contacter; deranger; ecrire; envoyer; telephoner
Q: je ne veux pas; je ne veux plus
R: etre contacte; recevoir
M: plus
T: appels
D: ca
F: aux; ce; ces; d; des; et; le; les; liste; mes; sur; tous; vos; votre; ma
J: ou
Y: vous
X: je souhaite; je veux; je voudrais
P: merci; merci de; s il vous plait; svp; veuillez
1: maintenant
E: faux numero; mauvais numero
!: plutot; seulement
""",
    "fr-CA": """
S: cesse; cesser; cessez
U: lachez moi; otez moi
L: efface; effacez; enleve; enlevez
C: textez
I: texter
P: s v p
""",
    "it-IT": """
start: inizia
help: aiuto
report: segnala
code: codice
S: fermatevi; smettete; smettetela; smettila
K: annulla; basta
U: cancellami; cancellatemi; disiscrivimi; lasciatemi in pace; toglietemi
B: disiscrivermi; disiscrivi
L: cancellate; togliete
H: il mio numero
C: chiamate; chiamatemi; contattatemi; inviate; inviatemi; mandatemi; scrivete; scrivetemi
I: chiamare; chiamarmi; contattarmi; scrivere; scrivermi
N: non
Q: non voglio
R: essere contattato; ricevere
A: mai piu
M: piu
T: messaggi
F: alla; dalla; della; e; questi; questo; vostri; di; il
X: voglio; vorrei
P: grazie; per favore; subito
1: adesso
E: numero sbagliato
""",
    "pt-BR": """
stop: remover
start: comecar
help: ajuda
report: nao
S: chega de; deixe de; deixem de; para de; parar; pare; parem
K: sair
U: deixem me em paz; me deixem em paz
B: cancelar a inscricao; cancelar inscricao; descadastrar; sair da lista
L: apaguem; remova; removam; retirem; tira; tirem
H: meu numero; o meu numero
C: contactem; contatem; enviem; escrevam; liga; ligue; liguem; ligues; mandem; telefonem
I: escrever; ligar; telefonar
N: nao me; nao
Q: nao quero
R: receber
M: mais
T: chamadas; ligacoes; mensagem; mensagens
D: isso; isto
F: com; da lista; da sua; do; lista; meu; minha; pa; suas; os
X: quero
P: obrigada; obrigado
1: agora
E: numero errado
""",
    "ca-ES": """
start: comenca; repren
call: trucam; truqueu me
report: frau; no he estat jo; no l he demanat; no soc jo
code: codi
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
F: a aquest numero; aquest numero; de la llista; d aquesta llista
P: gracies; si us plau; sisplau
E: numero equivocat; us heu equivocat; us heu equivocat de numero
""",
    "ro-RO": """
start: porneste; reia
help: ajutor
report: frauda; nu; nu am fost eu; nu eu; nu sunt eu; raporteaza
code: cod; codul
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
F: acest numar; de pe lista; la acest numar
P: multumesc; te rog; va rog
E: ati gresit numarul; numar gresit
""",
}
