"""What a text message to us asks for.

Law and carriers ask that a clear wish to stop is obeyed in any reasonable wording. No automatic answer, question, quote
or complaint about a missing code may suppress a number. So the vocabulary is closed: a clause is a wish
when we know all its words and their roles make one (`_MEANINGS`).

- A keyword counts alone or with words of politeness.
- A plain wish ("stop texting me") also counts beside sentences that we do not understand, unless the text asks for
  something ("just text me") or has a code or a link, as forwarded messages have.
- A faint wish ("don't call me", "no more texts", a keyword between commas) counts when we understand the whole text.
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from .keyword_vocabulary import VOCABULARY


class Keyword(StrEnum):
    """What a text asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    CALL = "call"
    REPORT = "report"
    OTHER = "other"


# Twilio passes on 1600 letters. More words are conversation or a machine's; no clause of ours has more letters.
MAX_LENGTH, MAX_WORDS, MAX_LETTERS = 1600, 40, 200
# What Twilio acts on and answers by itself: https://help.twilio.com/articles/223134027
_PROVIDER_KEYWORDS = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"), Keyword.STOP),
    **dict.fromkeys(("start", "yes", "unstop"), Keyword.START),
    **dict.fromkeys(("help", "info"), Keyword.HELP),
}
# With or without accents: other keywords, and phrases with a role. `VOCABULARY` has those of further languages.
# S: stop. V: the same behind its verb. K: keywords that say something else beside other words.
# B: unsubscribe; alone in a longer text it may be a link. U: complete orders. L, H: remove, object. C: contact, as an
# order; G: after "stop"; I: both. N: not, before a verb; O: on either side of it; 0: before a noun. Z: orders not to.
# Q: I do not want. R: to get. A: again. M: more. T: what is sent. D: it. F, W: small words. J: or. Y: you. X: I want.
# P, E: polite words and reasons. 1: now (not now is not never). !: asks for something else. +: the next clause begins.
_WORDS = """
stop: remove; remover
start: aloita; basla; comecar; commencer; empezar; iniciar; inizia; resume; start; starten; unstop; yes; zacit; zacznij;
ابدأ; 再開; 开始; 開始
help: aide; aiuto; ajuda; apua; ayuda; help; hilfe; hjalp; hjelp; hulp; info; pomoc; yardim; مساعدة; ヘルプ; 帮助; 幫助
call: call; call me; ring; ring me
report: anmal; anmeld; bildir; denunciar; ei; fraud; hayir; ilmoita; it was not me; it wasnt me; melden; nahlasit; nao;
ne; nee; nei; nein; nej; nie; no; non; nope; not me; rapporter; report; scam; segnala; signaler; this was not me;
this wasnt me; zglos; إبلاغ; بلاغ; لا; いいえ; 不; 不是我; 举报; 报告; 通報
S: arret; arrete; arreter; arretez; aufhoren; cease; chega de; d arreter; deixe de; deixem de; deja de; dejad de;
deje de; dejen de; fermatevi; hold op; hor auf; horen sie auf; hort auf; houd op; lopeta; lopettakaa; ophouden; para de;
parar; pare; parem; paren; prestan; prestante; przestac; przestan; przestancie; sluta; slutt; smettete; smettetela;
smettila; sotp; st0p; stop; stoppa; stoppen; stpo; اوقف; اوقفوا; ايقاف; توقف; توقفوا; 停止
V: birakin; durdurun; やめて; 停止して; 止めて
K: alto; annulla; anuluj; avsluta; baja; basta; cancel; cancelar; cease and desist; dur; durdur; durun; end; halt;
iptal; para; peruuta; quit; ret; revoke; rezygnuje; sair; zrusit; الغاء; قف; كفى; 取消; 解除
U: be removed; be taken off; beni rahat birakin; borrenme; cancellami; cancellatemi; dajcie mi spokoj; deixem me em paz;
dejenme en paz; dejte mi pokoj; denme de baja; desabonnez moi; desinscrivez moi; disiscrivimi; eliminenme; get me off;
haal mij van de lijst; i revoke consent; i revoke my consent; jattakaa minut rauhaan; la meg vaere; laat me met rust;
laat mij met rust; lad mig vaere; laissez moi tranquille; lamna mig i fred; lamna mig ifred; lasciatemi in pace;
lass mich in ruhe; lassen sie mich in ruhe; lasst mich in ruhe; leave me alone; leave us alone; lose my number;
lose this number; me deixem em paz; meld meg av; nechte me byt; odhlaste; opt me out; quitenme; revoke consent;
revoke my consent; schrijf mij uit; take me off; take my name off; take my number off; take this number off; toglietemi;
zostawcie mnie w spokoju; ازيلوا رقمي; الغ الاشتراك; 把我从名单中删除
B: abbestellen; abmelden; abmeldung; aboneligi iptal et; afmeld; afmelden; afmelden graag; avmeld; avregistrera;
cancelar a inscricao; cancelar inscricao; cancelar suscripcion; dar de baja; darme de baja; desabonnement; desabonner;
descadastrar; desinscription; desinscrire; disiscrivermi; disiscrivi; me desabonner; me desinscrire;
meine nummer loschen; mich abmelden; mnie wypisac; nummer loschen; odhlasit; opt out; optout; sair da lista;
se desabonner; uitschrijven; unsub; unsubcribe; unsubscibe; unsubscrib; unsubscribe; unsubsribe; unsuscribe; wypisz;
zruste odber; الغاء الاشتراك; 取消订阅; 登録解除; 退订; 送信停止; 配信停止
L: apaguem; borren; cancellate; cikarin; delete; eliminen; erase; fjern; loschen sie; loscht; poista; poistakaa; quiten;
remova; removam; remove; retirem; retirez; silin; slet; slett; smazte; streichen sie; supprimez; ta bort; tira; tirem;
togliete; usun; usuncie; verwijder; vymazte; 删除
H: beni; ce numero; diese nummer; dit nummer; este numero; il mio numero; me; meg; meine nummer; meu numero; mi numero;
mich; mig; mij; mijn nummer; mit nummer; mitt nummer; moi; moj numer; moje cislo; mon numero; my name; my number;
my phone; my phone number; numarami; numeroni; nummeret mitt; o meu numero; this number; us; 我的号码; 这个号码
C: appelez; appelle; bel; bother me; bother us; call; chiamate; chiamatemi; contact; contacte; contactem; contacten;
contactez; contatem; contattatemi; derangez; dzwon; dzwoncie; ecrivez; envie; enviem; envien; envies; envoyez; escrevam;
escriban; escribas; harass; inviate; inviatemi; kontakt; laheta; lahettako; liga; ligue; liguem; ligues; llame; llameis;
llamen; llames; manda; mandatemi; mande; mandem; manden; mandes; message; molesten; msg; pisz; piszcie; ring; ruf;
rufen; ruft; schicken sie; schickt; schreib; schreibt; scrivete; scrivetemi; send any; send anything;
send anything else; send codes; send flere; send me; send meg; send messages; send mig; send more; send sms; send texts;
send these; send us; senden sie; skriv; sms me; smsa; soita; soittako; spam me; stuur; telefonem; telephonez; text;
texte; txt; write; wysylajcie; تتصل; تتصلوا; تراسلني; تراسلوني; ترسل; ترسلوا
G: annoying; aramayi; bothering; bugging; calling; contacting; getting; gondermeyi; harassing; lahettaminen; messaging;
msging; pestering; receiving; ringing; sending; soittaminen; soittelu; spamming; texting; txting; writing
I: anrufen; anzurufen; appeler; bellen; chiamare; chiamarmi; contactar; contacter; contattarmi; deranger; dzwonic;
ecrire; enviar; enviarme; envoyer; escrever; escribir; escribirme; kontakta; kontakte; kontaktieren; ligar; llamar;
llamarme; mandar; mandarme; molestar; molestarme; pisac; posilat; psat; ringa; ringe; schicken; schreiben; scrivere;
scrivermi; sende; senden; skicka; skrive; smsen; stora; sturen; telefonar; telephoner; volat; wysylac; ارسال; الاتصال;
المراسلة; 发; 发信息; 发消息; 发短信; 发送; 打; 打扰; 打电话; 联系; 送信; 連絡; 電話; 骚扰
N: ala; alkaa; do not; do not ever; dont; dont ever; i do not want you to; i dont want you to; n; nao; nao me; ne;
never; never ever; nie; no me; no nos; no quiero que me; non; لا; 不要; 别; 勿; 请勿
O: aldri; aldrig; ikke; inte; nicht; nie wieder; niet; nooit; nooit meer; しないで
0: ei; geen; inga; ingen; keine; no; zadne; zadnych
Z: aramayi kesin; aramayin; atmayin; gondermeyin; nekontaktujte; nepiste; neposilejte; nevolej; nevolejte; no envien;
no llame; no llamen; no manden; rahatsiz etmeyin; send ikke; yazmayin; かけないで; 不要发; 不要打; 别发; 别打;
送らないで
Q: dont want; en halua; i do not want; i do not wish; i dont want; i dont wish; i no longer want; i no longer wish;
ich mochte keine; ich mochte nicht; ich moechte keine; ich moechte nicht; ich will keine; ich will nicht; ik wil geen;
ik wil niet; istemiyorum; jag vill inte; jag vill inte ha; je ne veux pas; je ne veux plus; jeg vil ikke ha;
jeg vil ikke have; nao quero; nechci; nie chce; no quiero; non voglio; لا اريد; いらない; いりません; 我不想
R: almak; angerufen werden; be called; be contacted; be texted; bekommen; bli kontaktad; dostavat; dostawac; erhalten;
essere contattato; etre contacte; fa; gebeld worden; get; kontaktiert werden; krijgen; modtage; motta; ontvangen;
receber; receive; recevoir; recibir; ricevere; saada; 收到
A: any longer; any more; anymore; artik; bir daha; ever; ever again; igen; igjen; mai piu; me again; my phone again;
nunca mas; this number again; us again; uz; vuelvan a; بعد الان; مرة اخرى; これ以上; もう; 再
M: dalsi; enaa; fler; flere; mais; mas; meer; mehr; mer; mere; more; piu; plus; vice; weitere; weiteren; wiecej
T: all; all communication; all contact; another text; anrufe; any contact; anything; anything else; appels; berichten;
beskeder; calls; chamadas; codes; codigos; crap; emails; everything; hovory; kod; koder; kodow; kody; ligacoes;
llamadas; meddelanden; meldinger; mensagem; mensagens; mensajes; mesaj; mesajlari; messages; messaggi; nachrichten;
nonsense; notifications; opkald; phone calls; puheluita; samtal; security codes; sms; sms ow; sms y; smser; smsow; smsy;
spam; stuff; telefoontjes; text messages; textos; texts; verification codes; viesteja; viestien; viestit; wiadomosci;
zprav; zpravy; الرسائل; المكالمات; رسائل; رموز; コード; メッセージ; メール; 信息; 消息; 电话; 短信; 認証コード; 验证码
D: ca; det; dette; eso; esto; isso; isto; it; that; them; these; this; those; 了
F: again; alla; an; and; another; as; at; auf; aus; aux; bana; bu; ce; ces; com; con; contact list; d; da lista; da sua;
dalla; damit; das; database; de; del; della; den; der; des; dessa; detta; deze; di; die; diese; dieser; do; e; en; esta;
este; estos; et; for; fra; fran; from; from you; het; ihre; ihrer; il; in; l; la; le; les; lijst; list; lista; listalta;
listan; liste; listeden; listen; listy; lo; los; m; ma; med; mes; met; meu; mi; mijn; minha; minulle; mir; mit; mnie;
moj; naar; numarayi; number; numero; numerooni; nummer; och; of; off the; off this; off your; og; op; os; out; pa;
phone; questi; questo; records; seznamu; su; suas; sur; system; te; ten; til; till; to; tous; und; uns; uw; van; von;
vos; vostri; votre; with; y; z; ze; zu; الى; بي; على; عن; لي; منك; منكم; هذا الرقم; に; は; を; 我; 给; 这个; 这些
J: eller; lub; nebo; nor; o; oder; or; ou; tai; veya
W: a; any; my; the; your
Y: jullie; ni; sie; u; vous
X: chce; chci; haluan; i need to; i need you to; i want; i wish; i would like; ich mochte; ich will; id like; ik wil;
jag vill; je souhaite; je veux; je voudrais; jeg vil; quero; quiero; voglio; vorrei; you have to; you need to; اريد;
我想; 我要
P: already; alsjeblieft; alstublieft; asap; aub; bedankt; bitte; bro; cheers; danke; dekuji; dude; dziekuje; endlich;
for the last time; fucking; gracias; grazie; hello; hey; hi; i already said; i am asking you to; i asked you to; i said;
i told you to; im asking you to; immediately; jo; just; kiitos; kindly; lutfen; mate; merci; merci de; obrigada;
obrigado; oh my god; ok; okay; omg; per favore; please; please and thank you; pls; plz; por favor; prosim; prosze;
prosze mi; s il vous plait; sir; snalla; sofort; sorry; subito; svp; tack; tak; takk; thank you; thanks; thx; ugh;
vaer sa snill og; venligst; vennligst; veuillez; ya; شكرا; لو سمحت; من فضلك; お願いします; ください; 吧; 请; 谢谢
1: adesso; agora; ahora; jetzt; maintenant; na; now; nu; nyt; right now; simdi; teraz; today; الان; 今; 现在
E: enough; falsche nummer; faux numero; feil nummer; fel nummer; forkert nummer; i am not interested; i dont want this;
im not interested; mauvais numero; no thanks; not interested; numero equivocado; numero errado; numero sbagliato;
spatne cislo; vaara numero; verkeerd nummer; wrong number; wrong person; yanlis numara; you got the wrong number;
you have the wrong number; you have the wrong person; zly numer; رقم خاطي; 打错了; 番号違い
!: alleen; but; call me that; calling me that; graag; i stedet; in plaats; instead; istallet; jen; lieber; mejor; misto;
need; nur; only; plutot; prefer; rather; sadece; send; seulement; solo; stattdessen; tylko; yerine; zamiast
+: because; before; cause; i; id; ill; im; its; ive; my name is; this is; this isnt; we; who; you; youre
"""
# Patterns of roles. `_MORE` tells "don't call me again" from "don't call me", which may be about one call. `_TAIL` lets
# the next clause begin without a comma: "stop texting me you have the wrong number".
_MORE, _TAIL, _WITH = "(?=[^+]*[AM])", r"(?:J\+[^!X]*|\+[^!XC]*)?", "[SUBKLHGITFWDAMPE1JY]*"
_ORDER = rf"(?:S{_WITH}[UBGIT]|SJ(?=\+)|[UB]|L[FWHPD]*H|H[FWHPD]*L|K{_WITH}G){_WITH}"
_NOT_TO = r"(?:[PEFWHAMTDI]*Z|[PEHA]*[NO][FHAMPD]*[CI](?:[FWH]*J[CI])*|[PEA]*[CI][FWHYPDA]*O)[FWHDTAMPEY]*"
_NOT_WANTED = r"(?=.*[TR])[PEFWHAMTR]*Q[PEFWHDMARTGJ]*"
_SEND_NO = "[PEFWHA]*[CI][FWHYP]*0[FWHDMP]*T[FWHDAMPET]*"
# What a clause says: the first that fits all its roles. "bare" is plain as a sentence and faint between commas.
_MEANINGS = [
    ("bare", "S[SKPE1]*"),
    ("faint", "B[BFWDTRAM]*"),
    ("plain", rf"[PE1]+S[SKPE1]*|[PE1]*(?:X[PFWHY+]*)?{_ORDER}{_TAIL}"),
    ("plain", rf"{_MORE}(?:{_NOT_TO}|{_NOT_WANTED}|{_SEND_NO}){_TAIL}|[PEFWHDAMGIT]*[GIT][FWHPDAM]*V[P1]*"),
    ("faint", rf"[PE1]*S[SKFWDPE1]*D[SKFWDPE1A]*|[PE1A]*[KV][KSBUPE1]*|[PE1]*K[WHDT]*T[P1]*|{_NOT_TO}|{_NOT_WANTED}"),
    ("faint", "(?=.*[MI])[PEFWHA]*[0O][FWHDMP]*T[FWHDAMPETJI]*"),
    ("polite", "[PE10]+"),
    ("asks", ".*!.*|[PEFWHJ1]*[CIX].*"),
]
_SENTENCE_END = re.compile(r"(?<=[.!?\u2026\u061f])\s+|(?<=[\u3002\uff01\uff1f])|\n+")
_CLAUSE_END = re.compile(r"[,;()\u3001\uff0c\u060c\u061b]+|\s[-\u2013\u2014]+\s")
_PHONE = re.compile(r"(?<!\w)\+?\(?[0-9][0-9 ().-]{7,18}[0-9](?!\w)")
_MARK = re.compile("[\u201c-\u201f\u00ab\u00bb\u2039\u203a\u300c-\u300f\"]|(?<!\\w)['\u2018]|['\u2018\u2019](?!\\w)")
_ELISION = re.compile(r"\b([cdjlmnst])['\u2019](?=\w)")  # m'appelez
# Thai, Chinese and Japanese have no spaces, and Korean joins particles to a word.
_SPACELESS = "[\u0e00-\u0e7f\u3000-\ud7a3]"
_EDGE = re.compile(f"(?<=[a-z0-9])(?={_SPACELESS})|(?<={_SPACELESS})(?=[a-z0-9])")
# Marks that are letters: vowels of Hindi and Thai, and the voicing of kana. Tones and nasal signs are often left out.
_MARKS = re.compile("[\u093e-\u094d\u0e31\u0e34-\u0e3a\u3099\u309a]")
_LETTERS = str.maketrans("øłđ\u0131", "oldi", "'\u2018\u2019") | {ord("æ"): "ae"}


def parse_keyword(body: str) -> tuple[Keyword, bool]:
    """What the text asks for, and whether Twilio answers it itself, so that we must not."""
    exact = body.strip().lower()
    if exact in _PROVIDER_KEYWORDS:
        return _PROVIDER_KEYWORDS[exact], True
    said = _without_quotes(body[:MAX_LENGTH].strip())
    if (keyword := _keyword(said)) is Keyword.OTHER and _is_wish(_PHONE.sub("this number", said)):
        keyword = Keyword.STOP
    return keyword, False


def _without_quotes(body: str) -> str:
    """What the writer says: no quoted line, and nothing from the first quotation mark to the last or after a lone one.

    A text that is only a short quote counts as said: people type “STOP” as they read it.
    """
    body = "\n".join(line for line in body.splitlines() if not line.lstrip().startswith(">"))
    marks = list(_MARK.finditer(body))
    before = body[: marks[0].start()] if marks else body
    if len(marks) < 2:
        return before if before[-1:].isspace() else body
    quoted, after = body[marks[0].end() : marks[-1].start()], body[marks[-1].end() :]
    alone = not f"{before}{after}".strip(" .,!\n") and len(quoted.split()) <= 3
    return quoted if alone else f"{before}\n{after}"


def _keyword(text: str) -> Keyword:
    """The keyword that the text is. A "no" with thanks declines something; it reports nothing."""
    text, (_, role_of, by_text, part_of) = _normalize(text), _vocabulary()
    if keyword := by_text.get(text) or _PROVIDER_KEYWORDS.get(text.replace(" ", "")):  # "s t o p"
        return keyword
    parts = part_of.findall(text) if len(text) < MAX_LETTERS else []
    keyword = by_text.get(" ".join(part for part in parts if role_of.get(part) not in ("P", "E")))
    return Keyword.OTHER if keyword in (None, Keyword.REPORT) else keyword


def _is_wish(text: str) -> bool:
    if re.search("[0-9]{4}|@|://", text):
        return False
    readings = {reading for sentence in _SENTENCE_END.split(text) for reading in _read_sentence(sentence)}
    if readings & {"asks", "unknown"}:
        return "plain" in readings and "asks" not in readings and len(_normalize(text).split()) <= MAX_WORDS
    return bool(readings & {"plain", "faint"})


def _read_sentence(sentence: str) -> list[str]:
    """The reading of each clause. A question is no wish, however it goes on."""
    if {*sentence} & {*"?\u00bf\uff1f\u061f"}:
        return ["unknown"]
    readings = [_read(clause) for clause in _CLAUSE_END.split(sentence) if _normalize(clause)]
    if {*readings[:1]} & {"bare", "plain"} and _read(sentence) in ("bare", "plain"):  # "Hören Sie auf, mich anzurufen"
        return ["plain"]
    return ["faint" if reading == "bare" else reading for reading in readings]


def _read(clause: str) -> str:
    text, vocabulary = _normalize(clause), _vocabulary()
    parts = vocabulary.part.findall(text) if len(text) < MAX_LETTERS else ["?"]
    roles = "".join(vocabulary.role_of.get(re.sub("^s+t+o+p+$", "stop", part), "?") for part in parts)
    return next((reading for reading, pattern in _MEANINGS if re.fullmatch(pattern, roles)), "unknown")


def _normalize(text: str) -> str:
    """Letters and digits in lower case without accents, words separated by one space."""
    letters = _ELISION.sub(r"\1 ", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
    bare = (c for c in letters if _MARKS.match(c) or unicodedata.category(c) not in ("Mn", "Me"))
    kept = unicodedata.normalize("NFC", "".join(c if c.isalnum() or _MARKS.match(c) else " " for c in bare))
    return " ".join(_EDGE.sub(" ", kept).split())


class _Vocabulary(NamedTuple):
    """The phrases of each key; the role of each phrase, the keyword of each text, and the pattern of the phrases."""

    entries: list[tuple[str, str]]
    role_of: dict[str, str]
    by_text: dict[str, Keyword]
    part: "re.Pattern[str]"


@cache
def _vocabulary() -> _Vocabulary:
    """Made at the first text: it takes as long as a tenth of a start."""
    blocks = "\n".join((_WORDS, *VOCABULARY.values()))
    entries = re.findall(r"^(\S+): ((?:.(?!^\S+: ))+)", blocks, re.M | re.S)
    role_of = {_normalize(p): key for key, phrases in entries if len(key) == 1 for p in phrases.split(";")}
    by_text = {_normalize(p): Keyword(key) for key, phrases in entries if len(key) > 1 for p in phrases.split(";")}
    longest_first = sorted(role_of, key=len, reverse=True)
    phrases = (phrase if re.match(_SPACELESS, phrase) else rf"{phrase}(?!\S)" for phrase in longest_first)
    return _Vocabulary(entries, role_of, by_text, re.compile("|".join(phrases) + r"|\S+"))
