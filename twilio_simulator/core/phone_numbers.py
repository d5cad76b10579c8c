"""Phone numbers as far as Twilio's checks need them: E.164, calling codes, lengths, how a number is written for people.

This is no numbering plan: it knows the calling codes, the shape of +1 numbers and the lengths of some countries. A
number that it accepts may still not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .wordlist import word_list

E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
SHORT_CODE = re.compile(r"\d{3,8}", re.ASCII)
ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", re.ASCII)
NORTH_AMERICAN = re.compile(r"[2-9]\d\d[2-9]\d{6}", re.ASCII)
TOLL_FREE = ("800", "888", "877", "866", "855", "844", "833")

_CODES = word_list(
    """
    7 RU 20 EG 27 ZA 30 GR 31 NL 32 BE 33 FR 34 ES 36 HU 39 IT 40 RO 41 CH 43 AT 44 GB 45 DK 46 SE 47 NO 48 PL
    49 DE 51 PE 52 MX 53 CU 54 AR 55 BR 56 CL 57 CO 58 VE 60 MY 61 AU 62 ID 63 PH 64 NZ 65 SG 66 TH 81 JP 82 KR
    84 VN 86 CN 90 TR 91 IN 92 PK 93 AF 94 LK 95 MM 98 IR 211 SS 212 MA 213 DZ 216 TN 218 LY 220 GM 221 SN 222
    MR 223 ML 224 GN 225 CI 226 BF 227 NE 228 TG 229 BJ 230 MU 231 LR 232 SL 233 GH 234 NG 235 TD 236 CF 237 CM
    238 CV 239 ST 240 GQ 241 GA 242 CG 243 CD 244 AO 245 GW 246 IO 248 SC 249 SD 250 RW 251 ET 252 SO 253 DJ 254
    KE 255 TZ 256 UG 257 BI 258 MZ 260 ZM 261 MG 262 RE 263 ZW 264 NA 265 MW 266 LS 267 BW 268 SZ 269 KM 290 SH
    291 ER 297 AW 298 FO 299 GL 350 GI 351 PT 352 LU 353 IE 354 IS 355 AL 356 MT 357 CY 358 FI 359 BG 370 LT 371
    LV 372 EE 373 MD 374 AM 375 BY 376 AD 377 MC 378 SM 380 UA 381 RS 382 ME 383 XK 385 HR 386 SI 387 BA 389 MK
    420 CZ 421 SK 423 LI 500 FK 501 BZ 502 GT 503 SV 504 HN 505 NI 506 CR 507 PA 508 PM 509 HT 590 GP 591 BO 592
    GY 593 EC 594 GF 595 PY 596 MQ 597 SR 598 UY 599 CW 670 TL 672 NF 673 BN 674 NR 675 PG 676 TO 677 SB 678 VU
    679 FJ 680 PW 681 WF 682 CK 683 NU 685 WS 686 KI 687 NC 688 TV 689 PF 690 TK 691 FM 692 MH 850 KP 852 HK 853
    MO 855 KH 856 LA 880 BD 886 TW 960 MV 961 LB 962 JO 963 SY 964 IQ 965 KW 966 SA 967 YE 968 OM 970 PS 971 AE
    972 IL 973 BH 974 QA 975 BT 976 MN 977 NP 992 TJ 993 TM 994 AZ 995 GE 996 KG 998 UZ
    """
)
_COUNTRIES = dict(zip(_CODES[::2], _CODES[1::2], strict=True))

_CANADA = word_list(
    """
    204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 387 403 416 418 428 431 437 438 450 460 468 474
    506 514 519 548 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867 873 879
    902 905
    """
)
_ISLANDS = word_list(
    """
    242 BS 246 BB 264 AI 268 AG 284 VG 340 VI 345 KY 441 BM 473 GD 649 TC 658 JM 664 MS 670 MP 671 GU 684 AS 721
    SX 758 LC 767 DM 784 VC 787 PR 809 DO 829 DO 849 DO 868 TT 869 KN 876 JM 939 PR
    """
)
_AREAS = dict.fromkeys(_CANADA, "CA") | dict(zip(_ISLANDS[::2], _ISLANDS[1::2], strict=True))

_LENGTHS = {
    "GB": (7, 10), "FR": (9, 9), "ES": (9, 9), "PT": (9, 9), "NL": (9, 11), "BE": (8, 9), "IE": (7, 9),
    "PL": (9, 9), "BR": (10, 11), "MX": (10, 11), "AU": (9, 9), "IN": (10, 10), "DK": (8, 8), "NO": (8, 8),
    "SG": (8, 8), "HK": (8, 8), "RU": (10, 10), "ZA": (9, 9),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Country:
    calling_code: str
    iso: str
    national: str
    """The number without its calling code."""


def is_e164(number: str) -> bool:
    return E164.fullmatch(number) is not None


def country_of(number: str) -> Country | None:
    """The country of an E.164 number, or None for a calling code that nobody has."""
    digits = number.removeprefix("+")
    if digits.startswith("1"):
        return Country("1", _AREAS.get(digits[1:4], "US"), digits[1:])
    for length in (3, 2, 1):
        if iso := _COUNTRIES.get(digits[:length]):
            return Country(digits[:length], iso, digits[length:])
    return None


def validation_errors(number: str) -> list[str]:
    """Why a number cannot exist, in Lookup's words; an empty list when it may."""
    if not re.fullmatch(r"\+?\d+", number, re.ASCII):
        return ["NOT_A_NUMBER"]
    country = country_of(number)
    if country is None or not number.startswith("+"):
        return ["INVALID_COUNTRY_CODE"]
    shortest, longest = (10, 10) if country.calling_code == "1" else _LENGTHS.get(country.iso, (5, 13))
    longest = min(longest, 15 - len(country.calling_code))
    if len(country.national) < shortest:
        return ["TOO_SHORT"]
    if len(country.national) > longest:
        return ["TOO_LONG"]
    if country.calling_code == "1" and not NORTH_AMERICAN.fullmatch(country.national):
        return ["INVALID_BUT_POSSIBLE"]
    return []


def is_toll_free(number: str) -> bool:
    return number.startswith("+1") and number[2:5] in TOLL_FREE


def formatted(number: str) -> str:
    """`(305) 141-6799` for +1 numbers, the number as it is for all others, as in `to_formatted`."""
    if number.startswith("+1") and len(number) == 12:
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def masked(number: str) -> str:
    """The last four digits as `XXXX`, as Twilio's error messages write numbers."""
    return number[:-4] + "XXXX" if is_e164(number) and len(number) > 6 else number
