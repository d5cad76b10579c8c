"""Texts that people and machines send to a number that sends codes, labeled as a careful person reads them.

One example a line; ⏎ is a line break inside one. STOP is a plain wish, addressed to us, to get nothing more. A question
is no wish, nor is an automatic answer, a quote of somebody's words, or a complaint of someone who wants the code.
"""

from verification.values.keywords import Keyword


def _lines(block: str) -> tuple[str, ...]:
    return tuple(line.strip().replace("⏎", "\n") for line in block.strip().splitlines())


# Clear wishes to stop, by language.
WISHES = {
    "en-US": _lines("""
        STOP
        stop
        Stop
        🛑
        🛑🛑🛑!
        pleeease stop
        Stooop texting meeee
        STOPPPP
        plzzz stop
        leave me aloooone
        STOP TO 12345
        Stop to 72645.
        Unsubscribe to 12345
        stop using my number
        Please stop using this number
        Go away
        go away!!
        Please just go away
        Get lost
        fuck off
        sToP
        STOP.
        stop!!!
        STOP 🛑
        🛑🛑 STOP 🛑🛑
        stop 😡😡😡
        **STOP**
        #STOP
        'stop'
        “Stop”
        "STOP"
        S.T.O.P.
        s t o p
        STOPALL
        stop all
        Stop.⏎Stop.⏎Stop.
        STOP STOP STOP
        Unsubscribe
        UNSUBSCRIBE ME
        unsubscribe please
        I wish to unsubscribe
        Please unsubscribe me from these messages
        unsuscribe
        unsubcribe
        unsub
        STOP ⛔️
        Cancel
        CANCEL!
        END
        End.
        quit
        QUIT!!
        REVOKE
        I revoke my consent
        OptOut
        opt-out
        Opt out
        opt me out
        I want to opt out
        I'd like to opt out please
        Opt out of texts
        REMOVE
        remove me
        Remove my number
        please remove my number from your list
        Take me off this list
        take me off your list please
        Take my number off your list
        Delete my number
        stpo
        SOTP
        stopp
        stoppp
        STOOOOP
        st0p
        pls stop
        plz stop
        please stop
        Please Stop.
        stop please
        Stop pls 🙏
        Stop thank you
        Stop, thanks
        ok stop
        STOP NOW
        just stop
        stop it
        Stop it!!
        stop this
        stop immediately
        please stop this now
        stop already
        I said stop
        stop texting
        Stop texting me
        STOP CALLING ME
        Stop calling this number
        please stop sending me texts
        Stop sending me codes
        stop sending these messages
        stop messaging me!
        Stop contacting me.
        Stop bothering me
        stop spamming me
        STOP texting my phone
        stop texting and calling me
        Please do not text or call me again
        quit texting me
        Quit calling my phone
        cease and desist
        Don't text me
        Don’t text me
        dont text me anymore
        do not call me again
        Don't call this number again
        Do not contact me
        do not send me any more texts
        never text me again
        Never call this number again!
        No more texts
        no more calls please
        No more messages!!
        I don't want these texts
        I do not want to receive any more messages
        i dont want any more texts from you
        I no longer wish to receive texts
        I don't want to be contacted anymore
        Leave me alone
        leave me alone!!!
        Wrong number, stop
        wrong person please stop
        Wrong number. Stop texting me
        You have the wrong number. Please stop texting this number.
        Not interested, stop
        Who is this? Stop texting me.
        I didn't ask for this. Stop.
        Hi, please stop texting me
        Hello please remove me from your list thank you
        Stop! I never signed up for this
        Stop texting me or I will call my lawyer
        STOP⏎⏎Sent from my iPhone
        Please stop⏎Thanks,⏎Maria
        Why do you keep texting me?? STOP!
        STOP, unsubscribe
        Stop sending me this crap
        stop sending verification codes
        Stop sending me verification codes please
        take this number off your list
        remove this number
        remove this number from your list please
        enough, stop
        Stop this nonsense
        Quit it
        I would like to be removed from your list
        Take my name off your list
        lose this number
        Stop bugging me
        please stop bothering me with these texts
        stop or I'll block you
        STOP please and thank you
        I keep getting these. Please stop.
        stop sending text to this phone
        Oh my god stop
        omg stop
        ugh stop texting me
        Dude stop texting me
        Stop texting me dude
        Sir please stop texting me
        Please stop texting me this isn't Karen
        Get me off this list
        Remove my number from your database
        cancel all
        I revoke consent
        I already said stop
        for the last time, stop
        No more texts or calls
        please stop sending me these text messages
        Stop sending messages please
        Stop sending me stuff
        Stop messaging
        STOP contacting my number
        stop messaging this phone
        Stop texting my number please
        stop sending codes to this number
        please stop sending codes to my phone
        Hi. You have the wrong number. Please stop texting me. Thanks.
        This is the wrong number, please stop texting
        You have the wrong number, stop calling
        wrong number please stop calling me
        Wrong number. Do not text again.
        I have no idea who this is. Stop texting me.
        I do not know who you are. Please remove my number.
        I did not sign up for this. Unsubscribe me.
        I never gave you my number. Stop texting me!
        how did you get my number? Stop texting me
        Lose my number
        remove my number please
        Please delete my phone number
        please remove me from this list
        Remove me from your list!!
        unsubscribe me please
        I want to unsubscribe
        I want to opt out please
        i would like to unsubscribe from these messages
        Opt out now
        stop all texts
        Stop everything
        End all texts
        End messages
        Cancel all messages
        cancel these texts
        CANCEL PLEASE
        QUIT texting
        quit bothering me
        cease all contact
        Do not call
        Do not text
        don't contact me
        Please do not contact me again
        please never text me again
        Never call me
        Don't ever contact me again
        dont message me anymore
        do not send me messages
        do not send anything else
        don't send me texts anymore
        I don't want any texts
        I don't want any more calls or texts
        I do not want texts from you
        I do not want to be texted
        don't want these messages
        no more messages please
        No more codes please
        not interested. stop
        Not interested please remove me
        leave me alone please stop
        Stop harassing me
        Stop harassing me or I will call the police
        stop, please
        STOP‼️
        stop.stop.stop
        STOP / END / CANCEL
        (stop)
        stop :)
        stop...
        pls unsub
        Please stop, you have the wrong number
        Stop texting this phone number please
        stop sending texts to my phone please
        Pls stop sending texts
        I'm asking you to stop texting
        I asked you to stop
        I told you to stop texting me
        How many times do I have to say stop? STOP TEXTING ME
        no thanks, unsubscribe
        unsubscribe from text messages
        Remove me please
        remove me now
        Please take my number off your list
        Delete me
        do not contact this number
        Don't contact this number anymore
        don't send any more texts please
        never send me another text
        Stop these texts
        Stop these calls
        No more text messages
        no more phone calls
        i dont want codes
        I don't want these codes anymore
        stop your messages
        STOP your texts NOW
        leave me alone or I'll report you
        Wrong number!! STOP
        STOP. Wrong number.
        STOP I don't want this
        STOP I am not interested
        Stop you have the wrong person
        Stop contacting me please I am not Sandra
        End please
        Quit.
        opt-out now
        OPT OUT PLEASE
        OPTOUT!
        unsubscribe :)
        Please discontinue texting me
        Stop texting me at this number
        Stop. I am not interested in your service.
        please stop, wrong number
        This number belongs to someone else now. Please stop texting.
        You keep texting the wrong person. Stop.
        I have asked you before. Stop calling me.
        do not text or call this number again
        Dont txt me again
        stop txting me
        stop msging me
        STOP NOW!!!
        Stop sending me stuff pls
        stop all calls
        Stop all communication
        No more texts!!!!
        no more verification codes
        I don't want verification codes
        i never signed up, stop
        not me. stop texting me
        Never text this number again
        Please remove my phone number from your list
        Take me off your contact list
        Remove this number from your system immediately
        unsubscribe from everything
        Unsub me
        opt me out of everything
        I am opting out
        Please cancel these messages
        Cancel messages please
        quit messaging me
        Leave me alone, stop texting
        STOP it please
    """),
    "en-GB": _lines("""
        Stop please, cheers
        Kindly stop
        Kindly remove me from your list
        Could not care less. Please stop messaging me.
        STOP SMS
        unsubscribe mate
        Sorry, wrong number. Please stop.
        Please don't ring me again
    """),
    "ar": _lines("""
        إيقاف
        ايقاف
        توقف
        قف
        إلغاء الاشتراك
        الغاء الاشتراك من فضلك
        لا تتصل بي
        لا تتصلوا بي مرة أخرى
        لا ترسل لي رسائل بعد الآن
        أوقفوا الرسائل
        توقف عن الاتصال بي
        STOP من فضلك
        لا تراسلني
        أزيلوا رقمي
        كفى
        إلغاء
        لا تتصلوا بي
        أوقف الرسائل
        لا أريد رسائل منكم
        توقف من فضلك
        لا ترسل لي رموز
    """),
    "cmn-CN": _lines("""
        退订
        停止
        退订。
        取消订阅
        请停止发送
        请不要再发短信
        别再给我打电话
        不要再发了
        别发了
        别再打了！
        不要再联系我
        电话不要打了
        不要再打扰我
        请把我从名单中删除
        请不要给我打电话
        不要发短信给我
        我不想收到短信
        请停止，谢谢
        不要再发验证码
    """),
    "cs-CZ": _lines("""
        ODHLÁSIT
        odhlasit
        zrušit
        prosím stop
        Přestaňte mi volat
        Přestaňte prosím psát
        Už mi nepište
        Nevolejte mi
        Už mi nevolejte, prosím
        Nechci další zprávy
        Vymažte moje číslo
        Zrušte odběr
        Dejte mi pokoj
        Přestaňte mi psát
        Neposílejte mi SMS
        Odhlásit prosím
        Stop, děkuji
        Neposílejte mi další SMS
    """),
    "da-DK": _lines("""
        AFMELD
        Afmeld venligst
        STOP venligst
        Hold op med at ringe til mig
        Stop med at skrive til mig
        Ring ikke til mig igen
        Ikke flere beskeder tak
        Lad mig være
        Jeg vil ikke have flere sms'er
        Ingen flere beskeder
        Stop med at ringe
        Jeg vil ikke have flere beskeder
        Stop, tak
        Send ikke flere koder
    """),
    "de-DE": _lines("""
        STOPP
        STOPP an 12345
        Stopp!
        bitteee aufhören
        abmelden
        Bitte abmelden
        Abbestellen
        Aufhören!
        Bitte aufhören
        Hören Sie auf, mich anzurufen
        Hört auf mir zu schreiben
        Rufen Sie mich nicht mehr an
        Bitte rufen Sie mich nicht mehr an!
        Schreibt mir nicht mehr
        Bitte keine SMS mehr
        Keine Anrufe mehr
        Ich möchte keine Nachrichten mehr
        Ich will keine SMS mehr bekommen
        Falsche Nummer, bitte stoppen
        Lasst mich in Ruhe
        Bitte keine weiteren Nachrichten
        Bitte löschen Sie meine Nummer
        Ich will nicht mehr angerufen werden
        Senden Sie mir keine SMS mehr
        Schicken Sie mir keine Nachrichten mehr
        Abmeldung
        Ich bin nicht Karl, bitte aufhören
        Nie wieder anrufen
        Bitte stoppen Sie die SMS
        Bitte keine Anrufe mehr
        Rufen Sie mich nie wieder an
        Bitte löschen Sie mich aus Ihrer Liste
        Bitte keine Codes mehr schicken
        Bitte Nummer löschen
        Bitte mich abmelden
        Stopp bitte
        Keine weiteren SMS bitte
        Keine SMS mehr senden
        Bitte keine weiteren SMS senden
        Hört auf mit den SMS
        Ich möchte keine Anrufe mehr bekommen
    """),
    "en-IN": _lines("""
        Pls stop
        Stop these SMS
        Kindly stop sending SMS
        Please stop sending OTPs
        Do not send OTP again
        Stop sending me OTPs
        No more OTPs please
        I don't want any SMS
    """),
    "hi-IN": _lines("""
        बंद करो
        रोको
        कृपया रोको
        बंद करें
        कृपया बंद करें
        मैसेज बंद करो
        कॉल बंद करें
        SMS बंद करो
        band karo
        मुझे कॉल मत करो
        मुझे मैसेज मत भेजो
        कृपया SMS न भेजें
        दोबारा कॉल मत करना
        अब मैसेज मत भेजिए
        message mat bhejo
        मुझे मैसेज नहीं चाहिए
        मुझे और मैसेज नहीं चाहिए
        ओटीपी मत भेजो
        सदस्यता समाप्त करें
        मेरा नंबर हटाएँ
        ग़लत नंबर है, फिर कॉल मत करो
    """),
    "th-TH": _lines("""
        หยุด
        หยุดส่ง
        หยุดส่งข้อความ
        ยกเลิก
        ยกเลิกบริการ
        เลิกส่ง SMS มา
        กรุณาหยุดโทรมา
        อย่าโทรมาอีก
        อย่าส่งข้อความมาอีก
        ไม่ต้องส่งมาอีกค่ะ
        ไม่ต้องโทรมาอีกแล้วครับ
        กรุณาอย่าติดต่อมาอีก
        ไม่ต้องการรับข้อความ
        ไม่อยากได้รับ SMS อีก
        ลบเบอร์ของฉัน
        ลบเบอร์ผมด้วยครับ
        โทรผิดเบอร์ อย่าโทรมาอีก
    """),
    "cmn-TW": _lines("""
        取消訂閱
        退訂
        停止！
        停止傳簡訊
        請停止傳簡訊給我
        不要再傳簡訊給我
        請不要再打電話給我
        不要再打給我了
        別再傳了
        請勿再聯絡
        我不想再收到簡訊
        不要傳驗證碼
        請刪除我的號碼
        打錯了，不要再打了
    """),
    "yue-HK": _lines("""
        取消
        停
        唔好再打嚟
        唔好再打畀我
        唔好再打電話畀我
        唔好再發短訊畀我
        請唔好再打嚟喇
        咪再打嚟
        我唔想再收短訊
        唔好再煩我
        唔該唔好再send短訊
        打錯電話喇，唔好再打嚟
    """),
    "ko-KR": _lines("""
        중지
        수신거부
        수신 거부
        그만
        그만 보내세요
        그만 보내주세요
        문자 그만 보내세요
        문자 보내지 마세요
        더 이상 문자를 보내지 마세요
        더 이상 연락하지 마세요
        전화하지 마세요
        다시는 전화하지 마십시오
        이제 연락하지 마세요
        인증번호 보내지 마세요
        문자 받고 싶지 않습니다
        제 번호 삭제해 주세요
        잘못 보내셨습니다. 그만 보내주세요
    """),
    "ru-RU": _lines("""
        стоп
        Стоп!
        Отписаться
        Отпишите меня
        Хватит
        Прекратите
        Прекратите звонить
        Перестаньте мне звонить
        Перестаньте присылать смс
        Хватит слать СМС
        Больше не звоните мне
        Не звоните мне больше
        Больше не пишите на этот номер
        Пожалуйста, не присылайте больше сообщения
        Не хочу получать смс
        Я не хочу больше получать сообщения
        Удалите мой номер
        Оставьте меня в покое
        Вы ошиблись номером, не звоните больше
    """),
    "id-ID": _lines("""
        Berhenti
        BERHENTI!
        Tolong berhenti
        Batalkan
        Berhenti mengirim SMS
        Berhenti menelepon saya
        Hentikan SMS ini
        Jangan hubungi saya lagi
        Jangan kirim SMS lagi
        Tolong jangan kirim kode lagi
        Jangan telepon saya lagi
        Saya tidak mau menerima SMS lagi
        Berhenti berlangganan
        Hapus nomor saya
        Jangan ganggu saya lagi
        Salah nomor, jangan hubungi lagi
    """),
    "vi-VN": _lines("""
        Hủy
        HỦY ĐĂNG KÝ
        huy dang ky
        Dừng lại
        Ngừng nhắn tin
        Ngừng gửi tin nhắn cho tôi
        Đừng gọi cho tôi nữa
        Đừng nhắn tin cho tôi nữa
        dung goi nua
        Đừng gửi mã nữa
        Xin đừng gọi nữa
        Tôi không muốn nhận tin nhắn nữa
        Không muốn nhận cuộc gọi
        Xóa số của tôi
        Đừng làm phiền tôi nữa
        Nhầm số rồi, đừng gọi nữa
    """),
    "es-ES": _lines("""
        BAJA
        BAJA al 12345
        bajaaa
        baja por favor
        Darme de baja
        Quiero darme de baja
        Parar
        cancelar
        ¡Basta!
        Basta ya
        No me llamen más
        No me llaméis más
        Dejad de llamarme
        No quiero recibir más mensajes
        No más mensajes
        No llamen más
        Elimínenme de la lista
        Quítenme de su lista
        No me vuelvan a llamar
        No quiero que me llamen
        No más llamadas por favor
        Deje de llamarme
        No me contacten más
        Quiten mi número
        Dejen de enviar códigos
        Parar por favor
        No me manden códigos
        Ya basta
        No quiero recibir SMS
        Deje de enviarme códigos
        Ya no me envíen mensajes
    """),
    "es-MX": _lines("""
        ALTO
        PARA YA
        Dejen de mandarme mensajes
        dejen de llamarme por favor
        Ya no me manden mensajes
        Ya no me llamen
        Por favor paren
        Número equivocado, ya no me escriban
    """),
    "es-US": _lines("""
        Pare
        No más textos
        No me textee más
        Dejen de textearme
        Ya no me manden textos
        No quiero más textos
        Sáquenme de la lista
    """),
    "fi-FI": _lines("""
        LOPETA
        lopeta jo
        peruuta
        Lopettakaa
        Älkää soittako enää
        Älä soita minulle
        Ei enää viestejä
        Lopettakaa viestien lähettäminen
        En halua enää viestejä
        Jättäkää minut rauhaan
        Lopettakaa soittelu
        Lopeta viestit
        Älä lähetä enää viestejä
        En halua viestejä
        Lopettakaa soittaminen
        Lopeta kiitos
        Älkää soittako minulle
    """),
    "fr-FR": _lines("""
        ARRET
        STOP au 36111
        Arrêt
        ARRÊTEZ
        arrêtez svp
        Stop svp
        STOP merci
        Désabonnement
        Se désabonner
        Désinscrire
        Arrêtez de m'appeler
        Arrêtez de m’envoyer des SMS s’il vous plaît
        Ne m'appelez plus
        Ne me contactez plus !
        Merci de ne plus m'envoyer de SMS
        Je ne veux plus recevoir de messages
        Laissez-moi tranquille
        Faux numéro, stop
        Mauvais numéro. Arrêtez svp.
        STOP aux SMS
        je souhaite me désabonner
        Merci d'arrêter
        Merci d'arrêter les SMS
        Veuillez arrêter
        Veuillez me désabonner
        Me désinscrire
        Ne me dérangez plus
        Arrêtez vos messages
        Je veux me désinscrire
        Retirez-moi de votre liste
        Stop, merci
        Ne m'envoyez plus de codes
        Désabonnez-moi
        Arrêtez de m'envoyer des codes
        Ne me texte plus
        Je ne veux plus de SMS
    """),
    "it-IT": _lines("""
        annulla
        Disiscrivimi
        Cancellami dalla lista
        Basta
        Basta, per favore
        Basta messaggi
        Non chiamatemi più
        Non mi scrivete più
        Non voglio più messaggi
        Smettetela di scrivermi
        Smettete di chiamarmi per favore
        Fermatevi
        Toglietemi dalla lista
        Non voglio essere contattato
        Non mandatemi più messaggi
        Smettila di chiamarmi
        Voglio disiscrivermi
        Basta sms
        Non chiamate più questo numero
        Basta con questi messaggi
        Non inviatemi più SMS
    """),
    "ja-JP": _lines("""
        配信停止
        解除
        やめて
        やめてください
        もう送らないでください
        もう電話しないでください。
        電話しないでください
        もう連絡しないで
        停止してください
        メッセージを送らないでください
        SMSを停止してください
        もうやめて
        SMSはもういりません
        送信停止
        これ以上送らないでください
        もう電話をかけないでください
        メールを停止してください
        停止お願いします
        認証コードを送らないでください
    """),
    "nb-NO": _lines("""
        Stopp nå
        AVMELD
        Meld meg av
        Slutt å ringe meg
        slutt å sende meldinger
        Ikke ring meg igjen
        Ikke send flere meldinger
        La meg være i fred
        Ingen flere meldinger
        Vær så snill og slutt
        Ikke skriv til meg
        Slutt å sende SMS
        Stopp, takk
        Ikke send flere koder
    """),
    "nl-NL": _lines("""
        AFMELDEN
        Stop aub
        stoppen
        Uitschrijven
        Stop met bellen
        Stop met sms sturen
        Bel mij niet meer
        Bel me alsjeblieft niet meer
        Geen sms meer
        Geen berichten meer aub
        Laat me met rust
        Verkeerd nummer, stop
        Stop met mij te bellen
        Stuur geen berichten meer
        Verwijder mijn nummer
        Geen berichten sturen
        Schrijf mij uit
        Haal mij van de lijst
        Stop met sms'en
        Ik wil geen sms meer
        Stuur mij geen berichten meer
        Afmelden graag
        Stop, bedankt
        Stop met het sturen van codes
        Ik wil geen codes meer
    """),
    "pl-PL": _lines("""
        WYPISZ
        wypisz mnie
        Anuluj
        Rezygnuję
        Proszę przestać
        Przestańcie dzwonić
        Przestań do mnie pisać
        Nie dzwońcie do mnie więcej
        Proszę nie dzwonić więcej
        Nie chcę więcej wiadomości
        Przestańcie wysyłać SMS-y
        Nie chcę SMS-ów
        Proszę mnie wypisać
        Zostawcie mnie w spokoju
        Nie wysyłajcie mi SMS-ów
        Przestańcie do mnie dzwonić
        Nie chcę wiadomości
        Stop, dziękuję
        Proszę nie wysyłać SMS-ów
    """),
    "pt-BR": _lines("""
        SAIR
        PARAR
        parem!
        Pare por favor
        Parem de me ligar
        Para de mandar mensagem
        Não me liguem mais
        Não quero mais receber mensagens
        Cancelar inscrição
        Me tira da lista
        Chega de SMS
        Descadastrar
        Tirem meu número da lista
        Remova meu número
        Parem com isso
        Não envie mais mensagens
        Não me mande mais SMS
        Quero cancelar a inscrição
        Pare de mandar SMS
        Chega de mensagens
        Não me enviem mais SMS
        Retirem o meu número
        Parem de me mandar códigos
        Cancelar por favor
        Sair da lista
        Não quero receber SMS
        Parem de enviar códigos
    """),
    "pt-PT": _lines("""
        Remover
        Cancelar
        Stop, obrigado
        Não me contactem mais
        Deixem de me enviar mensagens
        Parem de me telefonar, por favor
    """),
    "sv-SE": _lines("""
        avsluta
        Avregistrera mig
        Sluta ringa mig
        Sluta skicka sms
        Snälla sluta
        Ring mig inte mer
        Skicka inte fler sms
        Inga fler meddelanden tack
        Fel nummer, sluta
        Lämna mig ifred
        Skicka inga fler meddelanden
        Ta bort mitt nummer
        Sluta kontakta mig
        Jag vill inte bli kontaktad
        Sluta störa mig
        Jag vill inte få fler meddelanden
        Sluta ringa till mig
        Sluta, tack
        Skicka inte fler koder
        Sluta skicka koder
    """),
    "tr-TR": _lines("""
        İPTAL
        iptal
        DUR
        RET
        Durdurun
        Beni aramayın
        Beni bir daha aramayın
        Bana mesaj göndermeyin
        Mesaj göndermeyin lütfen
        Artık mesaj istemiyorum
        Beni listeden çıkarın
        Aramayı kesin
        Mesajları durdurun
        Mesaj göndermeyi bırakın
        Mesaj almak istemiyorum
        Aboneliği iptal et
        Beni rahatsız etmeyin
        SMS göndermeyin
        Mesaj istemiyorum
        Lütfen durun
        Kod göndermeyin
    """),
    "en-AU": _lines("""
        Please stop texting my mobile
        Take my mobile number off your list, thanks
        Stop ringing my mobile
        No more texts to this mobile please
    """),
    "fr-CA": _lines("""
        Arrêtez de me texter
        Ne me textez plus
        Cessez de m’appeler s.v.p.
        Cessez de me texter
        Cessez les textos
        Arrêtez les textos SVP
        Je ne veux plus de textos
        Je ne veux plus recevoir vos textos
        Enlevez mon numéro de votre liste
        Enlevez-moi de la liste
        Lâchez-moi
        Mauvais numéro. Cessez de texter svp.
    """),
    "sk-SK": _lines("""
        Prestaňte mi volať
        Prestaňte mi písať
        Prestaňte, prosím
        Nevolajte mi
        Už mi nevolajte!
        Už mi nepíšte
        Neposielajte mi SMS
        Neposielajte mi už kódy
        Nechcem ďalšie správy
        Nechcem dostávať SMS
        Vymažte moje číslo, prosím
        Odhláste ma, prosím
        Odhlásiť
        Zrušte odber
        Dajte mi pokoj
        Nikdy mi už nevolajte
        Zlé číslo, nevolajte mi už
        Prestaňte posielať správy na toto číslo
    """),
    "uk-UA": _lines("""
        СТОП
        Стоп, будь ласка
        Досить
        Відписатися
        Відпишіть мене
        Припиніть мені дзвонити
        Перестаньте мені писати
        Не дзвоніть мені більше
        Більше не телефонуйте мені
        Більше не пишіть мені, будь ласка
        Не надсилайте мені SMS
        Не надсилайте більше кодів
        Не хочу отримувати повідомлення
        Я не хочу більше SMS
        Видаліть мій номер
        Видаліть мене зі списку
        Дайте мені спокій
        Не той номер, не дзвоніть більше
        Припиніть надсилати повідомлення
        Ніколи більше не дзвоніть на цей номер
    """),
    "ro-RO": _lines("""
        Opriți mesajele
        Opriți-vă, vă rog: STOP
        Nu mă mai sunați
        Nu-mi mai trimiteți SMS-uri
        Nu mai sunați la acest număr
        Nu mai vreau mesaje
        Nu vreau SMS-uri
        Dezabonare
        Dezabonați-mă
        Ștergeți numărul meu
        Lăsați-mă în pace!
        Încetați să mă sunați
        Nu mai trimiteți coduri, vă rog
        Ați greșit numărul, nu mă mai sunați
        Nu doresc să mai primesc mesaje
        Scoateți-mă de pe listă
    """),
    "hu-HU": _lines("""
        Kérem, ne hívjanak többet
        Ne hívjanak többé
        Ne küldjenek több SMS-t
        Ne küldjenek több kódot, köszönöm
        Nem kérek több SMS-t
        Nem kérek több üzenetet
        Nem akarok több üzenetet kapni
        Leiratkozás
        Leiratkozom
        Hagyjanak békén!
        Töröljék a számomat
        Hagyják abba a hívásokat
        Ne zavarjanak többet
        Elég volt
        Téves szám, ne hívjanak többet
        Ne írjanak nekem többet
        Állítsák le az üzeneteket
        Soha többé ne hívjanak
    """),
    "el-GR": _lines("""
        ΣΤΟΠ
        Στοπ, παρακαλώ
        Σταματήστε!
        Σταματήστε να με καλείτε
        Σταματήστε να μου στέλνετε μηνύματα
        Μη με καλείτε ξανά
        Μην με ξανακαλέσετε ποτέ
        Μη μου στέλνετε άλλα μηνύματα
        Μην ξαναστείλετε SMS
        Δεν θέλω άλλα μηνύματα
        Δεν θέλω να λαμβάνω μηνύματα
        Διαγραφή
        Διαγράψτε τον αριθμό μου
        Αφήστε με ήσυχο
        Αφήστε με ήσυχη
        Λάθος αριθμός, μη με ξαναπάρετε
        Διακοπή
        Μη με ενοχλείτε άλλο
        Όχι άλλα SMS
        Μη στέλνετε άλλους κωδικούς, ευχαριστώ
    """),
    "he-IL": _lines("""
        הסר
        הסר!
        הסירו אותי
        הסירו אותי מהרשימה
        תורידו אותי מהרשימה בבקשה
        עצור
        הפסיקו
        הפסיקו לשלוח לי הודעות
        תפסיקו להתקשר אליי
        אל תתקשרו אליי יותר
        אל תתקשרו יותר
        אל תשלחו לי הודעות
        נא לא להתקשר יותר
        אני לא רוצה לקבל הודעות
        לא רוצה יותר הודעות
        ביטול
        די, מספיק
        עזבו אותי
        תמחקו את המספר שלי
        טעות במספר, אל תתקשרו יותר
        אל תשלחו יותר קודים
    """),
    "bg-BG": _lines("""
        СТОП!
        Стоп моля
        Спрете
        Спрете да ми звъните
        Спрете да ми пращате съобщения
        Не ми звънете
        Не ми се обаждайте повече
        Не ми пишете повече, моля
        Не ми изпращайте повече SMS
        Не пращайте повече кодове
        Не искам повече съобщения
        Не искам да получавам SMS
        Отпишете ме
        Отписване
        Изтрийте номера ми
        Махнете ме от списъка
        Оставете ме на мира
        Престанете!
        Стига
        Грешен номер, не звънете повече
        Никога повече не ми звънете
    """),
    "ca-ES": _lines("""
        BAIXA
        Doneu-me de baixa
        Prou
        Prou missatges
        No em truqueu més
        No em truquis més
        No m’envieu més SMS
        No vull rebre més missatges
        Deixeu de trucar-me
        Deixeu d’enviar-me missatges
        Atureu els missatges, si us plau
        Elimineu el meu número
        Traieu-me de la llista
        Deixeu-me en pau
        Número equivocat, no truqueu més
        Cancel·la
        No envieu més codis
        Pareu de trucar, gràcies
    """),
}

# None of these is a wish to stop, by kind.
NOT_WISHES = {
    "automatic answers": _lines("""
        I'm driving with Do Not Disturb While Driving turned on. I'll see your message when I get where I'm going.
        (I'm not receiving notifications. If this is urgent, reply “urgent” to send a notification through.)
        I'm driving right now and can't text. I'll get back to you when I stop.
        Auto reply: driving. Will answer at my next stop.
        Can't talk right now. What's up?
        Sorry, I can't talk right now.
        I can't talk right now, text me
        I'm in a meeting. Call you later.
        In a meeting, do not call. Texts only please.
        I'm at the movies. Please don't call unless it is an emergency.
        I am out of office until Monday. Please do not call, I will answer your message when I am back.
        Out of office: back on 5 January. To cancel an appointment call 555-0100.
        Do Not Disturb is on
        I have notifications silenced
        This mailbox is not monitored. Please do not reply.
        This number is not monitored. Please do not text this number. Call 1-800-555-0100 instead.
        This is a landline that cannot receive messages. Do not text this number.
        This number can not receive text messages. No more texts will be delivered.
        You have been unsubscribed. No more messages will be sent. Reply START to resubscribe.
        You have successfully opted out and will not receive any more texts.
        You are already unsubscribed.
        You have been removed from our list.
        Your request to cancel was received.
        Thanks for texting Joe's Pizza! We will reply soon. Msg&data rates may apply. Reply STOP to cancel.
        Reply STOP to unsubscribe
        STOP to cancel, HELP for help. Msg & data rates may apply.
        To stop receiving messages, reply STOP.
        Welcome to Joe's! Reply YES to join, STOP to end.
        Joe's Pizza alerts. 4 msgs/month. Txt HELP for help. Txt STOP to opt out.
        Le magasin est fermé. Nous vous répondrons lundi. STOP au 36180
        Ich fahre gerade und sehe Ihre Nachricht, wenn ich angekommen bin.
        Ich kann gerade nicht telefonieren, bitte schreiben Sie mir eine SMS.
        Bin in einer Besprechung, bitte nicht anrufen.
        Abwesenheitsnotiz: Ich bin bis Montag nicht erreichbar.
        Je conduis, je vous rappelle plus tard.
        Je ne peux pas parler, envoyez-moi un SMS.
        En réunion, ne m'appelez pas maintenant
        Estoy conduciendo, luego te llamo
        No puedo hablar ahora. ¿Qué pasa?
        Sto guidando, ti richiamo dopo
        Non posso parlare adesso.
        Estou dirigindo, te ligo depois.
        Estou numa reunião, não me ligue agora
        Ik zit in de auto, ik bel later terug
        Jag kör bil just nu och kan inte svara.
        Jeg kjører, ringer deg senere
        Jeg kører bil lige nu
        Ajan autoa, soitan myöhemmin
        Prowadzę samochód, oddzwonię później
        Řídím, ozvu se později
        Araç kullanıyorum, sonra ararım
        運転中です。後で連絡します。
        ただいま電話に出られません。
        我在开车，稍后回复您。
        现在不方便接电话，请发短信
        أنا أقود السيارة الآن، سأتصل بك لاحقا
        لا أستطيع التحدث الآن. ما الأمر؟
        Je conduis, textez-moi plus tard
        Šoférujem, ozvem sa neskôr
        Teraz nemôžem hovoriť, napíšte mi SMS
        Я за кермом, передзвоню пізніше
        Не можу говорити, напишіть SMS
        Conduc acum, vă sun mai târziu
        Nu pot vorbi acum, trimiteți un SMS
        Vezetek, később visszahívom
        Most nem tudok beszélni, kérem, írjon SMS-t
        Οδηγώ, θα σας καλέσω αργότερα
        Δεν μπορώ να μιλήσω τώρα, στείλτε μου μήνυμα
        אני בנהיגה, אחזור אליך מאוחר יותר
        לא יכול לדבר עכשיו, נא לשלוח הודעה
        Шофирам, ще звънна по-късно
        Сега не мога да говоря, пишете ми SMS
        Estic conduint, ja us trucaré després
        Ara no puc parlar, envieu-me un SMS
    """),
    "tapbacks": _lines("""
        Liked “Acme sends codes that people ask for. Questions: acme.com - STOP ends, START allows, CALL rings you.”
        Loved “123456 is your code. Reply STOP to end.”
        Laughed at “Acme: we may call and text this number again. Text STOP to end that.”
        Emphasized “Acme: we will not call or text this number again. Text START to allow it.”
        Disliked “Acme: your code is 482913. It is valid for 5 min. Do not share it.⏎⏎@stop.example.com #482913”
        Questioned “STOP”
        Liked “Stop”
        Removed a like from “Acme: your code is 482913. Do not share it.”
        Removed a heart from “123456 is your code.⏎STOP⏎@stop.example.com #123456”
        Loved “Your code is 4471.⏎⏎@sms.example.com #4471”
        Liked “Your code is 4471.⏎⏎@text.example.com #4471”
        Disliked “Your code is 4471.⏎⏎@call.example.com #4471”
        Liked "This is the automatic phone of Acme. Text HELP for help, STOP to end."
        Loved an image
        Reacted 👍 to “This is the automatic phone of Acme. Text HELP for help, STOP to end.”
        👍 to “This is the automatic phone of Acme. Text HELP for help, STOP to end.”
        ❤️ to “Stop texting me”
        Reacted 😂 to “Reply STOP to unsubscribe. Stop.”
        Liked “Acme: we may call and text this number again. Text STOP to end that. STOP …
        Hat „Acme: Wir dürfen diese Nummer wieder anrufen. STOP beendet das.“ mit „Gefällt mir“ markiert
        Gefällt „Hier antwortet Acme automatisch. Senden Sie HELP für Hilfe oder STOP zum Beenden.“
        A aimé « Envoyez HELP pour obtenir de l’aide, STOP pour tout arrêter. »
        A réagi avec 👍 à « Stop. Acme »
        Le gustó “Envíe HELP para recibir ayuda o STOP para no recibir más.”
        Le encantó «123456 es su código. STOP»
        Ha messo "mi piace" a “Invii HELP per ricevere aiuto, STOP per non ricevere altro.”
        Curtiu “Envie HELP para ajuda ou STOP para encerrar.”
        Vond “Stuur HELP voor hulp of STOP om te stoppen.” leuk
        Gillade ”Skicka HELP för hjälp, STOP för att avsluta.”
        Likte «Send HELP for hjelp eller STOP for å avslutte.»
        Syntes godt om »Send HELP for hjælp eller STOP for at afmelde.«
        Tykkäsi viestistä ”Ohjeet: lähetä HELP. Esto: lähetä STOP.”
        Polubiono „Tu Acme. HELP: pomoc, STOP: koniec wiadomości i połączeń.”
        To se mi líbí: „Pro nápovědu pošlete HELP, pro ukončení STOP.“
        “Yardım için HELP, durdurmak için STOP yazın.” mesajını beğendi
        “ヘルプはHELP、停止はSTOPとご返信ください。”に「いいね」しました
        喜欢“需要帮助请回复HELP，停止请回复STOP。”
        أعجب بـ «أرسل HELP للمساعدة، أو STOP للإيقاف.»
        > Text STOP to end that.⏎> STOP⏎ok thank you
    """),
    "questions": _lines("""
        can you stop calling me?
        stop?
        Stop ?
        STOP?!
        停止？
        unsubscribe?
        start?
        yesss
        STAAART
        yes?
        no?
        Could you please stop texting me?
        Will you ever stop texting me?
        Will this ever stop?
        When does it stop?
        Stop what?
        Why don't you call me
        Why don't you call me?
        why won't you text me
        Why do you never call?
        How do I unsubscribe?
        how do i opt out
        How can I cancel
        What happens if I reply STOP?
        what does stop do
        Does STOP work?
        do I have to text stop to end this
        Should I cancel my code?
        Who is this
        Is this a scam?
        Did I opt out?
        can you remove my old number and add this one?
        Warum rufen Sie mich nicht an?
        Wann hört das auf?
        Wie kann ich mich abmelden?
        Können Sie bitte aufhören?
        Pourquoi vous ne m'appelez plus ?
        Comment arrêter ?
        ¿Pueden dejar de llamarme?
        ¿Para qué es esto?
        Come faccio a cancellarmi?
        Como faço para sair?
        Waarom stopt het?
        Varför ringer ni inte?
        Kan I stoppe med at ringe?
        Hvorfor ringer dere ikke?
        Miksi ette soita?
        Dlaczego nie dzwonicie?
        Proč mi nevoláte?
        Neden aramıyorsunuz?
        なぜ電話しないのですか
        为什么不打电话给我
        لماذا لا تتصل بي؟
        Pourquoi vous ne me textez pas?
        Prečo mi nevoláte?
        Ako sa odhlásim?
        Чому ви мені не телефонуєте?
        Як відписатися?
        De ce nu mă sunați?
        Cum mă dezabonez?
        Miért nem hívnak?
        Hogyan tudok leiratkozni?
        Γιατί δεν με καλείτε;
        Πώς κάνω διαγραφή;
        למה אתם לא מתקשרים?
        איך מסירים אותי?
        Защо не ми се обаждате?
        Как да се отпиша?
        Per què no em truqueu?
        Com em dono de baixa?
    """),
    "complaints of people who want the code": _lines("""
        I never got the text
        Code not received. stop
        Code not received, stop
        I didn't get the code. Stop.
        Where is my code. STOP
        My code never came!! stop
        The code never came. Go away
        no code yet.⏎stop
        Code nicht erhalten. Stopp
        Je n'ai pas reçu le code. Arrêtez
        No recibí el código. Parar
        Non ho ricevuto il codice. Basta
        Não recebi o código. Parar
        Geen code ontvangen. Stoppen
        Jag fick ingen kod. Stopp
        Nie dostałem kodu. Stop
        Kodu almadım. Dur
        Код не пришёл. Стоп
        没有收到验证码。停止
        कोड नहीं मिला। रोको
        I never received a code
        never got a call
        You never call me
        I'm not getting any texts
        no text came
        No code
        no more texts are coming
        The texts stopped coming
        it stops after two digits
        the call ended before I heard the code
        The code never comes
        I can't stop and wait for the code all day, send it again
        dont call, just text me
        don't call me text me
        Don't call me, text me
        Please don't call. Send a text instead.
        Please do not text, call me instead
        I don't want a call, I want a text
        i dont want calls, text me the code
        stop calling and text me
        stop sending it to my old phone, send it here
        Stop sending the code to my email, I need it on this phone
        quit sending it to the wrong number and send it to this one
        Please remove my old number and use this one
        Stop the old code and send me a new one
        Cancel the last one and send a new code
        cancel that, I got it
        Please don't stop
        don't stop sending codes
        Do not cancel my code
        dont end the call so fast
        do not unsubscribe me
        I did not unsubscribe
        I accidentally sent STOP
        I texted stop by mistake
        Ignore my stop
        Sorry, I didn't mean to say stop
        I never said stop
        I opted out by accident, please put me back
        I won't stop until I get my code
        I do not want to stop getting codes
        Ich habe keine SMS bekommen
        Bitte nicht anrufen, nur SMS
        Es kommen keine SMS mehr an
        Ich bekomme keine Nachrichten mehr
        J'ai jamais reçu le code
        Je ne reçois plus les SMS
        Ne m'appelez pas, envoyez un SMS
        No me llega el mensaje
        ya no me llegan los mensajes
        No me llames, mándame un mensaje
        nunca me llegó el código
        Non mi arrivano più gli SMS
        Non mi è mai arrivato il messaggio
        Não recebo mais as mensagens
        não me liga, manda mensagem
        Ik krijg geen sms meer
        niet bellen, sms graag
        Ring inte, skicka sms istället
        Jag får inga fler sms
        Jag har inte fått någon kod
        Ikke ring, send melding
        Jeg får ikke flere beskeder
        ring ikke, send en sms
        Älä soita, laita viesti
        En saanut viestiä
        Nie dzwoń, napisz
        Nie dostałem SMS-a
        Nevolejte, pošlete SMS
        Nepřišla mi SMS
        Aramayın, mesaj atın
        Mesaj gelmedi
        コードが届きません
        電話しないでメールしてください
        停止しないでください
        我没收到短信
        不要打电话，发短信
        请不要停止发送
        لم يصلني الرمز
        لا تتصل، أرسل رسالة
        لا توقف الرسائل
        Ne m'appelez pas, textez-moi
        Nevolajte, pošlite mi radšej SMS
        Neprišla mi SMS
        Nechodia mi už správy
        Не дзвоніть, надішліть SMS
        Мені не приходить код
        Більше не приходять SMS
        Не припиняйте надсилати коди
        Nu mă sunați, trimiteți un SMS
        Nu am primit codul
        Nu mai primesc SMS-uri
        Ne hívjanak, küldjenek SMS-t
        Nem kaptam meg a kódot
        Már nem jönnek az SMS-ek
        Jangan telepon, kirim SMS saja
        कॉल मत करो, SMS भेजो
        मुझे OTP नहीं मिला
        अब मैसेज नहीं आते
        ไม่ต้องโทร ส่งข้อความแทน
        ไม่ได้รับข้อความ
        不要打電話，請傳簡訊
        我沒收到驗證碼
        收唔到短訊
        唔好打電話，發短訊畀我
        Kodenya tidak masuk
        Đừng gọi, hãy nhắn tin
        Tôi chưa nhận được mã
        전화하지 말고 문자 주세요
        인증번호가 안 와요
        Не звоните, пришлите СМС
        Я больше не получаю СМС
        Μη με καλείτε, στείλτε μου SMS
        Δεν έλαβα τον κωδικό
        Δεν έρχονται πια τα μηνύματα
        אל תתקשרו, שלחו הודעה
        לא קיבלתי את הקוד
        לא מגיעות יותר הודעות
        Не звънете, пратете SMS
        Не получих кода
        Вече не идват съобщения
        No em truqueu, envieu-me un SMS
        No he rebut el codi
        Ja no m'arriben els SMS
    """),
    "other sentences and words": _lines("""
        bus stop
        I'm at the bus stop
        nonstop
        Non-stop flight to Rome
        stop sign
        pit stop
        full stop
        one-stop shop
        Next stop: Berlin
        Stop by the office tomorrow
        stop at the store and get milk
        stop and think
        stop, collaborate and listen
        Don't stop believing
        I can't stop laughing
        The doctor told me to stop
        unstoppable
        doorstop
        stopwatch
        the end
        The End.
        End of story
        end of the month
        weekend
        dead end
        my friend
        quite
        I quit my job today
        I quit smoking
        quit smoking today
        cancelled
        my flight got canceled
        cancel culture
        Cancel my order
        Cancel my appointment on Friday
        never
        never mind
        Nevermind
        Never gonna give you up
        remove the lid before cooking
        I removed the SIM
        Removed
        revoked
        text
        call you later
        I'll text you
        Leave me alone time is the best time
        Opting out of dinner tonight
        Haltestelle
        Halt mal kurz
        Ende gut, alles gut
        arrêt de bus
        Arrêt maladie
        para mi
        parada de autobús
        en voz baja
        Basta un minuto
        fermata dell'autobus
        parada de ônibus
        bushalte
        busshållplats
        busstoppested
        bussipysäkki
        przystanek autobusowy
        autobusová zastávka
        Dur bir dakika
        durum ne
        バス停
        停车场
        停电了
        그만큼
        버스 정류장
        автобусная остановка
        Đúng rồi
        不停
        توقف المطر
        موقف الحافلات
        arrêt d'autobus au coin de la rue
        autobusová zastávka pri škole
        Nie, ďakujem
        зупинка автобуса
        Досить дивно
        Ні, дякую
        Hi it's Tom, are we still on for dinner at the end of the week?
        Mom can you stop at the store
        Ok thanks
        Thanks!
        hello
        lol
        sorry wrong number
        No thanks
        Nein danke
        ok no
        No text
        no call yet
        stop @ 5th and Main
        stația de autobuz
        Gata, am ajuns acasă
        Nu, mulțumesc
        buszmegálló
        Elég jó
        Nem, köszönöm
        στάση λεωφορείου
        Φτάνει σε λίγο
        Όχι, ευχαριστώ
        תחנת אוטובוס
        די נחמד
        לא, תודה
        спирка на автобуса
        Стига бе
        Не, благодаря
        parada d'autobús
        Prou bé
        No, gràcies
    """),
    "forwarded codes and messages": _lines("""
        123456
        G-482913 is your Google verification code.
        482 913
        The code is 482913
        Acme: your code is 482913. It is valid for 5 min. Do not share it.
        Acme: your code is 482913. It is valid for 5 min. Do not share it.⏎⏎@stop.example.com #482913
        123456 is your code.⏎⏎@stop.example.com #123456
        @stop.example.com #123456
        @sms.example.com #123456
        https://stop.example.com/now
        <#> Your code is 123456⏎FA+9qCX9VSu
        Never share this code with anyone. 123456
        We will never call or text you to ask for this code: 991822
        DON'T share it. We will never call you to ask for it. 1234
        Do NOT give this code to anyone who calls or texts you.
        If you did not request this, do not reply. Code 5512
        123456 is your code.⏎Reply STOP to end
        Your Uber code is 1234. Never share this code. Reply STOP ALL to unsubscribe.
        This is the automatic phone of Acme. Text HELP for help, STOP to end.
        Acme: we may call and text this number again. Text STOP to end that.
        Tu Acme, automatyczna linia. HELP: pomoc, STOP: koniec wiadomości i połączeń.
        【Acme】验证码482913，5分钟内有效，请勿告诉他人。
    """),
    "many kinds": _lines("""
        stop sign ahead
        I'll stop by at noon
        I'm stopping now
        Stop and call me
        Stop calling, text instead please
        Please stop calling and send a text
        Don't call. Text.
        don't call text
        Do not call this number it is my landline, text my mobile
        Please stop the old number and use this one
        I need you to stop sending it by voice and text me
        stop sending two codes, one is enough
        Stop sending the code twice
        stop making me wait
        You stopped texting me
        it stopped working
        My phone won't stop ringing
        please don't cancel it
        I don't want to cancel
        I don't want to stop getting messages
        do not stop
        Do not stop the messages
        never stop
        i didn't text stop
        I never opted out
        Who keeps texting me
        never got it
        I never asked for a call, I want a text
        I don't want to call, I want to text
        I do not want the call, send sms
        no code came
        no texts
        no calls
        No message
        Not getting codes anymore
        No more codes left
        there are no more codes
        I can't receive texts anymore
        I can't get calls any more
        I do not receive messages
        don't get any texts
        don't receive messages on this number
        Texts do not send
        You never text me anymore
        You don't call me anymore
        You guys don't text me anymore
        we never call
        I don't call strangers
        never call a number you don't know
        Never text and drive
        Don't text and drive!
        Quit your whining
        ending soon
        Cancel my subscription to Netflix
        End the call
        the call should end
        Remove the SIM
        revoke my license
        Is stop the right word
        does this stop if I text end?
        Thank you for your message. We are closed. To opt out text STOP.
        Thank you for calling. Text messages to this number are not read. Please call us at 555 0100.
        We no longer accept text messages at this number. Please do not text. Call 5550100.
        Auto-Reply: I no longer use this number. Do not text or call. New number: 5550123
        I'm driving. Please don't call.
        I am busy, don't call me now
        Do not call now, I am in class
        Sleeping. Do not call or text.
        Sorry I missed your call. I never answer unknown numbers.
        You're unsubscribed from Joe's. No more messages. Text START to rejoin.
        STOP: You will receive no further messages.
        You have opted out. Stop. Text START to opt in
        Stop messages? Reply STOP
        Reply Y to confirm or STOP to opt out
        Rate 1-5 or text STOP
        Quit? Reply QUIT
        Bitte nicht antworten
        Ich kann nicht mehr schreiben, Akku leer
        Ich erhalte keine SMS mehr
        Ich möchte keinen Anruf, sondern eine SMS
        Nicht anrufen, ich schlafe
        Nicht auflegen
        Ich höre nicht auf
        Keine SMS bekommen
        Keine SMS
        Keine Nachricht erhalten
        Sie rufen mich nicht mehr an
        Bitte keinen Anruf, SMS reicht
        Plus de SMS reçus
        Vous ne m'appelez plus
        je ne reçois plus rien
        pas de SMS reçu
        Ne quittez pas
        Arrête tes bêtises
        no me llega
        No me han llamado
        ya no me llaman
        No llamen, prefiero mensaje
        No recibo mensajes
        Para que me manden el código
        Para recibir el código
        No puedo parar
        alto ahí amigo que no entiendo
        non mi arriva nessun messaggio
        Non chiamate, mandate un sms
        Non funziona più
        não chegou mensagem
        Não recebi
        não para de tocar
        Para quem é isso
        ik krijg geen berichten meer
        niet gekregen
        stop de tijd
        jag får inga sms
        Inga sms
        Inget sms
        Ringer aldrig
        Ikke fått sms
        Ingen sms
        Ingen besked
        en saa viestejä
        ei viestejä
        Ei tullut viestiä
        nie przyszło
        Nie mam wiadomości
        nie działa
        Žádné zprávy
        nepřišlo nic
        Mesaj yok
        mesaj gelmiyor artık
        arama gelmedi
        電話できません
        メールが届きません
        電話ください
        停止ボタンはどこですか
        不要
        别急
        我不要停止
        电话打不通
        没有短信
        收不到短信
        لا أستطيع
        لا توجد رسائل
        لا تصلني الرسائل
        توقف التطبيق عن العمل
    """),
    "sentences made of the words of wishes": _lines("""
        Stop. I need the code first
        stop, wait, I found it
        please stop and call me instead
        Don't call me anymore, just text the code
        Don't call me anymore. Text me.
        Stop calling. Send me an SMS.
        stop texting, call
        Stop texting me and call me
        Stop calling me i want a text
        please stop calling I want texts
        No more calls please, only texts
        no more calls, text me
        I no longer want calls, send texts
        I don't want calls. I want texts
        I don't want a text
        i dont want to unsubscribe
        don't unsubscribe
        do not remove me
        please don't remove my number
        don't take me off
        please do not opt me out
        I do not want to be removed
        Don't delete my number
        Please don't leave me alone
        never leave me alone
        remove my number from the account and add this one
        change my number
        Delete my account
        remove my old phone
        take me to the bus station
        Get me the code
        Get me off hold
        leave me a message
        let me know
        lose the attitude
        This number no longer belongs to me
        Text me when you stop
        tell me when to stop
        when I say stop, stop
        he said stop
        she told me to stop texting
        My phone stops ringing after one second
        calls stop
        calls end too soon
        The calls stop before I answer
        texts stop at night
        My texts end up in spam
        messages go to spam
        spam
        Is this spam?
        the end is near
        To the end
        end to end
        Quit while ahead
        cancel my booking
        cancel booking 1234
        cancel reservation
        I cancelled
        cancellation
        Cancel the call
        cancel code
        cancel the code please
        Cancel my verification
        Start over
        Restart
        nothing more
        Again
        once more
        More codes
        one more text please
        more texts please
        Please send more texts
        send texts
        send codes
        send me the codes
        text codes to this number
        call this number
        call this number again
        please call again
        text me again
        text me anymore
        ring again
        contact me
        message me
        I want texts
        I want to text
        I want calls
        i want to stop by
        I need to stop
        I need to quit smoking
        I have to stop
        you must stop at red
        He does not text me
        It does not ring
        does not ring
        do not have texts
        dont have it
        don't have any messages
        don't know
        Don't worry
        dont
        do not
        not now
        not yet
        no more time
        no more data
        No more minutes on my phone
        out of texts
        out of messages
        this list
        my number
        wrong number
        you have the wrong number
        please
        please now
        all of these
        stop at
        stop the car
        Stop the clock
        Stop to think
        the stop
        A stop
        this stop
        my stop is next
        your stop is here
        last stop
        Stop 5
        Stop #4421
        stop 12 north
        Bus 42 stop A
        Stop 42 next bus in 5 min
        Stop loss triggered
        Stop loss order at 50
        one stop
        ok no problem
        no worries
        yes but not now
        I said no
        not interested
        im not interested
        STOP is a band
        Stop means go
        Text STOP
        reply stop to opt out
        send stop to 12345
        Send STOP to end
        Say STOP to end
        Press 1 to stop
        Press 9 to be removed from our list
        To be removed from our list press 9
        To opt out reply STOP
        If you want to unsubscribe, reply STOP
        To unsubscribe, reply UNSUBSCRIBE
        Unsubscribe: https://x.example/u
        Manage preferences
        Thank you for your mail. We are on holiday.
        Unsubscribe here
        You may unsubscribe at any time
        You can opt out at any time
        Opt out at any time
        I am away until 4 May. For help call 5550100.
        On vacation. No calls please!
        I'm asleep. Please do not call.
        Driving, can't text. Don't call either.
        Phone is off. No more calls today
        I'm in class don't text me
        At work, do not call or text
        Do not text - landline
        Do not reply to this message
        Please do not respond to this text
        Do not write to this address
        This number doesn't take texts
        Auto: Stop by our shop! Open 9-5.
        Please hold
        Bitte warten
        Ich rufe zurück
        Ruf mich nicht an, schreib mir
        Ruf nicht an, ich bin im Meeting
        Nicht mehr lange
        Keine Ahnung
        Keine Zeit
        keine Anrufe bitte, nur SMS
        Stopp mal, ich habe noch keinen Code
        Halt die Klappe
        Ich will nicht aufhören
        Bitte nicht aufhören
        Bitte nicht abmelden
        arrête pas
        N'arrêtez pas
        Ne me désabonnez pas
        Ne m'appelez pas je suis en réunion
        J'arrive
        plus tard
        Je n'ai plus de messages
        Je n'ai plus de code
        Je ne veux pas arrêter
        Ne raccrochez pas
        No me den de baja
        No quiero darme de baja
        No cancelar
        no paren
        No dejen de llamarme
        No dejes de escribirme
        para nada
        Para mañana
        baja el volumen
        más tarde
        Non smettete
        Non cancellatemi
        Basta così poco
        Não parem
        Não pare de mandar
        Para onde?
        Não quero sair
        Niet stoppen
        Stop niet
        stop niet met sturen
        Bel me terug
        Niet afmelden
        Sluta inte
        avsluta inte
        Stoppa inte
        Stop ikke
        Slutt ikke
        ikke stopp
        Älä lopeta
        Älkää lopettako
        Nie przestawaj
        Nie przestańcie
        Nezrušte
        Nepřestávejte
        Durma
        Durdurmayın
        İptal etmeyin
        Dur bakalım
        Kesin
        やめないで
        停止しないで
        退会しません
        不要退订
        别停
        不要取消
        我没有退订
        لا تلغي الاشتراك
        لا تتوقف
        لا توقف
    """),
    "sentences close to wishes": _lines("""
        I'm not able to text right now, stop by my desk
        Can't stop now, in traffic
        stop calling, I'm driving, text me later
        The recording stops at 'press'
        Your system keeps calling and stopping
        I pressed stop
        I hit stop on accident
        please ignore my stop message
        Undo stop
        unstop please send
        How to stop
        where is the stop
        Did you stop?
        Stop? Why
        Are you going to stop calling me
        if you don't stop I'll call the police
        You said you would stop
        You must stop here
        Make it stop
        Tell him to stop calling
        tell them I never got a code
        Never mind, it came
        never mind stop worrying
        It never stops
        Never heard of you
        Never received anything
        I never get texts from this number
        I don't get calls from this number
        I don't get any more calls
        my phone does not get texts
        you don't need to call me again
        You do not have to text me again
        Do not hang up
        don't hang up so quickly
        Don't forget to text me
        don't forget to call me
        Don't you text codes
        Do you text or call
        do not text my old number, text this number
        never text the old number again use this
        Please remove 5550100 and add 5550101
        Change my number and remove the old
        Remove call, use text
        Remove phone verification
        delete code
        delete that
        take it off speaker
        Take care
        Cancel it
        cancel this request
        Cancel request
        cancel verification
        Cancel login
        end session
        End chat
        END OF MESSAGE
        End of line
        quit app
        quit the app and try again
        revoke access
        revoke my session
        Opt in
        I want to opt in
        Subscribe
        resubscribe me
        How do I resubscribe
        I want the text
        I want a call
        I don't want to stop
        I want to continue
        no stop
        no don't stop
        no more calls please just the code by text
        no texts yet
        no texts received
        No calls received
        Still no texts
        never a text
        Neither call nor text
        no answer
        not working
        not received
        Stop light
        Rest stop ahead
        stop work order
        Stop order on 5th street
        We stopped by today
        Come to a full stop
        non stop
        stop it babe haha
        haha stop it
        lol stop
        Omg stop it you're the best
        stop lying to me Jake
        stop being weird
        stop eating my food
        Stop playing with me
        stop crying
        Stop calling me babe
        Stop calling me that
        stop calling me fat
        Don't call me babe
        Don't call me late for dinner
        Don't text me back
        don't call back
        Please call me back
        do not text back until 5
        never call me that
        leave me alone with my thoughts
        leave me a voicemail
        Remove your shoes
        Take me off mute
        Get me off this bus
        I'm off, text me tomorrow
        Bin unterwegs, bitte nicht anrufen
        Nicht mehr verfügbar
        Ich rufe nicht mehr an
        Ich schreibe dir nicht mehr
        Keine Anrufe mehr seit gestern
        Plus de batterie
        Je ne t'appelle plus
        Je n'envoie plus de SMS
        Arrête de rire
        Ne m'oublie pas
        no me molesta
        no me mandaron el código
        No me llamaron
        Deja de llover
        deja de jugar
        Ya no llamo
        Non chiamo più
        Non ho più messaggi
        Smetti di ridere
        não me mandou
        Não ligo mais
        pare de rir
        Ik bel niet meer
        Niet gebeld
        Stop met lachen
        sluta skratta
        Jag ringer inte mer
        Jeg ringer ikke mer
        Jeg ringer ikke igen
        slutt å tulle
        En soita enää
        Nie dzwonię więcej
        Nie piszę
        Nevolám
        Přestaň blbnout
        Aramıyorum artık
        もう電話した
        電話した
        送らないの
        别忘了发短信
        我没打电话
        不用打电话
        لم تتصل بي
        لا تنسى
    """),
    "for now only, and more machines": _lines("""
        end of the call was cut
        I quit the app and no text arrived
        Stop for a second, I'm lost
        stop for coffee
        Please stop by and call me
        stop to call
        Stop and text me
        stop and send codes
        can't you stop
        couldn't stop
        won't stop calling
        the phone won't stop calling
        it keeps calling and does not stop
        it will not stop
        It did stop
        has it stopped
        why stop
        who said stop
        You can stop now, I got the code
        ok you can stop calling now
        you can stop
        Please don't send texts, I prefer calls
        do not send texts, only call
        Please do not send SMS, call
        I don't want texts but calls
        don't text but call
        Do not call but text
        I don't want any codes by call, text me
        No more calls, only texts please
        No more calls until I am home
        No calls after 9
        no calls at night please
        Do not call after 9pm
        don't call before noon
        Don't text before noon
        Please don't text during class
        don't call again until tomorrow
        don't call again today, text me
        do not call again, I will try later
        Never call this number at night
        Don't call my wife
        Don't call my work
        don't text my old number
        Don't send it to my wife
        dont send it by text
        don't send it again, I have it
        Don't send another code, I have it
        don't send another one
        do not send again
        never send it twice
        don't message me here
        don't message me on this
        Don't bother
        don't bother me now
        Don't ring the bell
        never ring twice
        Don't write me off
        Don't contact the police
        Contact me again
        Write me again
        never write checks
        Do not use this number
        Do not save this number
        This number is not in service
        not in service
        The subscriber is not available
        The number you have dialed is not in service. Please stop and check the number.
        Message not delivered
        Message blocking is active
        Free Msg: Unable to send message - Message Blocking is active.
        Error: message could not be delivered
        Service access denied
        Invalid keyword. Text HELP for help or STOP to cancel.
        Sorry, we did not understand. Reply STOP to stop.
        Sorry, I don't understand. STOP to end
        You replied STOP. You will get no more texts.
        You have been removed and will not get any more messages.
        We won't text you again.
        We will stop texting you.
        You will no longer receive messages from us
        Your number has been removed from our list.
        STOP received. Goodbye.
        STOP confirmed
        Confirmed: STOP
        You texted STOP
        Unsubscribed
        You're opted out
        Opted out
        Cancelled!
        Removed.
        Ended
        Msg frequency varies. Text HELP for help. STOP to stop.
        Text YES to confirm. Text NO or STOP to decline.
        Reply YES, NO or STOP
        YES or STOP
        yes/no/stop
        Help, stop or start
        START or STOP
        START STOP
        Is it STOP or END
        stop/start
        End. To End.
        Dead. End.
        What a weekend. End.
        And so they lived. The end.
        Hej, jag är på möte. Ring inte.
        Jag är upptagen, ring inte nu
        Ik ben in gesprek, niet bellen aub
        Ich bin im Urlaub. Bitte keine Anrufe.
        Ich bin im Urlaub. Bitte nicht anrufen.
        Je suis absent. Merci de ne pas appeler.
        Estoy en una junta. No me llamen.
        Sono in riunione, non chiamatemi
        Estou ocupado, não ligue
        Olen kokouksessa, älä soita
        Jestem na spotkaniu, nie dzwoń
        Jsem na schůzce, nevolejte
        Toplantıdayım, aramayın
        会議中です。電話しないでください。
        我在开会，不要打电话
        أنا في اجتماع، لا تتصل
        Keine Nachrichten mehr auf diesem Gerät
        Kann keine SMS mehr empfangen
        Es kommt nichts mehr
        plus de SMS depuis hier
        Plus aucun SMS
        No más saldo
        Más mensajes por favor
        ya no tengo mensajes
        Nessun messaggio
        Sem mensagens
        Nenhuma mensagem
        Geen bericht
        Ingen melding
        Ikke mer
        inte mer
        Nicht mehr
        Nie mehr
        Niet meer
        Ei enää
        Już nie
        Už ne
        Artık yok
        もう
        もう届きません
        不再
        再见
        再说
        لا أعرف
        ليس بعد
    """),
    "another way or another time": _lines("""
        I'm at a stop light, call you soon
        Please stop at my house first
        stop and get messages
        Stop to get me
        stop or my mom will shoot
        Stop or go
        Stop us if you see us
        My number is the same, stop worrying
        remove my name tag
        remove us from the tour
        Delete me from the group chat
        delete my messages
        Remove all of it
        erase it
        get off this phone
        take me off the lease
        Take my number, call me
        leave me alone with him
        Opt out form attached
        opt me out of dinner
        cancel my texts appointment
        Cancel all my meetings
        End all wars
        quit calling in sick
        Quit texting and drive
        quit sending mixed signals
        end of messages
        I don't want to get in the way
        I don't want to get texts from my ex
        I do not want it
        I dont want any
        I don't want any trouble
        I dont want more
        I no longer want this phone
        I don't want spam, I want the code
        I want no more
        I want more codes
        i want you to call me
        I want you to text me again
        I want you to stop and think
        you need to call me again
        i need to get texts
        I need you to text me
        do not want
        never want
        Never any texts
        never a call
        no more calls from Bob he said
        No more spam texts from you? great
        not any more
        any more codes
        get codes
        no more phone
        No more me
        Don't. Call. Me. Maybe
        Call me, don't text me
        text me not
        text not call
        call, not text
        call don't text
        Text, don't call
        Please text, do not call
        only text do not call
        just text don't call
        Don't call just text
        Do not call - text only
        no calls please
        no texts please
        No calls or texts today
        please no calls, in surgery
        don't text now
        don't call today
        do not call right now
        Don't call me tonight
        don't call me at work
        Do not message during the game
        don't message me at night
        Don't ring before 8
        Stop calling me at work, call my cell
        Stop sending by voice, send by sms
        Stop sending voice calls
        stop calls send text
        Stop calls, text
        stop the calls text me instead
        stop the calls and text me
        stop calls only texts
        stop with the calls, text me the number
        stop with the calls, I want texts
        STOP CALLING AND SEND THE CODE BY TEXT
        stop sending texts and call
        stop texting. call me
        stop texting. Please call.
        Stop texting, ring me
        Please stop texting and ring my phone
        Stop sending the text, call
        please stop sending to this number, send to my new number
        stop sending them there
        Stop sending that here, my number is new
        Don't send texts to my number, send to my wife
        never send codes to my old phone
        Don't send codes to this number, my new number is 555 010 0199
        My new number is 555-010-0199, stop sending to the old one
        ring ikke nu
        ikke ring nå
        Ring inte nu
        niet nu bellen
        Jetzt nicht anrufen
        nicht jetzt
        ne m'appelez pas maintenant
        no me llamen ahora
        non chiamatemi adesso
        não me liguem agora
        älä soita nyt
        nie dzwoń teraz
        teď nevolejte
        şimdi aramayın
        今は電話しないで
        现在别打电话
        لا تتصل الان
        Nicht anrufen, SMS bitte
        Keine Anrufe, bitte SMS
        Bitte SMS statt Anruf
        pas d'appel, sms svp
        no llamadas, mensajes
        niente chiamate, solo sms
        sem ligações, só mensagem
        geen telefoontjes, wel sms
        inga samtal, bara sms
        ingen opkald, kun sms
        ikke ring, bare sms
        ei puheluita, vain viesti
        bez telefonów, tylko sms
        nevolat, jen sms
        arama yok, mesaj at
        電話はやめてSMSにしてください
        电话不要，发短信
        لا مكالمات، رسائل فقط
        我要停止吗
        请问怎么退订
        怎么取消
        如何停止
        停止方法を教えて
        やめてほしくない
        退会方法
        كيف ألغي الاشتراك
        هل يمكن إيقاف الرسائل
    """),
    "still more": _lines("""
        I'm stopped at a light
        Stop the presses, the code works
        Stop hogging the phone
        Can't text or call right now
        can not call or text today
        text or call anytime
        Please text or call my husband
        never text my husband
        no more than two texts please
        I want to stop by tomorrow
        We want to end this call
        the end of texts
        stopped receiving texts
        I stopped getting codes
        Why did I stop getting codes
        not getting more codes
        didn't get any more texts
        I don't get any more codes
        I can't get any codes
        can't receive calls
        do not receive any texts
        I don't wish to wait
        I do not want to wait
        I don't want to type it
        do not call it a code
        never call it quits
        call it quits
        quit it?
        End of discussion, bye
        cancel culture is real
        Cancel everything I ordered
        Remove the app
        remove app and reinstall
        opt for text
        unsubscribe from YouTube channel how
        This is an automated reply. Do not reply.
        Automatic reply: I will be out until 3 June with no access to messages.
        I am unable to answer your call. Please leave a message.
        Auto-response: this line does not accept texts.
        Thanks for reaching Acme Dental! Reply C to confirm, X to cancel.
        Your appointment is at 5. Reply CANCEL to cancel.
        Ich bin gerade beschäftigt. Rufe später an.
        Bin gleich da
        Je suis au volant
        Voy manejando
        sono al volante, non posso rispondere
        Não posso falar agora
        Kan inte prata just nu
        Ik kan nu niet praten
        Kan ikke snakke nå
        En voi puhua nyt
        Nie mogę teraz rozmawiać
        Nemůžu teď mluvit
        Şu an konuşamıyorum
        今話せません
        现在不能说话
        لا أستطيع الكلام الآن
        keine Codes mehr da
        ne reçois aucun code
        no recibo códigos
    """),
    "next to nothing": (
        *("", " ", "\n", "\x00", "\u200b", "\ufeff", "?", "...", "-", "“”", "@", "#", "1/2", "1", "0", "00", "12"),
        *("k", "N", "T", "X", "q", "e", "S", "st", "sto", "en", "op", "subs-"),
        *("👍", "👎", "✋", "❤️", "🙏🙏", "😂", "😀" * 70),
    ),
}

# The other keywords.
OTHERS = {
    Keyword.START: (
        *("START", "start", " Start ", "start!", "Start please", "please start", "yes", "YES!", "UNSTOP"),
        *("Mulai", "bắt đầu", "시작", "Начать", "恢復", "เริ่ม", "शुरू करें"),
    ),
    Keyword.HELP: (
        *("HELP", "help", "Help!", "help please", "please help", "INFO", "info.", "AYUDA", "Hilfe", "aide"),
        *("Bantuan", "trợ giúp", "도움말", "Помощь", "說明", "ช่วยด้วยค่ะ", "मदद"),
    ),
    Keyword.CALL: (
        *("CALL", "call", "Call me", "call me please", "Please call", "please call me", "ring", "CALL ☎️"),
        *(
            "Tolong telepon saya",
            "Gọi cho tôi",
            "전화해 주세요",
            "請打電話給我",
            "打畀我",
            "โทรหาฉัน",
            "मुझे कॉल करें",
            "Позвоните мне, пожалуйста",
        ),
    ),
    Keyword.REPORT: (
        *("REPORT", "report!", "NO", "No.", "not me", "Not me!", "It wasn't me", "this was not me", "fraud"),
        *("Nein", "não", "non", "nej", "nie", "hayır", "いいえ", "不是我", "لا"),
        *("Nie!", "Ні", "Це не я", "це був не я"),
        *(
            "Nu",
            "Nu am fost eu",
            "Nem",
            "Nem én voltam",
        ),
        *("Tidak", "Không", "아니요", "Нет", "Это не я", "ไม่ใช่ค่ะ", "नहीं", "唔係", "唔係我", "不是我申請的"),
        *(
            "Όχι",
            "Δεν ήμουν εγώ",
            "לא",
            "זה לא אני",
        ),
        *(
            "Не",
            "Не бях аз",
            "no he estat jo",
        ),
    ),
}

# Twilio acts on these by itself, and only when nothing else is in the text.
TWILIO = {
    Keyword.STOP: ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"),
    Keyword.START: ("start", "yes", "unstop"),
    Keyword.HELP: ("help", "info"),
}
