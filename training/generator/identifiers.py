"""Numbers with check digits: IBANs, VAT ids, tax and company numbers, telephones."""

from __future__ import annotations

from random import Random

_BBAN = {  # letters of the bank part, digits of the account
    "DE": "n18", "AT": "n16", "CH": "n17", "FR": "n23", "ES": "n20", "IT": "a1n22", "NL": "a4n10", "BE": "n12",
    "PT": "n21", "GB": "a4n14", "IE": "a4n14", "LU": "n16",
}  # fmt: skip
_BIC = {
    "DE": "COBADEFF DEUTDEFF BYLADEM1 HYVEDEMM GENODEF1 MARKDEF1 PBNKDEFF SOLADEST", "AT": "RLNWATWW GIBAATWW BKAUATWW OBKLAT2L",
    "CH": "UBSWCHZH POFICHBE RAIFCH22 ZKBKCHZZ", "FR": "BNPAFRPP SOGEFRPP AGRIFRPP CMCIFRPP CRLYFRPP", "ES": "CAIXESBB BBVAESMM BSCHESMM SABDESBB",
    "IT": "UNCRITMM BCITITMM BPMIITMM BNLIITRR", "NL": "ABNANL2A INGBNL2A RABONL2U TRIONL2U", "BE": "GKCCBEBB KREDBEBB BBRUBEBB",
    "PT": "CGDIPTPL BCOMPTPL TOTAPTPL", "GB": "BARCGB22 LOYDGB2L MIDLGB22 NWBKGB2L", "IE": "AIBKIE2D BOFIIE2D", "LU": "BCEELULL BGLLLULL",
    "US": "CHASUS33 BOFAUS3N CITIUS33 WFBIUS6S", "MY": "MBBEMYKL CIBBMYKL PBBEMYKL", "IN": "HDFCINBB ICICINBB SBININBB", "MX": "BCMRMXMM BMSXMXMM",
    "BR": "ITAUBRSP BRASBRRJ BBDEBRSP", "CA": "ROYCCAT2 TDOMCATT",
}  # fmt: skip


def iban(r: Random, country: str) -> str | None:
    """Without blanks; None where the country has none."""
    form = _BBAN.get(country)
    if form is None:
        return None
    body, i = "", 0
    while i < len(form):
        kind, j = form[i], i + 1
        while j < len(form) and form[j].isdigit():
            j += 1
        alphabet = "0123456789" if kind == "n" else "ABCDEFGHIKLMNPRST"
        body += "".join(r.choice(alphabet) for _ in range(int(form[i + 1 : j])))
        i = j
    digits = "".join(str(int(c, 36)) for c in body + country + "00")
    return f"{country}{98 - int(digits) % 97:02d}{body}"


def spaced(number: str, every: int = 4) -> str:
    return " ".join(number[i : i + every] for i in range(0, len(number), every))


def bic(r: Random, country: str) -> str:
    code = r.choice(_BIC.get(country, _BIC["DE"]).split())
    return code + r.choice(["", "", "XXX", "XXX", f"{r.randint(100, 999)}"])


def vat_id(r: Random, country: str) -> str:
    """A VAT, GST or tax id as the country writes it, check digits right."""
    return _VAT.get(country, _plain_tax_number)(r)


def national_tax_number(r: Random, country: str) -> str:
    d = lambda n: _digits(r, n)  # noqa: E731
    if country == "DE":
        return r.choice([f"{d(2)}/{d(3)}/{d(5)}", f"{d(3)}/{d(3)}/{d(5)}", f"{d(3)} {d(3)} {d(5)}", d(13)])
    if country == "AT":
        return f"{d(2)} {d(3)}/{d(4)}"
    if country == "US":
        return f"{d(2)}-{d(7)}"
    if country == "GB":
        return f"{d(5)} {d(5)}"
    return d(r.choice((9, 10, 12)))


def company_number(r: Random, country: str, city: str) -> str:
    """What a commercial register calls the firm."""
    d = lambda n: _digits(r, n)  # noqa: E731
    forms = {
        "DE": [f"HRB {d(5)}", f"HRB {d(6)}", f"HRA {d(4)}", f"Amtsgericht {city} HRB {d(5)}"], "AT": [f"FN {d(6)}{r.choice('abdfgikmpt')}"],
        "CH": [f"CHE-{d(3)}.{d(3)}.{d(3)}"], "FR": [f"{d(3)} {d(3)} {d(3)} 000{d(2)}", f"RCS {city} {d(3)} {d(3)} {d(3)}", f"{d(3)} {d(3)} {d(3)}"],
        "ES": [f"Tomo {d(4)}, Folio {d(3)}, Hoja M-{d(5)}"], "IT": [f"REA MI-{d(7)}", f"{d(11)}"], "NL": [d(8)], "BE": [f"0{d(3)}.{d(3)}.{d(3)}"],
        "PT": [d(9)], "GB": [f"0{d(7)}", f"SC{d(6)}"], "MY": [f"{d(6)}-{r.choice('ADHKMPTUVWX')}", f"{d(7)}-{r.choice('ADHKMPTUVWX')}", f"20{d(2)}010{d(5)}"],
        "IN": [f"U{d(5)}MH20{d(2)}PTC{d(6)}"], "BR": [f"{d(2)}.{d(3)}.{d(3)}/0001-{d(2)}"],
    }  # fmt: skip
    return r.choice(forms.get(country, [d(7)]))


def phone(r: Random, country: str) -> str:
    d = lambda n: _digits(r, n)  # noqa: E731
    a = str(r.randint(2, 9))
    forms = {
        "US": [f"({a}{d(2)}) {a}{d(2)}-{d(4)}", f"{a}{d(2)}-{d(3)}-{d(4)}", f"+1 {a}{d(2)} {d(3)} {d(4)}", f"{a}{d(2)}.{d(3)}.{d(4)}", f"1-800-{d(3)}-{d(4)}"],
        "GB": [f"0{a}{d(3)} {d(6)}", f"+44 (0)20 {d(4)} {d(4)}", f"020 {d(4)} {d(4)}", f"+44 {a}{d(3)} {d(6)}"],
        "MY": [f"03-{d(4)} {d(4)}", f"0{a}-{d(7)}", f"+60{a}-{d(3)} {d(4)}", f"0{a}-{d(3)} {d(4)}"], "IN": [f"+91 {d(5)} {d(5)}", f"0{d(2)}-{d(8)}"],
        "DE": [f"0{d(3)} / {d(6)}", f"+49 {a}{d(2)} {d(7)}", f"+49 (0){a}{d(2)} {d(4)}-{d(2)}", f"0{d(3)}-{d(6)}", f"(0{d(3)}) {d(2)} {d(2)} -0"],
        "AT": [f"+43 {a}{d(2)} {d(6)}", f"0{d(3)} {d(5)}"], "CH": [f"+41 {d(2)} {d(3)} {d(2)} {d(2)}", f"0{d(2)} {d(3)} {d(2)} {d(2)}"],
        "FR": [f"0{a} {d(2)} {d(2)} {d(2)} {d(2)}", f"+33 (0){a} {d(2)} {d(2)} {d(2)} {d(2)}", f"0{a}.{d(2)}.{d(2)}.{d(2)}.{d(2)}"],
        "ES": [f"9{d(2)} {d(3)} {d(3)}", f"+34 9{d(2)} {d(2)} {d(2)} {d(2)}"], "IT": [f"+39 0{a} {d(7)}", f"0{d(2)} {d(6)}", f"0{a}/{d(7)}"],
        "NL": [f"0{d(2)} - {d(3)} {d(2)} {d(2)}", f"+31 (0){d(2)} {d(7)}", f"0{d(2)}-{d(7)}"], "BE": [f"+32 {a} {d(3)} {d(2)} {d(2)}", f"0{a}/{d(3)}.{d(2)}.{d(2)}"],
        "PT": [f"2{d(2)} {d(3)} {d(3)}", f"+351 2{d(2)} {d(3)} {d(3)}"], "BR": [f"({d(2)}) {d(4)}-{d(4)}", f"+55 {d(2)} {d(5)}-{d(4)}"], "MX": [f"+52 {d(2)} {d(4)} {d(4)}"],
    }  # fmt: skip
    return r.choice(forms.get(country, forms["US"]))


def _digits(r: Random, count: int) -> str:
    return "".join(r.choice("0123456789") for _ in range(count))


def _plain_tax_number(r: Random) -> str:
    return _digits(r, 9)


def _vat_de(r: Random) -> str:
    body = str(r.randint(1, 9)) + _digits(r, 7)
    p = 10
    for c in body:
        p = 2 * ((int(c) + p) % 10 or 10) % 11
    return f"DE{body}{(11 - p) % 10}"


def _vat_at(r: Random) -> str:
    body = _digits(r, 7)
    total = 4 + sum(int(c) if i % 2 == 0 else int(c) // 5 + int(c) * 2 % 10 for i, c in enumerate(body))
    return f"ATU{body}{(10 - total % 10) % 10}"


def _vat_ch(r: Random) -> str:
    while True:
        body = str(r.randint(1, 9)) + _digits(r, 7)
        check = (11 - sum(int(c) * w for c, w in zip(body, (5, 4, 3, 2, 7, 6, 5, 4), strict=True)) % 11) % 11
        if check < 10:
            number = body + str(check)
            return f"CHE-{number[:3]}.{number[3:6]}.{number[6:]} " + r.choice(["MWST", "TVA", "MWST"])


def _vat_fr(r: Random) -> str:
    siren = _luhn(r, 9)
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _luhn(r: Random, length: int) -> str:
    body = str(r.randint(1, 9)) + _digits(r, length - 2)
    total = sum(int(c) if i % 2 else sum(map(int, str(2 * int(c)))) for i, c in enumerate(reversed(body)))
    return body + str((10 - total % 10) % 10)


def _vat_es(r: Random) -> str:
    body = _digits(r, 7)
    total = sum(int(c) if i % 2 else sum(map(int, str(2 * int(c)))) for i, c in enumerate(body))
    return f"{r.choice(['ES', 'ES', ''])}{r.choice('AB')}{body}{(10 - total % 10) % 10}"


def _vat_it(r: Random) -> str:
    return f"{r.choice(['IT', 'IT', ''])}{_luhn(r, 11)}"


def _vat_nl(r: Random) -> str:
    while True:
        body = str(r.randint(1, 9)) + _digits(r, 7)
        check = sum(int(c) * w for c, w in zip(body, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            return f"NL{body}{check}B{r.randint(1, 3):02d}"


def _vat_be(r: Random) -> str:
    body = "0" + str(r.randint(2, 9)) + _digits(r, 6)
    number = f"{body}{97 - int(body) % 97:02d}"
    return r.choice([f"BE{number}", f"BE {number[:4]}.{number[4:7]}.{number[7:]}"])


def _vat_pt(r: Random) -> str:
    body = "5" + _digits(r, 7)
    check = 11 - sum(int(c) * w for c, w in zip(body, range(9, 1, -1), strict=True)) % 11
    return f"{r.choice(['PT', 'PT', ''])}{body}{check if check < 10 else 0}"


def _vat_gb(r: Random) -> str:
    body = str(r.randint(1, 9)) + _digits(r, 6)
    check = 97 - sum(int(c) * w for c, w in zip(body, range(8, 1, -1), strict=True)) % 97
    number = f"{body}{check:02d}"
    return r.choice([f"GB{number}", f"GB {number[:3]} {number[3:7]} {number[7:]}", f"{number[:3]} {number[3:7]} {number[7:]}"])


def _vat_in(r: Random) -> str:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    letters = "".join(r.choice(alphabet[10:]) for _ in range(5))
    body = f"{r.randint(1, 37):02d}{letters}{_digits(r, 4)}{r.choice(alphabet[10:])}{r.randint(1, 9)}Z"
    total = 0
    for i, c in enumerate(body):
        product = alphabet.index(c) * (2 if i % 2 else 1)
        total += product // 36 + product % 36
    return body + alphabet[(36 - total % 36) % 36]


_VAT = {
    "DE": _vat_de, "AT": _vat_at, "CH": _vat_ch, "FR": _vat_fr, "ES": _vat_es, "IT": _vat_it, "NL": _vat_nl, "BE": _vat_be, "PT": _vat_pt,
    "GB": _vat_gb, "IN": _vat_in, "US": lambda r: f"{_digits(r, 2)}-{_digits(r, 7)}", "MY": lambda r: f"00{_digits(r, 10)}",
    "BR": lambda r: f"{_digits(r, 2)}.{_digits(r, 3)}.{_digits(r, 3)}/0001-{_digits(r, 2)}",
    "MX": lambda r: "".join(r.choice("ABCDEFGHLMNPRST") for _ in range(3)) + _digits(r, 6) + r.choice("ABCDE") + _digits(r, 2),
}  # fmt: skip
