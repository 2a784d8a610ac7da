"""Invented people and firms at real Belgian places."""

from __future__ import annotations

DUTCH_TRADES = (
    "Bakkerij", "Dakwerken", "Drukkerij", "Tuinen", "Schrijnwerkerij", "Traiteur", "Elektro",
    "Schilderwerken", "Evenementen", "Fietsen", "Bouwwerken", "Bloemen",
)  # fmt: skip
DUTCH_FANCIES = (
    "De Vrolijke Egel", "De Blauwe Walvis", "Het Gouden Konijn", "De Dansende Otter",
    "De Zevende Zwaluw", "Het Slapende Paard", "De Dappere Pinguïn", "De Rode Kikker",
    "Het Fluitende Varken", "De Stille Das", "De Vliegende Forel", "De Knappe Kever",
)  # fmt: skip
DUTCH_FORMS = ("BV", "BV", "NV", "vzw", "CommV")

FRENCH_TRADES = (
    "Boulangerie", "Menuiserie", "Imprimerie", "Jardins", "Toitures", "Traiteur", "Électricité",
    "Peinture", "Événements", "Cycles",
)  # fmt: skip
FRENCH_FANCIES = (
    "Le Hérisson Bleu", "La Loutre Dorée", "L'Écureuil Pressé", "Le Pingouin Têtu",
    "La Truite Volante", "Le Cheval Endormi", "La Grenouille Rouge", "Le Blaireau Discret",
    "L'Étoile du Garçon", "La Chouette Émue",
)  # fmt: skip
FRENCH_FORMS = ("SRL", "SRL", "SA", "ASBL", "SComm")

#: Names that a form, a list and a print have to cope with: company, language.
AWKWARD_FIRMS = (
    ("Zeep & Zoon BV", "nl"),
    ("Thé & Théière SRL", "fr"),
    ("Müller, Schäfer & Söhne GmbH", "de"),
    ("'t Half Woord vzw", "nl"),
    ("L'Œuf à la Coque d'Ixelles SRL", "fr"),
    ("Grüne Düfte OHG", "de"),
    ("O'Brien & Daughters Ltd", "en"),
    ("<Haakjes> & Co BV", "nl"),
    ("Schreinerei Zum Lachenden Hirsch GmbH", "de"),
    ("Gasthof Zur Flinken Forelle GmbH", "de"),
    (
        "Koninklijke Vereniging tot Behoud van Draaimolens, "
        "Kermiskramen en Luchtschepen Antwerpen vzw",
        "nl",
    ),
)

#: Firms abroad: company, VAT number, street, postcode, city, country, language.
FOREIGN_FIRMS = (
    ("De Zwevende Klomp B.V.", "NL123456782B12", "Waagplein 9", "1811 JP", "Alkmaar", "NL", "nl"),
    ("Het Scheve Hek B.V.", "NL987654321B94", "Bredaseweg 204", "5038 NK", "Tilburg", "NL", "nl"),
    ("Zum Fliegenden Igel GmbH", "DE999999995", "Pontstraße 41", "52062", "Aachen", "DE", "de"),
    ("Le Coq Distrait SARL", "FR11999999998", "Rue de Béthune 17", "59800", "Lille", "FR", "fr"),
    ("La Vigne Bavarde Sàrl", "LU98765421", "Grand-Rue 33", "1661", "Luxembourg", "LU", "fr"),
)

FIRST_NAMES = {
    "nl": ("An", "Bart", "Chloë", "Daan", "Eline", "Femke", "Geert", "Hilde", "Jeroen", "Karel",
           "Lieve", "Noë", "Raïsa", "Stijn", "Wout", "Zoë"),
    "fr": ("Aurélie", "Benoît", "Céline", "Damien", "Éloïse", "François", "Gaëlle", "Hugo",
           "Inès", "Jérôme", "Maëlle", "Noémie", "Rémi", "Zoé"),
    "de": ("Jürgen", "Käthe", "Björn", "Heike"),
    "en": ("Siobhán", "Oliver", "Grace", "Desmond"),
}  # fmt: skip
LAST_NAMES = {
    "nl": ("Appelmans", "Van den Eekhoorn", "De Wolkenbreker", "Kaarsmaeker", "Vossemans",
           "D'Hoenkamp", "Zilverschoon", "Van Molenwiek", "Pepermans", "Roosendael", "Bruynkool",
           "Ter Weyden", "Notelaar", "Stoopmans"),
    "fr": ("Boisdoré", "Delacloche", "Fontclair", "Grandjardin", "L'Heureux", "Montfleuri",
           "Noirpré", "Petitpont", "Rivebelle", "Sansonnet", "Tournesol", "Vertefeuille"),
    "de": ("Grünwald-Höfer", "Mühlenbach", "Sternhagel", "Weißdorn"),
    "en": ("Fotheringay", "O'Marley", "Plumstead-Wye", "Thistlewood"),
}  # fmt: skip

#: Postcode, city.
PLACES = {
    "nl": (
        ("2000", "Antwerpen"), ("2018", "Antwerpen"), ("2060", "Antwerpen"), ("2100", "Deurne"),
        ("2300", "Turnhout"), ("2500", "Lier"), ("2610", "Wilrijk"), ("2800", "Mechelen"),
        ("3000", "Leuven"), ("3500", "Hasselt"), ("3600", "Genk"), ("8000", "Brugge"),
        ("8500", "Kortrijk"), ("9000", "Gent"), ("9100", "Sint-Niklaas"), ("9300", "Aalst"),
        ("1000", "Brussel"), ("1800", "Vilvoorde"),
    ),
    "fr": (
        ("4000", "Liège"), ("4020", "Liège"), ("4040", "Herstal"), ("4100", "Seraing"),
        ("4500", "Huy"), ("4800", "Verviers"), ("4900", "Spa"), ("5000", "Namur"),
        ("6000", "Charleroi"), ("6700", "Arlon"), ("7000", "Mons"), ("7500", "Tournai"),
        ("1050", "Ixelles"), ("1300", "Wavre"),
    ),
    "de": (("4700", "Eupen"), ("4720", "Kelmis"), ("4760", "Büllingen"), ("4780", "Sankt Vith")),
    "en": (("1040", "Etterbeek"), ("1060", "Sint-Gillis"), ("3080", "Tervuren")),
}  # fmt: skip
STREETS = {
    "nl": ("Kerkstraat", "Stationsstraat", "Molenweg", "Lindelaan", "Industrielaan", "Markt",
           "Leuvensesteenweg", "Schoolstraat", "Kapelstraat", "Beukendreef"),
    "fr": ("Rue de l'Église", "Rue de la Station", "Chaussée de Namur", "Avenue des Tilleuls",
           "Rue du Moulin", "Place du Marché", "Rue Neuve", "Quai des Écluses"),
    "de": ("Hauptstraße", "Aachener Straße", "Kirchweg", "Am Mühlenberg"),
    "en": ("Louizalaan", "Avenue de Tervueren", "Waversesteenweg"),
}  # fmt: skip
