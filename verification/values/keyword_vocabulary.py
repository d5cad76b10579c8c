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
    "hi-IN": """
start: शुरू; शुरू करें; चालू करें
help: madad; मदद; सहायता
call: कॉल करें; कॉल करो; मुझे कॉल करें; मुझे कॉल करो; फ़ोन करें
report: nahi; नहीं; धोखा; धोखाधड़ी; मैंने नहीं माँगा; यह मैं नहीं था; यह मैंने नहीं किया; शिकायत
V: band karen; band karo; बंद कर दीजिए; बंद कर दें; बंद कर दो; बंद करें; बंद करो; बंद कीजिए; रोक दीजिए; रोक दो; रोकिए;
रोकें; रोको
K: रद्द; रद्द करें; रद्द करो
B: unsubscribe karo; अनसब्सक्राइब; सदस्यता रद्द करें; सदस्यता समाप्त करें
L: हटा दीजिए; हटा दें; हटा दो; हटाइए; हटाएँ; हटाओ
H: मुझे; मेरा नंबर; मेरे नंबर; यह नंबर
Z: call mat karo; message mat bhejo; msg mat bhejo; sms mat bhejo; न करें; न भेजें; मत करना; मत करिए; मत करें; मत करो;
मत कीजिए; मत भेजना; मत भेजिए; मत भेजें; मत भेजो
Q: नहीं चाहता; नहीं चाहती; नहीं चाहिए; नहीं चाहिये; नहीं लेना
T: एसएमएस; ओटीपी; कॉल; कोड; फ़ोन; मैसेज; संदेश
A: अब; आगे से; कभी; दुबारा; दोबारा; फिर; फिर कभी; फिर से
M: और
F: आप; इस नंबर पर; को; कोई; ये; वाले; से
P: कृपया; जी; धन्यवाद; प्लीज़; भाई
E: ग़लत नंबर; ग़लत नंबर है
""",
    "th-TH": """
start: เริ่ม; เริ่มใหม่
help: ขอความช่วยเหลือ; ช่วยด้วย; ช่วยด้วยครับ; ช่วยด้วยค่ะ; ช่วยเหลือ
call: ช่วยโทรกลับ; โทรกลับ; โทรหาฉัน; โทรหาผม
report: ไม่; ไม่ครับ; ไม่ค่ะ; ไม่ใช่; ไม่ใช่ครับ; ไม่ใช่ค่ะ; ไม่ใช่ฉัน; ไม่ใช่ผม; แจ้งความ
S: หยุด; เลิก
K: พอแล้ว; ยกเลิก
B: ยกเลิกการรับข้อความ; ยกเลิกการสมัคร; ยกเลิกบริการ
U: เลิกยุ่งกับฉัน; เลิกยุ่งกับผม
L: ลบ; ลบออก
H: ฉัน; ผม; เบอร์ของฉัน; เบอร์ของผม; เบอร์ฉัน; เบอร์นี้; เบอร์ผม
I: ติดต่อ; ติดต่อมา; รบกวน; ส่ง; ส่งมา; โทร; โทรมา; โทรหา
N: ห้าม; อย่า; ไม่ต้อง
Q: ไม่ต้องการ; ไม่อยาก; ไม่เอา
R: ได้รับ; รับ
T: ข้อความ; รหัส; สายโทร; เอสเอ็มเอส
A: อีก; อีกต่อไป; อีกแล้ว; แล้ว
E: ผิดเบอร์; เบอร์ผิด; โทรผิด; โทรผิดเบอร์
P: กรุณา; ขอบคุณ; ขอร้อง; ครับ; ค่ะ; คะ; ช่วย; ด้วย; นะ; โปรด
F: จาก; จากคุณ; นี้; มา; มาที่; ไปที่; ให้
""",
    "cmn-TW": """
start: 恢復
help: 協助; 說明
call: 打給我; 打電話給我; 請打電話給我
report: 不是我要求的; 不是我申請的; 檢舉; 詐騙
U: 把我從名單中刪除
B: 取消訂閱; 退訂
L: 刪除; 移除
H: 我的號碼; 這個號碼
I: 傳; 傳送; 傳簡訊; 打來; 打電話; 聯絡; 發; 發送; 騷擾
N: 別; 請勿
Q: 我不想; 不想
R: 收
T: 簡訊; 訊息; 驗證碼
E: 打錯了; 打錯電話; 號碼錯了
P: 拜託; 請; 謝謝; 麻煩
F: 給
""",
    "yue-HK": """
call: 打畀我; 打電話畀我
report: 唔係; 唔係我; 唔係我要求; 唔係我要求嘅
K: 停
I: send短訊; 打嚟; 煩
N: 唔好; 咪
Q: 唔想; 唔要; 我唔想
T: 短訊
E: 打錯電話喇
P: 唔該; 多謝; 喇
F: 俾; 嚟; 畀
""",
    "ko-KR": """
start: 시작; 재개
help: 도움; 도움말
call: 전화 주세요; 전화해 주세요
report: 신고; 아니오; 아니요; 제가 아닙니다
V: 그만; 그만 보내; 그만 보내 주세요; 그만 보내세요; 그만 보내주세요; 중단해 주세요; 중지해 주세요
K: 거부; 정지; 중지; 차단; 취소; 해지
B: 구독 취소; 수신 거부; 수신 차단; 수신거부
L: 삭제해 주세요; 지워 주세요
H: 내 번호; 이 번호; 제 번호
Z: 보내지 마; 보내지 마세요; 보내지 마십시오; 보내지마세요; 연락하지 마세요; 연락하지 마십시오; 전화하지 마;
전화하지 마세요; 전화하지 마십시오
Q: 받고 싶지 않습니다; 받고 싶지 않아요; 필요 없습니다; 필요 없어요
A: 다시는; 더 이상; 앞으로; 이제
T: 메시지; 문자; 스팸; 연락; 인증번호; 전화
F: 를; 을
P: 감사합니다; 제발; 좀
E: 잘못 거셨습니다; 잘못 보내셨습니다
""",
    "ru-RU": """
start: возобновить; начать; старт
help: помощь; справка
call: позвоните; позвоните мне
report: мошенники; не я; нет; это не я
S: остановите; перестань; перестаньте; прекрати; прекратите; стоп; хватит
K: отмена; отменить
B: отписаться; отписка
U: оставьте меня в покое; отпишите меня; отстаньте; удалите меня
L: уберите; удалите
H: меня; мне; мой номер; этот номер
C: беспокойте; звоните; отправляйте; пишите; присылайте; шлите
I: беспокоить; звонить; отправлять; писать; присылать; слать
N: не
Q: не надо; не хочу; не хочу больше
R: получать
A: больше; никогда
T: звонки; коды; смс; сообщения
F: на; от вас; я
P: здравствуйте; пожалуйста; спасибо
E: вы ошиблись номером; ошиблись номером
""",
    "el-GR": """
start: εναρξη; ξεκινα
help: βοηθεια
call: καλεστε με; παρε με; παρτε με
report: απατη; δεν ημουν εγω; δεν το ζητησα; οχι; οχι εγω
S: διακοψτε; παψτε; σταματα; σταματηστε; στοπ; stamata; stamatiste
K: αρκετα; ακυρωση; διακοπη; φτανει
U: αφηστε με ησυχη; αφηστε με ησυχο; αφηστε μας ησυχους; παρατα με; παρατηστε με
B: απεγγραφη; διαγραφη; διαγραφη απο τη λιστα; diagrafi
L: αφαιρεστε; βγαλτε; διαγραψε; διαγραψτε
H: με; μου; το νουμερο μου; τον αριθμο μου
C: γραφετε; ενοχλειτε; επικοινωνειτε; ενοχλησετε; καλειτε; καλεσετε; ξανακαλειτε; ξανακαλεσετε; ξαναπαρετε;
ξαναστειλετε; παιρνετε; παρετε; στειλετε; στελνετε; τηλεφωνειτε; τηλεφωνησετε
I: να γραφετε; να ενοχλειτε; να καλειτε; να με ενοχλειτε; να με καλειτε; να με παιρνετε; να μου γραφετε;
να μου στελνετε; να μου τηλεφωνειτε; να στελνετε; να τηλεφωνειτε
N: μη; μην; min me; min mou
0: οχι
Q: δε θελω; δεν επιθυμω; δεν θελω
R: να λαμβανω; να παιρνω
A: ξανα; πια; ποτε; ποτε ξανα
M: αλλα; αλλες; αλλο; αλλους
T: ειδοποιησεις; κλησεις; κωδικο; κωδικους; μηνυμα; μηνυματα; τηλεφωνηματα
E: εχετε λαθος αριθμο; λαθος αριθμος; λαθος νουμερο
P: ευχαριστω; παρακαλω
F: απο τη λιστα; απο τη λιστα σας; αυτα τα; αυτον τον αριθμο; σε αυτον τον αριθμο; στον αριθμο μου; τα; τις
""",
    "he-IL": """
start: התחל; חידוש
help: עזרה
call: התקשרו אליי; התקשרו אלי; תתקשרו אליי; תתקשרו אלי
report: דיווח; הונאה; זה לא אני; זו לא אני; לא; לא אני; לא ביקשתי
S: הפסיקו; הפסק; הפסיקי; להפסיק; סטופ; עצור; עצרו; תעצרו; תפסיק; תפסיקו
K: ביטול; בטל; בטלו; די; הסר; הסרה; מספיק; תבטלו
U: הורידו אותי; הסירו אותי; הסר אותי; עזבו אותי; תורידו אותי; תסירו אותי; תעזבו אותי; תניחו לי
B: ביטול הרשמה; הסרה מהרשימה; הסרה מרשימת התפוצה; להסרה
L: הורידו; הסירו; מחקו; תורידו; תמחקו; תסירו
H: אותי; אלי; אליי; את המספר; את המספר שלי; לי; לנו
C: תטריד; תטרידו; תכתבו; תציקו; תשלח; תשלחו; תתקשר; תתקשרו
I: להטריד; להתקשר; לכתוב; לסמס; לשלוח
N: אל; אל תעזו; לא; נא לא
Q: אני לא רוצה; איני רוצה; לא מעוניין לקבל; לא מעוניינת לקבל; לא רוצה
R: לקבל
A: יותר; לעולם; שוב
M: עוד
T: הודעה; הודעות; סמס; סמסים; קוד; קודים; שיחות
E: טעות במספר; זו טעות במספר; לא מעוניין; לא מעוניינת; מספר שגוי
P: בבקשה; תודה
F: המספר הזה; למספר הזה; מהרשימה; מרשימת התפוצה; מכם; את ההודעות; האלה
""",
    "bg-BG": """
start: начало; започни
help: помощ
call: звъннете ми; обадете ми се
report: измама; не; не бях аз; не съм аз; не съм го искал; не съм го искала
S: престани; престанете; спри; спрете
K: отказ; откажи; стига; стига толкова
U: махнете ме; оставете ме; оставете ме на мира; отпишете ме; отпиши ме
B: отписване
L: изтрий; изтрийте; махнете; премахнете
H: ме; ми; номера ми; телефона ми
C: безпокойте; звъни; звънете; изпращайте; обаждайте; пишете; пращайте; се обаждайте; търсете
I: да звъните; да изпращате; да ме търсите; да ми звъните; да ми изпращате; да ми пишете; да ми пращате;
да ми се обаждате; да пращате; да се обаждате
Q: не желая; не искам
R: да получавам
A: никога; никога повече; повече
M: други; още
T: есемеси; кодове; обаждания; обажданията; съобщения; съобщенията
E: грешен номер; имате грешен номер; сбъркали сте номера
P: благодаря; моля
F: на номера ми; на този номер; от списъка; тези; този номер
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
}
