"""The invented world: people, streets, places, companies. Every name is made up from parts."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random

from . import identifiers
from .paper import Piece, told

GIVEN = {
    "en": "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah Charles Karen Nancy Daniel Lisa Matthew Betty Anthony Margaret Mark Sandra Donald Ashley Steven Kimberly Paul Emily Andrew Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Dorothy George Melissa Timothy Deborah Ronald Stephanie Edward Rebecca Jason Sharon Jeffrey Laura Ryan Cynthia Jacob Kathleen Gary Amy Nicholas Angela Eric Shirley Jonathan Anna Stephen Brenda Larry Pamela Justin Emma Scott Nicole Brandon Helen Omar Aisha Chen Priya Fatima Hiroshi Olga Nikolai Gail Harold Roy Bruce Eugene Wayne Ralph Lawrence Walter".split(),
    "de": "Hans Anna Peter Ursula Michael Monika Thomas Petra Andreas Elisabeth Wolfgang Sabine Klaus Renate Jürgen Helga Günter Karin Stefan Brigitte Christian Ingrid Uwe Erika Werner Andrea Horst Gisela Frank Claudia Dieter Susanne Manfred Gabriele Gerhard Christa Bernd Christine Torsten Hildegard Mathias Anke Holger Birgit Ralf Nadine Sven Katharina Felix Lena Jonas Theodor Mehmet Ayşe".split(),
    "fr": "Jean Marie Pierre Nathalie Michel Isabelle André Sylvie Philippe Catherine Alain Martine Bernard Christine Jacques Françoise Daniel Valérie Patrick Sandrine Nicolas Stéphanie Christophe Véronique Laurent Sophie Olivier Céline Julien Chantal Camille Léa Hugo Manon Benoît Amélie Étienne Hélène Rachid Yasmine".split(),
    "es": "Antonio María José Carmen Manuel Ana Francisco Isabel David Laura Juan Cristina Javier Marta Daniel Pilar Carlos Lucía Jesús Mercedes Alejandro Rosa Miguel Elena Rafael Teresa Pedro Raquel Pablo Beatriz Ángel Silvia Sergio Patricia Fernando Montserrat Jorge Rocío Luis Nuria".split(),
    "it": "Giuseppe Maria Antonio Anna Giovanni Giulia Mario Francesca Luigi Rosa Francesco Angela Andrea Chiara Marco Paola Alessandro Sara Stefano Laura Roberto Elena Paolo Valentina Salvatore Lucia Vincenzo Silvia Pietro Federica Davide Martina Simone Elisa".split(),
    "nl": "Jan Maria Johannes Anna Pieter Elisabeth Hendrik Johanna Cornelis Wilhelmina Willem Cornelia Gerrit Hendrika Jacob Petronella Kees Sanne Bram Anouk Daan Femke Sjoerd Marieke Ruben Lotte Thijs Inge Joost Karin Maarten Esther".split(),
    "pt": "José Maria António Ana João Luísa Manuel Isabel Francisco Teresa Carlos Margarida Paulo Cristina Pedro Rita Luís Sofia Rui Inês Nuno Joana Ricardo Catarina Tiago Mariana Miguel Beatriz Bruno Marta Fernando Paula Rodrigo Larissa".split(),
}
FAMILY = {
    "en": "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Thomas Moore Jackson Martin Lee Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Baker Nelson Carter Mitchell Roberts Turner Phillips Campbell Parker Evans Edwards Collins Stewart Morris Murphy Cook Rogers Morgan Cooper Peterson Reed Bailey Bell Kelly Howard Ward Richardson Watson Brooks Wood James Bennett Gray Hughes Price Myers Foster Sanders Ross Powell Sullivan Russell Fisher Henderson Cole West Jordan Reynolds Graham Hamilton Ford Wallace Woods Chapman Whitfield Okafor Patel Nguyen O'Brien McCarthy Fitzgerald Kowalski Goldberg Abernathy Thornton Beckett Halloran Lindqvist Marsh Pruitt Stroud Vance".split(),
    "de": "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Krause Lehmann Köhler Maier Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Ludwig Winter Kraus Böhm Schuhmacher Vogt Stein Jäger Otto Sommer Groß Seidel Brandt Haas Schreiber Graf Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Öztürk Yılmaz".split(),
    "fr": "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Michel Garcia David Bertrand Roux Vincent Fournier Morel Girard André Lefèvre Mercier Dupont Lambert Bonnet François Martinez Legrand Garnier Faure Rousseau Blanc Guérin Muller Henry Roussel Nicolas Perrin Morin Mathieu Clément Gauthier Dumont Lopez Fontaine Chevalier Robin Masson Benali Haddad".split(),
    "es": "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Ramírez Serrano Blanco Molina Morales Suárez Ortega Delgado Castro Ortiz Rubio Marín Sanz Núñez Iglesias Medina Garrido Cortés Castillo Santos Lozano Guerrero Cano Prieto Méndez".split(),
    "it": "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De Luca Mancini Costa Giordano Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile Martinelli Vitale Lombardo Serra Coppola Marchetti Parisi Villa Conte Ferraro Bianco".replace("De Luca", "Deluca").split(),
    "nl": "de+Jong Jansen de+Vries van+den+Berg Bakker van+Dijk Visser Janssen Smit Meijer de+Boer Mulder de+Groot Bos Vos Peters Hendriks van+Leeuwen Dekker Brouwer de+Wit Dijkstra Smits de+Graaf van+der+Meer Kok Jacobs de+Haan Vermeulen van+der+Linden Willems Maas Verhoeven Koster Prins Blom Huisman Peeters Claes Wouters Maes".split(),
    "pt": "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Jesus Sousa Fernandes Gonçalves Gomes Lopes Marques Alves Almeida Ribeiro Pinto Carvalho Teixeira Moreira Correia Mendes Nunes Soares Vieira Monteiro Cardoso Rocha Raposo Neves Coelho Cruz Cunha Pires Ramos Reis Simões Antunes Matos Fonseca Barbosa Araújo".split(),
}
MALAY = "Ahmad Siti Tan Lim Wong Lee Ng Chan Chong Mohd Nurul Rajan Kumar Devi Muthu Aminah Hassan Ismail Ibrahim Yusof Cheah Goh Ong Teoh Yap Low Chin Foong".split()
INDIAN = "Sharma Verma Gupta Singh Reddy Iyer Nair Mehta Shah Joshi Rao Desai Kapoor Bose Banerjee Chatterjee Menon Pillai Agarwal Malhotra".split()

_PLACES = {  # city|postcode pattern (# a digit, A a letter)|region
    "en-US": "New York|100##|NY;Brooklyn|112##|NY;Los Angeles|900##|CA;Chicago|606##|IL;Houston|770##|TX;Phoenix|850##|AZ;Philadelphia|191##|PA;San Antonio|782##|TX;San Diego|921##|CA;Dallas|752##|TX;Austin|787##|TX;Columbus|432##|OH;Charlotte|282##|NC;Seattle|981##|WA;Denver|802##|CO;Boston|021##|MA;Nashville|372##|TN;Portland|972##|OR;Las Vegas|891##|NV;Milwaukee|532##|WI;Tucson|857##|AZ;Fresno|937##|CA;Kansas City|641##|MO;Omaha|681##|NE;Raleigh|276##|NC;Minneapolis|554##|MN;Tampa|336##|FL;Wichita|672##|KS;Lansing|489##|MI;Troy|480##|MI;Fairfax|220##|VA;Alexandria|223##|VA;Medford|975##|OR;Youngstown|445##|OH;Harrisburg|171##|PA;Santa Barbara|931##|CA;Fort Worth|761##|TX;St. Louis|631##|MO;Grand Rapids|495##|MI;Washington|200##|DC;Atlanta|303##|GA;Scranton|185##|PA;Pleasant Hill|945##|CA;Salt Lake City|841##|UT;Wilmington|198##|DE;Boise|837##|ID;Bozeman|597##|MT",
    "en-GB": "London|EC#A #AA|;London|SW# #AA|;Manchester|M# #AA|;Birmingham|B## #AA|West Midlands;Leeds|LS# #AA|West Yorkshire;Bristol|BS# #AA|;Sheffield|S## #AA|;Glasgow|G# #AA|;Edinburgh|EH# #AA|;Cardiff|CF## #AA|;Oxford|OX# #AA|Oxfordshire;Cambridge|CB# #AA|;Reading|RG# #AA|Berkshire;Norwich|NR# #AA|Norfolk;York|YO## #AA|;Exeter|EX# #AA|Devon;Milton Keynes|MK# #AA|;Kings Lynn|PE## #AA|;Slough|SL# #AA|Berkshire;Bury St Edmunds|IP## #AA|Suffolk",
    "en-MY": "KUALA LUMPUR|5##00|WILAYAH PERSEKUTUAN;JOHOR BAHRU|8##00|JOHOR;JOHOR BAHRU|81100|JOHOR DARUL TAKZIM;SHAH ALAM|40#00|SELANGOR;SHAH ALAM|40150|SELANGOR DARUL EHSAN;PETALING JAYA|46##0|SELANGOR;SUBANG JAYA|47500|SELANGOR;KLANG|41##0|SELANGOR;KLANG|41200|SELANGOR DARUL EHSAN;PUCHONG|47100|SELANGOR;CHERAS|43200|SELANGOR;KAJANG|43000|SELANGOR;IPOH|30#00|PERAK;GEORGETOWN|10##0|PENANG;MELAKA|75#00|MELAKA;SEREMBAN|70#00|NEGERI SEMBILAN;SKUDAI|81300|JOHOR;MASAI|81750|JOHOR;ULU TIRAM|81800|JOHOR;SERI KEMBANGAN|43300|SELANGOR;SETIA ALAM|40170|SELANGOR;BATU CAVES|68100|SELANGOR;DENGKIL|43800|SELANGOR;KUANTAN|25#00|PAHANG",
    "en-IN": "Mumbai|4000##|Maharashtra;Pune|4110##|Maharashtra;Bengaluru|5600##|Karnataka;Chennai|6000##|Tamil Nadu;New Delhi|1100##|;Hyderabad|5000##|Telangana;Kolkata|7000##|West Bengal;Ahmedabad|3800##|Gujarat",
    "de-DE": "Berlin|10###|;Hamburg|20###|;München|80###|;Köln|50###|;Frankfurt am Main|60###|;Stuttgart|70###|;Düsseldorf|40###|;Leipzig|04###|;Dortmund|44###|;Essen|45###|;Bremen|28###|;Dresden|01###|;Hannover|30###|;Nürnberg|90###|;Halle (Saale)|06###|;Bad Homburg v. d. H.|61###|;Musterstadt|12345|;Spielkreis|88###|;Reichenschwand|91###|;Erlangen|91###|;Jena|07###|;Offenbach|63###|;Heidelberg|69###|;Freiburg im Breisgau|79###|;Kassel|34###|;Rostock|18###|;Münster|48###|;Bielefeld|33###|;St. Augustin|53###|;Neustadt an der Weinstraße|67###|;Weil am Rhein|79###|;Oer-Erkenschwick|45###|",
    "de-AT": "Wien|10#0|;Graz|8010|;Linz|4020|;Salzburg|5020|;Innsbruck|6020|;Klagenfurt|9020|;St. Pölten|3100|;Wels|46##|",
    "de-CH": "Zürich|80##|;Basel|40##|;Bern|30##|;Luzern|60##|;St. Gallen|90##|;Winterthur|84##|;Zug|63##|",
    "fr-FR": "Paris|750##|;Marseille|1300#|;Lyon|6900#|;Toulouse|31000|;Nice|06000|;Nantes|44000|;Strasbourg|67000|;Montpellier|34000|;Bordeaux|33000|;Lille|59000|;Rennes|35000|;Reims|51100|;Saint-Étienne|42000|;Grenoble|38000|;Dijon|21000|;Angers|49000|;Le Havre|76600|;Boulogne-Billancourt|92100|;Clermont-Ferrand|63000|;Aix-en-Provence|13100|;La Défense Cedex|92###|;Levallois Perret|92300|",
    "es-ES": "Madrid|280##|;Barcelona|080##|;Valencia|460##|;Sevilla|410##|;Zaragoza|500##|;Málaga|290##|;Murcia|300##|;Palma|070##|Illes Balears;Bilbao|480##|Vizcaya;Alicante|030##|;Córdoba|140##|;Valladolid|470##|;Vigo|362##|Pontevedra;Gijón|332##|Asturias;A Coruña|150##|;San Sebastián de los Reyes|28703|Madrid",
    "es-MX": "Ciudad de México|0####|CDMX;Guadalajara|44###|Jalisco;Monterrey|64###|Nuevo León;Puebla|72###|Puebla;Querétaro|76###|Qro.",
    "it-IT": "Roma|001##|RM;Milano|201##|MI;Napoli|801##|NA;Torino|101##|TO;Palermo|901##|PA;Genova|161##|GE;Bologna|401##|BO;Firenze|501##|FI;Bari|701##|BA;Catania|951##|CT;Venezia|301##|VE;Verona|371##|VR;Reggio nell'Emilia|421##|RE;Sesto San Giovanni|20099|MI;Brescia|251##|BS",
    "nl-NL": "Amsterdam|10## AA|;Rotterdam|30## AA|;Den Haag|25## AA|;Utrecht|35## AA|;Eindhoven|56## AA|;Groningen|97## AA|;Tilburg|50## AA|;Almere|13## AA|;Breda|48## AA|;Nijmegen|65## AA|;'s-Hertogenbosch|52## AA|;Alphen aan den Rijn|24## AA|;Capelle aan den IJssel|29## AA|",
    "nl-BE": "Antwerpen|20#0|;Gent|9000|;Brugge|8000|;Leuven|3000|;Hasselt|3500|;Mechelen|2800|;Brussel|10#0|;Sint-Niklaas|9100|",
    "pt-PT": "Lisboa|1###-###|;Porto|4###-###|;Braga|47##-###|;Coimbra|30##-###|;Aveiro|38##-###|;Faro|80##-###|;Setúbal|29##-###|;Vila Nova de Gaia|44##-###|;Póvoa de Varzim|44##-###|",
    "pt-BR": "São Paulo|0####-###|SP;Rio de Janeiro|2####-###|RJ;Belo Horizonte|3####-###|MG;Curitiba|8####-###|PR;Porto Alegre|9####-###|RS;Brasília|7####-###|DF;Campinas|130##-###|SP",
}
COUNTRY_NAMES = {
    "US": ["USA", "United States", "U.S.A."], "GB": ["United Kingdom", "UK", "England", "Great Britain"], "MY": ["MALAYSIA", "Malaysia"], "IN": ["India"], "DE": ["Deutschland", "Germany", "DE"],
    "AT": ["Österreich", "Austria"], "CH": ["Schweiz", "Switzerland"], "FR": ["France", "FRANCE"], "ES": ["España", "Spain", "ESPAÑA"], "MX": ["México"], "IT": ["Italia", "Italy", "ITALIA"],
    "NL": ["Nederland", "The Netherlands", "Netherlands"], "BE": ["België", "Belgium"], "PT": ["Portugal", "PORTUGAL"], "BR": ["Brasil"],
}  # fmt: skip
CURRENCIES = {"en-US": "USD", "en-GB": "GBP", "en-MY": "MYR", "en-IN": "INR", "de-CH": "CHF", "es-MX": "MXN", "pt-BR": "BRL"}
LOCALES = list(_PLACES)
_WEIGHTS = {"en-US": 7, "en-GB": 4, "en-MY": 1.5, "en-IN": 1, "de-DE": 5, "de-AT": 1, "de-CH": 1, "fr-FR": 4, "es-ES": 3, "es-MX": 0.7, "it-IT": 3, "nl-NL": 2.2, "nl-BE": 0.8, "pt-PT": 2, "pt-BR": 1}
WEIGHTED_LOCALES = [locale for locale in LOCALES for _ in range(int(_WEIGHTS[locale] * 10))]

_STREET_STEMS = {
    "en": "Main Oak Park Maple Cedar Elm Washington Lake Hill Church High Station Victoria Mill King Queen Chestnut Pine River Market Bridge Franklin Sunset Highland Jefferson Lincoln Willow Spring North South West East Meadow Forest Johnson Hollow Executive+Park Commerce Industrial Broad Canal Wisconsin Stanley Fenchurch Collection+Center Pacific Ocean Liberty Harbour Grove Ventura Connecticut".split(),
    "de": "Haupt Bahnhof Schul Garten Dorf Berg Linden Kirch Wald Ring Goethe Schiller Mozart Industrie Mühlen Rosen Birken Friedhof Beethoven Wiesen Feld Markt Post Hafen Kaiser Wilhelm Bismarck Lessing Eichen Amsel Pfälzer Ulmen Gewerbe Daimler Siemens Robert-Koch- Karl-Marx- Albert-Einstein- Heinrich-Heine-".split(),
    "fr": "la+République Victor+Hugo la+Gare l'Église Jean+Jaurès la+Liberté Gambetta Pasteur Voltaire la+Paix Verdun Foch la+Mairie Général+de+Gaulle Émile+Zola Saint-Honoré Lafayette Rivoli la+Fontaine du+Moulin des+Lilas des+Acacias du+Château".split(),
    "es": "Mayor Gran+Vía Alcalá Serrano Velázquez Goya de+la+Constitución Real del+Sol San+Juan Cervantes del+Carmen Santa+María de+América de+los+Reyes+Católicos Príncipe+de+Vergara Aragón Diagonal".split(),
    "it": "Roma Garibaldi Mazzini Dante Cavour Vittorio+Emanuele Verdi Marconi Matteotti della+Repubblica Manzoni Gramsci San+Giovanni IV+Novembre XX+Settembre Europa Leonardo+da+Vinci dei+Mille".split(),
    "nl": "Dorps Kerk School Molen Haupt Stations Markt Nieuwe Beatrix Juliana Wilhelmina Prins+Hendrik Linden Beuken Eiken Kastanje Industrie Handels Haven Rembrandt Vondel Overtoom+ Kade".replace("Haupt ", "").split(),
    "pt": "da+Liberdade do+Comércio de+São+João Augusta das+Flores 25+de+Abril da+República Almirante+Reis Fernando+Pessoa do+Carmo da+Igreja Marquês+de+Pombal Camões Santa+Catarina dos+Bandeirantes".split(),
}


@dataclass(frozen=True)
class Address:
    """``street`` with its number; ``extra`` a line before or after it."""

    street: str
    extra: str
    postcode: str
    city: str
    region: str
    country: str
    locale: str

    def lines(self, role: str, *, shows_country: str = "", in_capitals: bool = False, joined: bool = False) -> list[list[Piece]]:
        """The lines as written, every part marked for ``role``."""
        up = (lambda s: s.upper()) if in_capitals else (lambda s: s)
        whole = f"{role}.address"

        def part(text: str, *names: str) -> Piece:
            return told(up(text), *(f"{role}.{n}" for n in names), whole)

        rows: list[list[Piece]] = [[part(self.street, "street")]]
        if self.extra:
            at = 0 if self.locale in ("fr-FR", "en-GB") else 1
            rows.insert(at, [part(self.extra)])
        rows += self._town(part)
        if shows_country:
            rows.append([told(up(shows_country), f"{role}.country", whole)])
        if not joined:
            return rows
        return [[p for i, row in enumerate(rows) for p in ([told(", ", whole), *row] if i else row)]]

    def _town(self, part) -> list[list[Piece]]:
        city, code, region = part(self.city, "city"), part(self.postcode, "postcode"), part(self.region, "state")
        country = self.locale[3:]
        if country == "US":
            return [[city, part(", "), region, part(" "), code]]
        if country == "GB":
            return [[city], [code]] if not self.region else [[city], [region], [code]]
        if country == "MY":
            return [[code, part(" "), city, part(", "), region]] if self.region else [[code, part(" "), city]]
        if country == "IN":
            return [[city, part(" - "), code], *([[region]] if self.region else [])]
        if country in ("MX", "BR"):
            return [[city, part(", "), region], [code]] if country == "BR" else [[part("C.P. "), code, part(" "), city, part(", "), region]]
        if country == "IT":
            return [[code, part(" "), city, part(" ("), region, part(")")]]
        if country == "ES" and self.region:
            return [[code, part(" "), city, part(" ("), region, part(")")]]
        return [[code, part(" "), city]]

    def text(self) -> str:
        """As one line, without the country."""
        return ", ".join("".join(p if isinstance(p, str) else p.text for p in row) for row in self.lines("x"))


def address(r: Random, locale: str) -> Address:
    city, pattern, region = r.choice(_places(locale))
    postcode = "".join(
        str(r.randint(0, 9)) if c == "#" else r.choice("ABDEFGHJLNPQRSTUWXYZ") if c == "A" and pattern != "CEDEX" else c
        for c in pattern
    )
    return Address(_street(r, locale), _extra(r, locale), postcode, city, region, locale[3:], locale)


def _places(locale: str) -> list[list[str]]:
    return _SPLIT_PLACES[locale]


_SPLIT_PLACES = {k: [p.split("|") for p in v.split(";")] for k, v in _PLACES.items()}


def _street(r: Random, locale: str) -> str:
    language, country = locale[:2], locale[3:]
    number = str(r.choice([r.randint(1, 60), r.randint(1, 199), r.randint(1, 9999 if country == "US" else 300)]))
    if country == "MY":
        lot = r.choice([f"NO.{number}", f"NO. {number}", f"NO {number}", f"LOT {number}", f"NO.{number}&{int(number) + 2}", f"{number}", f"LOT {number}-G", f"NO {number}A"])
        road = r.choice([*STEMS_MY, *(f"{s} {r.randint(1, 9)}/{r.randint(1, 20)}" for s in r.sample(STEMS_MY, 4)), f"SS{r.randint(2, 25)}/{r.randint(1, 60)}"])
        return f"{lot}, JALAN {road}" if r.random() < 0.8 else f"{lot} JLN {road}"
    if country == "IN":
        return f"{r.choice(['Plot No. ', 'No. ', '', 'Shop '])}{number}, {r.choice(['M.G. Road', 'Nehru Street', 'Park Street', 'Anna Salai', 'Link Road', 'Station Road', 'Ring Road', 'Brigade Road'])}"
    stem = r.choice(_STREET_STEMS[language]).replace("+", " ")
    if language == "en":
        kinds = "Street|St|St.|Road|Rd|Avenue|Ave|Ave.|Lane|Drive|Dr|Blvd|Boulevard|Way|Court|Place|Parkway|Circle|Terrace|Hwy" if country == "US" else "Street|Road|Lane|Avenue|Close|Court|Gardens|Way|Park|Drive|Place|Square"
        way = r.choice(["", "", "", "N ", "S. ", "West ", "NE "]) if country == "US" else ""
        suite = r.choice([f", Suite {r.randint(100, 999)}", f" #{r.randint(2, 40)}", f", Ste {r.randint(100, 900)}", f", Floor {r.randint(2, 30)}"]) if country == "US" and r.random() < 0.15 else ""
        if country == "US" and r.random() < 0.08:
            return f"{r.choice(['P.O. Box', 'PO Box'])} {r.randint(100, 99999)}"
        return f"{number} {way}{stem} {r.choice(kinds.split('|'))}{suite}"
    if language == "de":
        ends = ["straße", "straße", "str.", "weg", "allee", "platz", "gasse", "ring", "ufer"]
        end = r.choice(ends).replace("ß", "ss" if country == "CH" else "ß")
        if stem.endswith("-"):
            return f"{stem}{end.title()} {number}"
        free = r.choice([f"Am {stem}feld", f"An der {stem}wiese", f"{r.choice(FAMILY['de'])}weg", f"Unter den {stem}"]) if r.random() < 0.2 else stem + end
        return f"{free} {number}{r.choice(['', '', '', '', 'a', 'b', f'-{int(number) + 2}'])}"
    if language == "fr":
        kind = r.choice(["rue", "rue", "avenue", "boulevard", "place", "bd", "impasse", "allée", "chemin", "quai", "route"])
        link = "" if stem[0].isupper() or stem.startswith(("du ", "des ")) else "de "
        return f"{number}{r.choice(['', '', ',', ' bis'])} {kind if r.random() < 0.8 else kind.title()} {link}{stem}"
    if language == "es":
        return f"{r.choice(['Calle', 'C/', 'Avenida', 'Avda.', 'Plaza', 'Paseo', 'Ctra.'])} {stem}{r.choice([', ', ' ', ', nº '])}{number}{r.choice(['', '', ', ' + str(r.randint(1, 9)) + 'º ' + r.choice('ABCD')])}"
    if language == "it":
        return f"{r.choice(['Via', 'Via', 'Viale', 'Corso', 'Piazza', 'Largo', 'Strada'])} {stem}{r.choice([', ', ' ', ' n. '])}{number}"
    if language == "nl":
        body = f"{stem}{r.choice(['straat', 'laan', 'weg', 'plein', 'gracht', 'kade', 'dijk'])}".replace(" straat", "straat")
        return f"{body} {number}{r.choice(['', '', '-' + r.choice('ABC'), ' bus ' + str(r.randint(1, 9)) if country == 'BE' else ''])}"
    return f"{r.choice(['Rua', 'Rua', 'Avenida', 'Av.', 'Travessa', 'Praça', 'Largo', 'R.'])} {stem}{r.choice([', ', ' nº ', ', n.º ', ' '])}{number}"


STEMS_MY = "HARMONI|PERMAS 10|SETIA INDAH|PANAS AIR|GENTING KLANG|TEMENGGUNG|KUCHAI LAMA|BUKIT BINTANG|RADIN BAGUS|SEROJA|ANGGERIK|PERDANA|INDUSTRI|MEGAH|BESAR|SRI HARTAMAS|TAMING SARI|WANGSA DELIMA|KENARI|PUTRA|TUN RAZAK|AMPANG".split("|")
_GARDENS_MY = "TAMAN DESA HARMONI|TAMAN SRI DENGKIL|BANDAR BARU PERMAS JAYA|TAMAN UNIVERSITI|TAMAN MALURI|BANDAR PUTERI|TAMAN PERINDUSTRIAN PUCHONG|BANDAR SUNWAY|TAMAN MOUNT AUSTIN|SETAPAK|KAWASAN PERINDUSTRIAN BALAKONG|TAMAN CONNAUGHT|SEKSYEN U13|PUSAT BANDAR".split("|")


def _extra(r: Random, locale: str) -> str:
    country = locale[3:]
    if country == "MY":
        return r.choice(_GARDENS_MY) if r.random() < 0.75 else ""
    if r.random() > 0.13:
        return ""
    n = r.randint(1, 40)
    return {
        "US": f"Suite {n * 10}", "GB": r.choice([f"Unit {n}", f"Flat {n}", "Riverside House", "The Old Mill", f"{r.choice(FAMILY['en'])} Business Park"]), "FR": r.choice([f"Bâtiment {r.choice('ABC')}", "ZI Nord", f"BP {n}0"]),
        "DE": r.choice([f"Haus {r.choice('ABC')}", "Hinterhaus", f"{r.randint(1, 5)}. OG"]), "IN": r.choice(["Near Bus Stand", "Andheri East", "Phase II"]), "ES": f"Polígono Industrial {r.choice(['Norte', 'Sur', 'El Pino'])}",
    }.get(country, "")  # fmt: skip


STEMS = "Nord Alpha Blue Star Green Field River Stein Hof Lumen Delta Orion Terra Vista Prime Global Metro Union Royal Sun Mega Eco Tech Data Solar Inno Press Home Craft Trans Medi Agro Auto Bau Fein Print Net Soft Logi Pharma Golden Silver Ocean Summit Maple Cedar Atlas Nova Apex Zenith Quantum Vertex Polar Aero Cyber Omni Hydro Geo Bio Astra Vega Lux Rapid Fresh Urban Iron Copper Crystal Falcon Eagle Lion Phoenix Harbor Bridge Stone Wood Steel Pixel Cloud Logic Pulse Wave Beacon Anchor Compass".split()
TRADES = {
    "en": "Supplies|Trading|Services|Consulting|Foods|Logistics|Design|Systems|Media|Hardware|Books|Stationery|Restaurant|Electronics|Industries|Solutions|Partners|Group|Holdings|Communications|Medical Center|Construction|Engineering|Plumbing & Heating|Wholesale|Imports|Interior|Furniture|Technologies|Analytics|Labs|Motors|Printing|Marketing|Bakery|Pharmacy|Energy|Insurance|Properties|Tools|Cleaning Services|Catering|Software".split("|"),
    "de": "Handel|Technik|Bau|Möbel|Beratung|Logistik|Elektro|Großhandel|Verlag|Spedition|Versicherung|Druck|Maschinenbau|Software|Gebäudereinigung|Metallbau|Werbeagentur|Stadtwerke|Apotheke|Dienstleistungen|Systemhaus|Autohaus|Gartenbau|Heizung & Sanitär|Bürobedarf".split("|"),
    "fr": "Conseil|Services|Distribution|Bâtiment|Transport|Éditions|Informatique|Traiteur|Menuiserie|Électricité|Industrie|Matériaux|Boulangerie|Développement|Communication|Plomberie|Imprimerie".split("|"),
    "es": "Servicios|Comercial|Suministros|Transportes|Consultores|Alimentación|Construcciones|Informática|Distribuciones|Muebles|Ferretería|Instalaciones|Gestión|Imprenta|Ingeniería".split("|"),
    "it": "Servizi|Forniture|Trasporti|Consulenza|Edilizia|Alimentari|Impianti|Arredamenti|Meccanica|Informatica|Costruzioni|Tipografia|Elettronica|Ristorazione".split("|"),
    "nl": "Handel|Techniek|Advies|Transport|Bouw|Diensten|Installatie|Groothandel|Drukkerij|Automatisering|Meubelen|Schoonmaak|Logistiek".split("|"),
    "pt": "Serviços|Comércio|Transportes|Consultoria|Materiais|Construções|Informática|Distribuição|Móveis|Engenharia|Gráfica|Alimentar".split("|"),
}
LEGAL = {
    "en-US": ["Inc.", "Inc", "LLC", "Corp.", "Corporation", "Co.", "L.P.", "LLP", ", Inc.", ", LLC", "", ""], "en-GB": ["Ltd", "Ltd.", "Limited", "PLC", "LLP", "Ltd", "", "& Sons Ltd", "(UK) Ltd"],
    "en-MY": ["SDN BHD", "SDN. BHD.", "SDN BHD", "ENTERPRISE", "(M) SDN BHD", "TRADING", "& CO", "MARKETING SDN BHD", ""], "en-IN": ["Pvt. Ltd.", "Private Limited", "Ltd.", "& Co.", "LLP", "Enterprises"],
    "de-DE": ["GmbH", "GmbH", "AG", "GmbH & Co. KG", "e.K.", "OHG", "KG", "UG (haftungsbeschränkt)", "gGmbH", "e.V.", "SE", "GbR", ""], "de-AT": ["GmbH", "Ges.m.b.H.", "AG", "KG", "e.U."], "de-CH": ["AG", "GmbH", "SA", ""],
    "fr-FR": ["SARL", "SAS", "SA", "EURL", "SASU", "S.A.R.L.", "& Fils", ""], "es-ES": ["S.L.", "S.A.", "SL", "S.L.U.", "S.Coop.", "S.C.", ""], "es-MX": ["S.A. de C.V.", "SA de CV", "S. de R.L. de C.V."],
    "it-IT": ["S.r.l.", "S.p.A.", "S.n.c.", "Srl", "SPA", "S.a.s.", "& C. S.n.c.", ""], "nl-NL": ["B.V.", "BV", "V.O.F.", "N.V.", ""], "nl-BE": ["BVBA", "NV", "BV", "CVBA"], "pt-PT": ["Lda", "Lda.", "S.A.", "Unipessoal Lda", ""],
    "pt-BR": ["Ltda", "Ltda.", "S/A", "ME", "EPP"],
}  # fmt: skip


def person(r: Random, locale: str) -> str:
    language, country = locale[:2], locale[3:]
    if country == "MY":
        return " ".join(r.sample(MALAY, r.choice((2, 3))))
    given = r.choice(GIVEN[language])
    family = r.choice(INDIAN) if country == "IN" else r.choice(FAMILY[language]).replace("+", " ")
    if language in ("es", "pt") and r.random() < 0.6:
        family += " " + r.choice(FAMILY[language])
    if language == "en" and r.random() < 0.2:
        given += f" {r.choice('ABCDEFGHJKLMPRSTW')}."
    if language == "de" and r.random() < 0.06:
        family = f"{family}-{r.choice(FAMILY['de'])}"
    if language in ("fr", "it") and r.random() < 0.12:
        family = family.upper()
    return f"{given} {family}"


def company(r: Random, locale: str) -> str:
    language = locale[:2]
    stem = _stem(r)
    trade = r.choice(TRADES[language])
    family = r.choice(FAMILY[language]).replace("+", " ")
    second = r.choice(FAMILY[language]).replace("+", " ")
    kind = r.random()
    if locale == "en-MY":
        name = r.choice([f"{stem} {trade}", f"{r.choice(MALAY)} {r.choice(MALAY)} {trade}", f"SYARIKAT {r.choice(MALAY)} {r.choice(MALAY)}", f"{stem} {stem2(r)} {trade}", f"KEDAI {r.choice(['BUKU', 'MAKAN', 'PAPAN', 'UBAT'])} {r.choice(MALAY)} {r.choice(MALAY)}", f"RESTORAN {r.choice(MALAY)} {stem}"])
    elif kind < 0.34:
        name = f"{stem} {trade}" if language not in ("fr", "es", "pt") or r.random() < 0.5 else f"{trade} {stem}"
    elif kind < 0.48:
        name = f"{family} {trade}" if language in ("en", "de", "nl", "it") else f"{trade} {family}"
    elif kind < 0.60:
        name = f"{family} {r.choice(['&', '&', 'and' if language == 'en' else '&', '+'])} {second}"
    elif kind < 0.68:
        name = f"{family}, {second} {r.choice(['&', 'and']) if language == 'en' else '&'} {r.choice(FAMILY[language]).replace('+', ' ')}"
    elif kind < 0.78:
        name = stem
    elif kind < 0.84:
        name = "".join(r.choice("ABCDEFGHIKLMNOPRSTVWXZ") for _ in range(r.choice((2, 3, 3, 4)))) + " " + trade
    elif kind < 0.90:
        name = f"{r.choice(GIVEN[language])} {family} {trade}" if r.random() < 0.6 else f"{r.choice(GIVEN[language])} {family}"
    elif kind < 0.95:
        town = r.choice(_places(locale))[0]
        name = f"{trade} {town}" if language not in ("en", "nl") else f"{town} {trade}"
    else:
        name = f"{stem} {stem2(r)} {trade}"
    legal = r.choice(LEGAL[locale])
    full = (name + legal if legal.startswith(",") else f"{name} {legal}").strip()
    return full.upper() if locale == "en-MY" or r.random() < 0.07 else full


def without_legal_form(name: str, locale: str) -> str:
    """The name people say."""
    for legal in sorted(LEGAL[locale], key=len, reverse=True):
        if legal and name.casefold().endswith(legal.casefold()):
            return name[: -len(legal)].rstrip(" ,")
    return name


def _stem(r: Random) -> str:
    one = r.choice(STEMS)
    return one + r.choice(["", "", stem2(r).lower(), " " + stem2(r), stem2(r)])


def stem2(r: Random) -> str:
    return r.choice(STEMS)


@dataclass(frozen=True)
class Party:
    """A company or a person with everything that stands in a letterhead."""

    name: str
    place: Address
    locale: str
    phone: str
    fax: str
    email: str
    website: str
    vat_id: str
    tax_number: str
    register: str
    iban: str | None
    bic: str
    bank: str
    contact: str
    is_company: bool

    @property
    def short_name(self) -> str:
        return without_legal_form(self.name, self.locale)


_BANKS = {
    "en-US": "First National Bank|Union Trust|Chase Bank|Liberty Savings|Harbor Federal", "en-GB": "Northern Bank|Barkley Bank PLC|Severn Trust|Albion Bank", "de-DE": "Sparkasse Neustadt|Volksbank Rhein-Main eG|Commerzbank vormals Dresdner|Deutsche Handelsbank|Raiffeisenbank Süd",
    "de-AT": "Erste Landesbank|Raiffeisen Wien", "de-CH": "Kantonalbank Zürich|Alpenbank AG", "fr-FR": "Banque Lumière|Crédit Régional|Société de Banque", "es-ES": "Banco Central Ibérico|Caja Norte|Banco del Sol", "it-IT": "Banca Popolare di Milano Sud|Credito Italiano Nuovo|Banca Toscana",
    "nl-NL": "Rabo Handelsbank|Nederlandse Kredietbank", "nl-BE": "Kredietbank Vlaanderen", "pt-PT": "Banco Atlântico|Caixa do Norte", "pt-BR": "Banco do Povo|Banco Paulista", "en-MY": "MAYBANK|PUBLIC BANK BERHAD|CIMB BANK", "en-IN": "HDFC Bank|State Bank", "es-MX": "Banco Azteca del Norte|Banorte Sur",
}  # fmt: skip


def bank(r: Random, locale: str) -> str:
    return r.choice(_BANKS[locale].split("|"))


def party(r: Random, locale: str, *, is_company: bool = True) -> Party:
    country = locale[3:]
    name = company(r, locale) if is_company else person(r, locale)
    place = address(r, locale)
    domain = _domain(name, r, country)
    mailbox = r.choice(["info", "office", "accounts", "billing", "sales", "kontakt" if locale[:2] == "de" else "contact", "mail"])
    contact = person(r, locale)
    if not is_company or r.random() < 0.15:
        mailbox = _plain(contact if is_company else name).replace(" ", r.choice([".", "_", ""]))
    return Party(
        name, place, locale, identifiers.phone(r, country), identifiers.phone(r, country), f"{mailbox}@{domain}", r.choice(["www.", "www.", "http://www.", "https://", ""]) + domain,
        identifiers.vat_id(r, country), identifiers.national_tax_number(r, country), identifiers.company_number(r, country, place.city), identifiers.iban(r, country), identifiers.bic(r, country), bank(r, locale), contact, is_company,
    )  # fmt: skip


def _domain(name: str, r: Random, country: str) -> str:
    words = [w for w in _plain(name).split() if len(w) > 2][:3] or ["firm"]
    stem = r.choice(["".join(words[:2]), "-".join(words[:2]), words[0]])
    end = {"US": "com", "GB": "co.uk", "MY": "com.my", "IN": "in", "BR": "com.br"}.get(country, country.lower())
    return f"{stem}.{r.choice([end, end, 'com', 'example.com', 'net'])}"


def _plain(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ı", "i")).encode("ascii", "ignore").decode().lower()
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())
