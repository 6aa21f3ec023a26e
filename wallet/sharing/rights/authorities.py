"""Whom to complain to: the supervisory authorities for data protection (GDPR article 77), by where a person lives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Authority:
    """`place` is a country by ISO 3166-1, or a part of one by ISO 3166-2."""

    place: str
    name: str
    url: str


_ALL: Final = (
    Authority("AT", "Datenschutzbehörde", "https://dsb.gv.at"),
    Authority(
        "BE",
        "Autorité de protection des données / Gegevensbeschermingsautoriteit",
        "https://www.dataprotectionauthority.be",
    ),
    Authority("BG", "Комисия за защита на личните данни", "https://cpdp.bg"),
    Authority("CH", "Eidgenössischer Datenschutz- und Öffentlichkeitsbeauftragter", "https://www.edoeb.admin.ch"),
    Authority("CY", "Office of the Commissioner for Personal Data Protection", "https://www.dataprotection.gov.cy"),
    Authority("CZ", "Úřad pro ochranu osobních údajů", "https://uoou.gov.cz"),
    Authority(
        "DE", "Die Bundesbeauftragte für den Datenschutz und die Informationsfreiheit", "https://www.bfdi.bund.de"
    ),
    Authority(
        "DE-BB",
        "Die Landesbeauftragte für den Datenschutz und für das Recht auf Akteneinsicht Brandenburg",
        "https://www.lda.brandenburg.de",
    ),
    Authority(
        "DE-BE", "Berliner Beauftragte für Datenschutz und Informationsfreiheit", "https://www.datenschutz-berlin.de"
    ),
    Authority(
        "DE-BW",
        "Der Landesbeauftragte für den Datenschutz und die Informationsfreiheit Baden-Württemberg",
        "https://www.baden-wuerttemberg.datenschutz.de",
    ),
    Authority("DE-BY", "Bayerisches Landesamt für Datenschutzaufsicht", "https://www.lda.bayern.de"),
    Authority(
        "DE-HB",
        "Die Landesbeauftragte für Datenschutz und Informationsfreiheit der Freien Hansestadt Bremen",
        "https://www.datenschutz.bremen.de",
    ),
    Authority(
        "DE-HE", "Der Hessische Beauftragte für Datenschutz und Informationsfreiheit", "https://datenschutz.hessen.de"
    ),
    Authority(
        "DE-HH",
        "Der Hamburgische Beauftragte für Datenschutz und Informationsfreiheit",
        "https://datenschutz-hamburg.de",
    ),
    Authority(
        "DE-MV",
        "Der Landesbeauftragte für Datenschutz und Informationsfreiheit Mecklenburg-Vorpommern",
        "https://www.datenschutz-mv.de",
    ),
    Authority("DE-NI", "Der Landesbeauftragte für den Datenschutz Niedersachsen", "https://www.lfd.niedersachsen.de"),
    Authority(
        "DE-NW",
        "Landesbeauftragte für Datenschutz und Informationsfreiheit Nordrhein-Westfalen",
        "https://www.ldi.nrw.de",
    ),
    Authority(
        "DE-RP",
        "Der Landesbeauftragte für den Datenschutz und die Informationsfreiheit Rheinland-Pfalz",
        "https://www.datenschutz.rlp.de",
    ),
    Authority(
        "DE-SH", "Unabhängiges Landeszentrum für Datenschutz Schleswig-Holstein", "https://www.datenschutzzentrum.de"
    ),
    Authority("DE-SL", "Unabhängiges Datenschutzzentrum Saarland", "https://www.datenschutz.saarland.de"),
    Authority("DE-SN", "Sächsische Datenschutz- und Transparenzbeauftragte", "https://www.datenschutz.sachsen.de"),
    Authority("DE-ST", "Landesbeauftragte für den Datenschutz Sachsen-Anhalt", "https://datenschutz.sachsen-anhalt.de"),
    Authority(
        "DE-TH", "Thüringer Landesbeauftragter für den Datenschutz und die Informationsfreiheit", "https://www.tlfdi.de"
    ),
    Authority("DK", "Datatilsynet", "https://www.datatilsynet.dk"),
    Authority("EE", "Andmekaitse Inspektsioon", "https://www.aki.ee"),
    Authority("ES", "Agencia Española de Protección de Datos", "https://www.aepd.es"),
    Authority("FI", "Tietosuojavaltuutetun toimisto", "https://tietosuoja.fi"),
    Authority("FR", "Commission nationale de l’informatique et des libertés", "https://www.cnil.fr"),
    Authority("GB", "Information Commissioner’s Office", "https://ico.org.uk"),
    Authority("GR", "Αρχή Προστασίας Δεδομένων Προσωπικού Χαρακτήρα", "https://www.dpa.gr"),
    Authority("HR", "Agencija za zaštitu osobnih podataka", "https://azop.hr"),
    Authority("HU", "Nemzeti Adatvédelmi és Információszabadság Hatóság", "https://www.naih.hu"),
    Authority("IE", "Data Protection Commission", "https://www.dataprotection.ie"),
    Authority("IS", "Persónuvernd", "https://www.personuvernd.is"),
    Authority("IT", "Garante per la protezione dei dati personali", "https://www.garanteprivacy.it"),
    Authority("LI", "Datenschutzstelle Fürstentum Liechtenstein", "https://www.datenschutzstelle.li"),
    Authority("LT", "Valstybinė duomenų apsaugos inspekcija", "https://vdai.lrv.lt"),
    Authority("LU", "Commission nationale pour la protection des données", "https://cnpd.public.lu"),
    Authority("LV", "Datu valsts inspekcija", "https://www.dvi.gov.lv"),
    Authority("MT", "Office of the Information and Data Protection Commissioner", "https://idpc.org.mt"),
    Authority("NL", "Autoriteit Persoonsgegevens", "https://autoriteitpersoonsgegevens.nl"),
    Authority("NO", "Datatilsynet", "https://www.datatilsynet.no"),
    Authority("PL", "Urząd Ochrony Danych Osobowych", "https://uodo.gov.pl"),
    Authority("PT", "Comissão Nacional de Proteção de Dados", "https://www.cnpd.pt"),
    Authority(
        "RO",
        "Autoritatea Națională de Supraveghere a Prelucrării Datelor cu Caracter Personal",
        "https://www.dataprotection.ro",
    ),
    Authority("SE", "Integritetsskyddsmyndigheten", "https://www.imy.se"),
    Authority("SI", "Informacijski pooblaščenec", "https://www.ip-rs.si"),
    Authority("SK", "Úrad na ochranu osobných údajov", "https://dataprotection.gov.sk"),
)
AUTHORITIES: Final[Mapping[str, Authority]] = {one.place: one for one in _ALL}

# The parts of Germany that have an authority each, by the names people write.
_PARTS: Final = {
    "brandenburg": "DE-BB",
    "berlin": "DE-BE",
    "baden-württemberg": "DE-BW",
    "bayern": "DE-BY",
    "bremen": "DE-HB",
    "hessen": "DE-HE",
    "hamburg": "DE-HH",
    "mecklenburg-vorpommern": "DE-MV",
    "niedersachsen": "DE-NI",
    "nordrhein-westfalen": "DE-NW",
    "rheinland-pfalz": "DE-RP",
    "schleswig-holstein": "DE-SH",
    "saarland": "DE-SL",
    "sachsen": "DE-SN",
    "sachsen-anhalt": "DE-ST",
    "thüringen": "DE-TH",
}


def competent(*, country: str | None, region: str | None, locality: str | None) -> str | None:
    """Where the person lives, as a place of AUTHORITIES; None where that can not be told."""
    if country not in AUTHORITIES:
        return None
    if country == "DE":
        parts = (_PARTS.get((written or "").strip().casefold()) for written in (region, locality))
        return next(filter(None, parts), None)
    return country
