"""What is sold: products and services by language, with units."""

from __future__ import annotations

from random import Random

_GOODS = {
    "en": "Oak board 20mm|Steel bolt M8|Toner cartridge black|Consulting hours|Coffee beans 1kg|Desk lamp LED|Web hosting annual|Copy paper A4 80g|Cable USB-C 5m|Office chair grey|Spring water 24x0.5l|Paint white 10l|Garden hose 25m|USB hub 7-port|Training day on site|Battery AA 12 pack|Ceramic tile white|Valve DN50|Hydraulic hose premium|Air filter set of 4|Pallet wrap XL|Safety gloves|Bearing 6204|LED panel 60x60|Annual licence|Cloud hosting|Keyboard wireless|Freight|Printer maintenance|Project management|Graphic design|Sponsored Jobs|Pro team plan|Data transfer|Storage GB-month|Beeswax XL|Olive Oil|Large Cabinet|Conference table|Customizable desk|Drawer black|Infographic Design|Service Fee|Site inspection|Labour|Call-out charge|Replacement part kit|Door lock set|Aluminium profile 3m|Silk scarf|Vitamin C 500mg|Brake pads front|Oil change 5W-30|Legal advice|Translation EN-DE per word|Photography half day",
    "de": "Heiße Luft pro Liter|Luftballon bunt, ca. 500ml|Künstlerische Gestaltung (Stunde)|Beratung und Entwicklung|Montage vor Ort|Druckerpapier A4 500 Blatt|Schrauben M8x40 verzinkt|Bürostuhl ergonomisch|Trennblätter A4|Joghurt Banane|Kaffeebohnen 1 kg|Wartungsvertrag monatlich|Farbe weiß 10 l|Gartenschlauch 25 m|Batterie AA 12er|Hydraulikschlauch|Fliesen keramisch weiß|Ventil DN50|Lizenz jährlich|Fahrtkosten|Arbeitszeit Geselle|Entsorgungspauschale|Reinigung Treppenhaus|Malerarbeiten Wohnzimmer|Stromverbrauch|Grundgebühr|Schulung ganztägig|Kabel NYM-J 3x1,5|LED-Leuchte 60x60|Stahlblech 2 mm|Türschloss komplett|Holzbohle Eiche|Webhosting Business|Anfahrt|Kleinmaterial",
    "fr": "Boîte de rangement|Bureau d'angle avec siège à gauche|Tiroir|Dépôt|Chaise de bureau|Flipover|Design d'intérieur virtuel|Grande armoire|Bureau personnalisable|Service Client (Heures Prépayées)|Logiciel de conception de bureau|Prestation de conseil|Main d'oeuvre|Papier A4 80g|Cartouche d'encre noire|Câble USB 2m|Huile d'olive 1L|Café en grains 1kg|Maintenance annuelle|Abonnement mensuel|Formation sur site|Peinture blanche 10L|Tuyau d'arrosage|Vis inox M8|Carrelage blanc|Frais de déplacement|Location de matériel|Création site internet|Entretien chaudière|Architecte Principal",
    "es": "Servicio de consultoría|Papel A4 80g|Silla de oficina|Mesa de reunión|Aceite de oliva 5L|Café en grano 1kg|Cable USB 2m|Tóner negro|Mantenimiento mensual|Horas de trabajo|Pintura blanca 10L|Tornillos M8|Azulejo blanco|Manguera 25m|Licencia anual|Formación en sala|Alojamiento web|Desplazamiento|Alquiler de maquinaria|Guantes de seguridad|Lámpara LED|Estantería metálica|Diseño gráfico|Instalación eléctrica",
    "it": "Consulenza tecnica|Carta A4 80g|Sedia da ufficio|Tavolo riunioni|Olio extravergine 5L|Caffè in grani 1kg|Cavo USB 2m|Toner nero|Manutenzione mensile|Ore di lavoro|Vernice bianca 10L|Viti M8|Piastrelle bianche|Tubo giardino 25m|Licenza annuale|Corso di formazione|Hosting web|Trasferta|Noleggio attrezzature|Guanti di sicurezza|Lampada LED|Scaffale metallico|Progetto grafico",
    "nl": "Adviesuren|Papier A4 80g|Bureaustoel|Vergadertafel|Koffiebonen 1kg|USB-kabel 2m|Toner zwart|Onderhoud maandelijks|Arbeidsloon|Verf wit 10L|Schroeven M8|Tegels wit|Tuinslang 25m|Jaarlicentie|Training op locatie|Webhosting|Reiskosten|Huur materieel|Veiligheidshandschoenen|LED-lamp|Stalen kast|Grafisch ontwerp|Voorrijkosten",
    "pt": "Serviços de consultoria|Papel A4 80g|Cadeira de escritório|Mesa de reunião|Azeite 5L|Café em grão 1kg|Cabo USB 2m|Toner preto|Manutenção mensal|Horas de trabalho|Tinta branca 10L|Parafusos M8|Azulejo branco|Mangueira 25m|Licença anual|Formação|Alojamento web|Deslocação|Aluguer de equipamento|Luvas de segurança|Lâmpada LED|Estante metálica|Design gráfico",
}
_MORE = {
    "en": "Delivery week {n}|incl. installation|Serial no. {n}{n}|as per quotation {n}|Colour: anthracite|Period 01/05 - 31/05|2 year warranty|batch {n}|Recurring monthly charge|Customer ref {n}|per unit|see attached report",
    "de": "inkl. Montage|Lieferwoche {n}|gemäß Angebot {n}|Farbe: anthrazit|Charge {n}|Zeitraum 01.05. - 31.05.|pauschal|laut Aufmaß|Serien-Nr. {n}{n}|Entwicklung und Beratung in den Bereichen Online-Marketing",
    "fr": "selon devis {n}|couleur anthracite|lot n° {n}|garantie 2 ans|période mai|réf. client {n}|livraison comprise", "es": "según presupuesto {n}|color antracita|lote {n}|garantía 2 años|período mayo|incluye montaje",
    "it": "come da offerta {n}|colore antracite|lotto {n}|garanzia 2 anni|periodo maggio|incluso montaggio", "nl": "volgens offerte {n}|kleur antraciet|partij {n}|2 jaar garantie|periode mei|inclusief montage", "pt": "conforme orçamento {n}|cor antracite|lote {n}|garantia 2 anos|período maio|inclui montagem",
}  # fmt: skip
_UNITS = {
    "en": "pcs|pcs|ea|each|kg|hrs|hour|box|unit|EA|m|day|set|L", "de": "Stk.|Stück|Stk|Std.|kg|m|Psch.|Stunde|Liter|Pkg|h|lfm", "fr": "u|pièce|kg|h|jour|lot|m|unité|pce", "es": "ud|uds|kg|h|caja|m|día",
    "it": "pz|n.|kg|ore|conf.|m|gg", "nl": "st|stuks|kg|uur|doos|m|dag", "pt": "un|UN|kg|h|cx|m|dia",
}  # fmt: skip
_QUALITY = ["", "", "", "", " XL", " Pro", " 2.0", " {n}", " (new)", " type {n}", " B{n}", " - {n}x", " S/M", " 2024"]


def item(r: Random, language: str) -> str:
    return r.choice(_SPLIT_GOODS[language]) + r.choice(_QUALITY).replace("{n}", str(r.randint(1, 99)))


def more_about(r: Random, language: str) -> str:
    return r.choice(_SPLIT_MORE[language]).replace("{n}", str(r.randint(10, 99)))


def unit(r: Random, language: str) -> str:
    return r.choice(_SPLIT_UNITS[language])


def code(r: Random) -> str:
    n = r.randint
    return r.choice([
        f"{r.choice('ABCEFHKMPRSTXZ')}{n(1000, 9999)}", f"{n(1000, 99999)}", f"{r.choice('ABCEFHKMPRSTXZ')}{r.choice('ABC')}-{n(100, 999)}", f"{n(10, 99)}.{n(100, 999)}.{n(10, 99)}",
        f"{n(100000, 999999)}", f"FURN_{n(1000, 9999)}", f"{n(100, 999)}-{r.choice('ABX')}{n(10, 99)}", f"4{n(10**11, 10**12 - 1)}",
    ])  # fmt: skip


_SPLIT_GOODS = {k: v.split("|") for k, v in _GOODS.items()}
_SPLIT_MORE = {k: v.split("|") for k, v in _MORE.items()}
_SPLIT_UNITS = {k: v.split("|") for k, v in _UNITS.items()}
