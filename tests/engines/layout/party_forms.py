"""Heads of invoices as they are set in the world, invented: who sells and who buys on each."""

from dataclasses import dataclass

Line = tuple[float, float, str]


@dataclass(frozen=True)
class Form:
    """A head's lines (left, top, text in points) and what is to be read of it; None: nobody is told."""

    name: str
    lines: tuple[Line, ...]
    seller: str | None
    buyer: str | None
    seller_tax: str | None = None
    buyer_tax: str | None = None
    slip: bool = False


BODY: tuple[Line, ...] = (
    (50, 420, "Widgets"),
    (300, 420, "2"),
    (400, 420, "60.00"),
    (500, 420, "120.00"),
    (400, 460, "Total"),
    (500, 460, "120.00"),
)

TILL: tuple[Line, ...] = (
    (40, 240, "Tea"),
    (220, 240, "3.50"),
    (40, 255, "Cake"),
    (220, 255, "4.20"),
    (40, 275, "Total"),
    (220, 275, "7.70"),
    (40, 290, "Cash"),
    (220, 290, "10.00"),
    (40, 305, "Change"),
    (220, 305, "2.30"),
)


def block(x: float, y: float, *texts: str, step: float = 12) -> tuple[Line, ...]:
    """Return texts set flush below one another."""
    return tuple((x, y + step * n, text) for n, text in enumerate(texts))


FORMS = (
    Form(
        "DIN 5008 with the sender's line above the window",
        (
            *block(
                380, 40, "Nordlicht Werkzeuge GmbH", "Tel. 0431 99120", "www.nordlicht-werkzeuge.de"
            ),
            (60, 128, "Nordlicht Werkzeuge GmbH · Kaistraße 7 · 24103 Kiel"),
            *block(
                60,
                150,
                "Bäckerei Sommerfeld",
                "Inh. Rita Sommerfeld",
                "Marktplatz 3",
                "24937 Flensburg",
            ),
            (60, 280, "Rechnung Nr. 2026-114"),
            (400, 280, "Datum: 14.03.2026"),
            (60, 780, "USt-IdNr. DE274819307"),
        ),
        "Nordlicht Werkzeuge GmbH",
        "Bäckerei Sommerfeld",
        "DE274819307",
    ),
    Form(
        "a person in the window, the honorific before the name",
        (
            *block(380, 40, "Zahnarztpraxis Dr. Lena Vogt", "Lindenallee 12", "80331 München"),
            (60, 130, "Dr. Lena Vogt, Lindenallee 12, 80331 München"),
            *block(60, 150, "Herrn Thomas Brandl", "Ahornweg 8", "82031 Grünwald"),
            (60, 280, "Rechnung Nr. 881-26"),
            (400, 280, "Datum: 14.03.2026"),
        ),
        "Zahnarztpraxis Dr. Lena Vogt",
        "Thomas Brandl",
    ),
    Form(
        "a person in the window, the honorific on a line of its own",
        (
            *block(
                60, 40, "Malerbetrieb Kunze", "Inhaber Olaf Kunze", "Ringstr. 41", "09599 Freiberg"
            ),
            *block(60, 150, "Frau", "Prof. Dr. Ines Adler", "Gohliser Str. 9", "04155 Leipzig"),
            (60, 280, "Rechnung Nr. 77/2026"),
            (400, 280, "Freiberg, 14.03.2026"),
        ),
        "Malerbetrieb Kunze",
        "Prof. Dr. Ines Adler",
    ),
    Form(
        "a company in the window with the person who is meant",
        (
            *block(400, 40, "Kranverleih Stelzer AG", "Industriestr. 5", "9000 St. Gallen"),
            *block(
                60, 150, "Herr", "Urs Amstad", "Holzbau Amstad GmbH", "Dorfstrasse 2", "6370 Stans"
            ),
            (60, 280, "Rechnung Nr. 5511"),
            (400, 280, "Datum 14.03.2026"),
            (60, 300, "MWST-Nr. CHE-116.281.710 MWST"),
        ),
        "Kranverleih Stelzer AG",
        "Holzbau Amstad GmbH",
    ),
    Form(
        "a Swiss window on the right",
        (
            *block(
                60,
                40,
                "Alpina Sanitär GmbH",
                "Bahnhofweg 4",
                "3800 Interlaken",
                "Tel. 033 555 10 20",
            ),
            *block(350, 150, "Familie Gerber", "Seestrasse 77", "3700 Spiez"),
            (60, 280, "Rechnung 40012"),
            (400, 280, "14.03.2026"),
        ),
        "Alpina Sanitär GmbH",
        "Familie Gerber",
    ),
    Form(
        "a French window on the right, the seller in the footer",
        (
            *block(
                350,
                130,
                "MAIRIE DE VALBRUNE",
                "Service comptabilité",
                "2 place de l'Église",
                "38420 VALBRUNE",
            ),
            (60, 230, "Facture n° FA-2026-031"),
            (60, 250, "Date : 14/03/2026"),
            (120, 780, "SARL Menuiserie Perrin - 14 rue des Tilleuls - 38000 Grenoble"),
            (
                120,
                792,
                "Tél : 04 76 00 00 00 - contact@menuiserie-perrin.fr - SIRET 732 829 320 00074",
            ),
            (120, 804, "N° TVA : FR44732829320"),
        ),
        "SARL Menuiserie Perrin",
        "MAIRIE DE VALBRUNE",
        "FR44732829320",
    ),
    Form(
        "a French head with both parties in boxes",
        (
            *block(
                60,
                60,
                "Émetteur",
                "Studio Lumen SAS",
                "8 quai Sud",
                "69002 Lyon",
                "SIREN 732 829 320",
            ),
            *block(330, 60, "Adressé à", "Café des Arènes", "1 place Neuve", "30000 Nîmes"),
            (60, 200, "Facture F-0091"),
            (330, 200, "Date de facturation : 14/03/2026"),
        ),
        "Studio Lumen SAS",
        "Café des Arènes",
    ),
    Form(
        "bill to and ship to side by side",
        (
            *block(
                50,
                40,
                "Harbor Supply Co.",
                "410 Dock Street",
                "Portland, ME 04101",
                "(207) 555-0142",
            ),
            (450, 40, "INVOICE"),
            *block(
                50,
                140,
                "Bill To",
                "Maple Grove School",
                "Accounts Payable",
                "12 Elm Ave",
                "Augusta, ME 04330",
            ),
            *block(
                240, 140, "Ship To", "Maple Grove School Gym", "14 Elm Ave", "Augusta, ME 04330"
            ),
            (430, 140, "Invoice # 20881"),
            (430, 152, "Date 03/14/2026"),
        ),
        "Harbor Supply Co.",
        "Maple Grove School",
    ),
    Form(
        "sold to, ship to and remit to",
        (
            (50, 40, "INVOICE 77120"),
            (430, 40, "Date: 03/14/2026"),
            *block(50, 90, "Sold To:", "Desert Bloom Nursery", "9 Cactus Road", "Tucson, AZ 85701"),
            *block(
                230, 90, "Ship To:", "Desert Bloom Yard 2", "88 Palo Verde Dr", "Tucson, AZ 85704"
            ),
            *block(
                410, 90, "Remit To:", "Copper State Irrigation Inc", "PO Box 4411", "Mesa, AZ 85201"
            ),
        ),
        "Copper State Irrigation Inc",
        "Desert Bloom Nursery",
    ),
    Form(
        "a seller and a buyer under heads alone, with labels inside",
        (
            (200, 40, "Faktura VAT FV/12/03/2026"),
            (400, 60, "Data wystawienia: 14.03.2026"),
            *block(
                50,
                100,
                "Sprzedawca",
                "Nazwa: Zielony Młyn sp. z o.o.",
                "NIP: 5261040828",
                "ul. Młyńska 4",
                "61-001 Poznań",
            ),
            *block(
                320,
                100,
                "Nabywca",
                "Nazwa: Szkoła Tańca Wirlej",
                "NIP: 7740001454",
                "ul. Polna 9",
                "62-020 Swarzędz",
            ),
        ),
        "Zielony Młyn sp. z o.o.",
        "Szkoła Tańca Wirlej",
        "5261040828",
        "7740001454",
    ),
    Form(
        "the number before the name, in two columns",
        (
            (200, 40, "Faktura 88/2026"),
            (400, 60, "Data wystawienia: 14.03.2026"),
            *block(
                50,
                100,
                "Sprzedawca",
                "NIP: 5261040828",
                "Nazwa: Zielony Młyn",
                "Adres: ul. Młyńska 4, 61-001 Poznań",
            ),
            *block(
                320,
                100,
                "Nabywca",
                "NIP: 7740001454",
                "Nazwa: Jan Wirlej",
                "Adres: ul. Polna 9, 62-020 Swarzędz",
            ),
        ),
        "Zielony Młyn",
        "Jan Wirlej",
        "5261040828",
        "7740001454",
    ),
    Form(
        "Czech heads with ids below",
        (
            (300, 40, "FAKTURA č. 260031"),
            *block(
                50,
                80,
                "Dodavatel:",
                "Papírna Lužany s.r.o.",
                "Mlýnská 12",
                "602 00 Brno",
                "IČO: 25596641",
                "DIČ: CZ25596641",
            ),
            *block(
                320,
                80,
                "Odběratel:",
                "Knihovna Dolany",
                "Náves 1",
                "783 16 Dolany",
                "IČO: 00298808",
            ),
            (50, 200, "Datum vystavení: 14.03.2026"),
        ),
        "Papírna Lužany s.r.o.",
        "Knihovna Dolany",
        "CZ25596641",
    ),
    Form(
        "a Hungarian form with heads",
        (
            (260, 40, "SZÁMLA"),
            *block(
                50,
                80,
                "Eladó:",
                "Tiszavirág Kft.",
                "6720 Szeged, Kárász utca 3.",
                "Adószám: 12892312-2-06",
            ),
            *block(320, 80, "Vevő:", "Kovács Péter", "6800 Hódmezővásárhely, Fő utca 12."),
            (50, 180, "Számlaszám: TV-2026/118"),
            (320, 180, "Számla kelte: 2026.03.14."),
        ),
        "Tiszavirág Kft.",
        "Kovács Péter",
    ),
    Form(
        "an Italian head with Spett.le",
        (
            *block(
                50,
                40,
                "Officine Brenta S.r.l.",
                "Via dei Mulini 22",
                "35010 Vigonza (PD)",
                "P.IVA 00743110157",
            ),
            *block(
                350,
                130,
                "Spett.le",
                "Cantina Sociale Montalbo",
                "Strada Provinciale 4",
                "31049 Valdobbiadene (TV)",
            ),
            (50, 240, "Fattura n. 118 del 14/03/2026"),
        ),
        "Officine Brenta S.r.l.",
        "Cantina Sociale Montalbo",
        "00743110157",
    ),
    Form(
        "an Italian table of heads and columns",
        (
            *block(
                50,
                60,
                "Cedente/prestatore (fornitore)",
                "Denominazione: Ferramenta Zilio",
                "Partita IVA: IT00743110157",
                "Indirizzo: Via Roma 9",
            ),
            *block(
                320,
                60,
                "Cessionario/committente (cliente)",
                "Denominazione: Hotel Miralago",
                "Partita IVA: IT02182030391",
                "Indirizzo: Lungolago 2",
            ),
            (50, 180, "Fattura n. 3/A"),
            (320, 180, "Data: 14/03/2026"),
        ),
        "Ferramenta Zilio",
        "Hotel Miralago",
        "IT00743110157",
        "IT02182030391",
    ),
    Form(
        "a Spanish head with the customer's data in a form",
        (
            *block(
                50, 40, "Talleres Iruña S.L.", "CIF: B58378431", "Calle Mayor 8", "31001 Pamplona"
            ),
            *block(
                320,
                100,
                "Datos del cliente",
                "Nombre: Marta Olmedo Ruiz",
                "NIF: 54362315K",
                "Dirección: Calle Sol 3",
            ),
            (50, 200, "Factura Nº: 2026/77"),
            (320, 200, "Fecha: 14/03/2026"),
        ),
        "Talleres Iruña S.L.",
        "Marta Olmedo Ruiz",
        "B58378431",
        "54362315K",
    ),
    Form(
        "a Portuguese letter",
        (
            *block(
                50,
                40,
                "Padaria Ribeira, Lda.",
                "Rua do Cais 18",
                "4050-001 Porto",
                "NIF: 501964843",
            ),
            *block(
                330,
                110,
                "Exmo.(s) Sr.(s)",
                "Pensão Belavista",
                "Avenida Central 90",
                "4700-229 Braga",
            ),
            (50, 220, "Fatura FT 2026/41"),
            (330, 220, "Data: 2026-03-14"),
            (330, 240, "V/ NIF: 503504564"),
        ),
        "Padaria Ribeira, Lda.",
        "Pensão Belavista",
        "501964843",
        "503504564",
    ),
    Form(
        "a Swedish letter, the buyer on the right under Fakturaadress",
        (
            *block(50, 40, "Björklunda Snickeri AB", "Verkstadsgatan 5", "852 30 Sundsvall"),
            (330, 40, "FAKTURA"),
            *block(330, 110, "Fakturaadress", "Brf Solrosen 3", "Box 118", "852 31 Sundsvall"),
            (50, 220, "Fakturanr 10418"),
            (50, 235, "Fakturadatum 2026-03-14"),
            (50, 790, "Momsreg.nr SE556036079301"),
        ),
        "Björklunda Snickeri AB",
        "Brf Solrosen 3",
        "SE556036079301",
    ),
    Form(
        "a Danish window without a label",
        (
            *block(60, 120, "Havnens Fiskehus", "Att. Mette Krog", "Nordkajen 2", "9990 Skagen"),
            *block(400, 60, "Vendsyssel El ApS", "Elmevej 14", "9800 Hjørring", "CVR-nr. 13585628"),
            (60, 260, "Faktura nr. 2044"),
            (400, 260, "Dato 14-03-2026"),
        ),
        "Vendsyssel El ApS",
        "Havnens Fiskehus",
    ),
    Form(
        "a Finnish window",
        (
            *block(
                50,
                40,
                "Saimaan Sähkö Oy",
                "Satamakatu 9",
                "53100 Lappeenranta",
                "Y-tunnus 0112038-9",
            ),
            *block(50, 140, "Virtanen Liisa", "Koivukuja 3 A 2", "55100 Imatra"),
            (330, 40, "LASKU"),
            (330, 60, "Laskun numero 55120"),
            (330, 75, "Laskun päiväys 14.3.2026"),
        ),
        "Saimaan Sähkö Oy",
        "Virtanen Liisa",
    ),
    Form(
        "a Dutch invoice without a label for the buyer",
        (
            *block(
                380,
                40,
                "Fietsenmakerij De Ketting",
                "Oude Gracht 55",
                "3511 AP Utrecht",
                "info@deketting.nl",
                "BTW-nr NL004495445B01",
            ),
            *block(
                60,
                140,
                "Stichting Buurtwerk Zuid",
                "t.a.v. mevr. De Wit",
                "Parkweg 8",
                "3527 TB Utrecht",
            ),
            (60, 260, "Factuurnummer: 26-0118"),
            (60, 275, "Factuurdatum: 14-03-2026"),
        ),
        "Fietsenmakerij De Ketting",
        "Stichting Buurtwerk Zuid",
        "NL004495445B01",
    ),
    Form(
        "a British invoice to a limited company, for the attention of somebody",
        (
            *block(
                380,
                40,
                "Ashdown Joinery Ltd",
                "Unit 4, Mill Lane",
                "Lewes BN7 2DD",
                "VAT No: GB 980 7806 84",
            ),
            *block(
                60,
                140,
                "FAO: Accounts Department",
                "Fernhill Care Homes Ltd",
                "22 Station Road",
                "Hove BN3 4RT",
            ),
            (60, 260, "Invoice No: 3391"),
            (380, 260, "Date: 14 March 2026"),
        ),
        "Ashdown Joinery Ltd",
        "Fernhill Care Homes Ltd",
    ),
    Form(
        "To: with a person and From: with another",
        (
            (50, 40, "INVOICE"),
            *block(50, 80, "From:", "Priya Raman", "14 Orchard Close", "Bath BA1 2AB"),
            *block(320, 80, "To:", "Tom Whitlock", "3 Abbey View", "Wells BA5 1AA"),
            (50, 180, "Invoice No: 17"),
            (320, 180, "Date: 14 March 2026"),
        ),
        "Priya Raman",
        "Tom Whitlock",
    ),
    Form(
        "labels in a column with the values right of them",
        (
            (50, 40, "Quill & Ink Stationers"),
            (50, 52, "5 Paper Street, Derby DE1 1AA"),
            (50, 120, "Customer:"),
            (160, 120, "Brightside Nursery"),
            (50, 134, "Contact:"),
            (160, 134, "Olive Trent"),
            (50, 148, "Address:"),
            (160, 148, "40 Hill Rise, Derby DE3 9GH"),
            (50, 162, "Invoice No:"),
            (160, 162, "QI-2207"),
            (50, 176, "Date:"),
            (160, 176, "14/03/2026"),
        ),
        "Quill & Ink Stationers",
        "Brightside Nursery",
    ),
    Form(
        "the customer's name after its label, in capitals",
        (
            *block(
                180,
                40,
                "SUNRISE AUTO SERVICES SDN. BHD.",
                "(1180447-K)",
                "No. 8, Jalan Kenanga 2",
                "81200 Johor Bahru",
            ),
            (50, 130, "Customer Name : LIM WEI HONG"),
            (50, 145, "Vehicle No : JQT 4471"),
            (330, 130, "Invoice No : INV-00812"),
            (330, 145, "Date : 14/03/2026"),
        ),
        "SUNRISE AUTO SERVICES SDN. BHD.",
        "LIM WEI HONG",
    ),
    Form(
        "M/s before the buyer",
        (
            *block(
                50, 40, "Shreeji Traders", "12 Nehru Market, Pune 411001", "GSTIN: 27AAPFU0939F1ZV"
            ),
            (50, 120, "M/s. Kaveri Textiles"),
            (50, 132, "44 Mill Road, Salem 636001"),
            (50, 144, "Customer GSTIN: 33AABCU9603R1ZJ"),
            (350, 120, "Invoice No: ST/118"),
            (350, 132, "Date: 14/03/2026"),
        ),
        "Shreeji Traders",
        "Kaveri Textiles",
        "27AAPFU0939F1ZV",
        "33AABCU9603R1ZJ",
    ),
    Form(
        "an Indian head: details of receiver and consignee",
        (
            *block(
                50,
                40,
                "Malabar Spices Pvt Ltd",
                "Beach Road, Kochi 682001",
                "GSTIN: 32AABCU9603R1ZL",
            ),
            *block(
                50,
                110,
                "Details of Receiver (Billed to)",
                "Name: Annapurna Stores",
                "Address: 5 Temple Street, Madurai 625001",
            ),
            *block(
                320,
                110,
                "Details of Consignee (Shipped to)",
                "Name: Annapurna Godown",
                "Address: 9 Ring Road, Madurai 625009",
            ),
            (50, 200, "Invoice No: MS/26/004"),
            (320, 200, "Date: 14/03/2026"),
        ),
        "Malabar Spices Pvt Ltd",
        "Annapurna Stores",
        "32AABCU9603R1ZL",
    ),
    Form(
        "an Australian invoice with ABN and Bill To below a logo's name",
        (
            *block(
                50, 40, "Wattle Landscapes", "ABN 51 824 753 556", "7 Creek Rd, Ballarat VIC 3350"
            ),
            *block(50, 130, "Bill to:", "Ms Hannah Doyle", "21 Ridge St", "Buninyong VIC 3357"),
            (380, 130, "Invoice number: 1044"),
            (380, 145, "Issue date: 14 Mar 2026"),
        ),
        "Wattle Landscapes",
        "Hannah Doyle",
        "51 824 753 556",
    ),
    Form(
        "a hotel's folio, the guest's company in the window",
        (
            *block(
                200, 30, "Hotel Seeblick", "Uferpromenade 1", "78464 Konstanz", "Tel +49 7531 5550"
            ),
            *block(60, 130, "Klarwasser Technik GmbH", "Rheingasse 12", "50676 Köln"),
            (330, 130, "Guest Name:"),
            (430, 130, "Anton Reuter"),
            (330, 145, "Room No:"),
            (430, 145, "214"),
            (330, 160, "Arrival:"),
            (430, 160, "12.03.2026"),
            (330, 175, "Departure:"),
            (430, 175, "14.03.2026"),
            (60, 240, "Invoice No. 88120"),
            (330, 240, "Date: 14.03.2026"),
        ),
        "Hotel Seeblick",
        "Klarwasser Technik GmbH",
    ),
    Form(
        "a hotel's folio with the guest alone",
        (
            *block(60, 30, "Grand Pinewood Lodge", "1200 Summit Drive", "Aspen, CO 81611"),
            (60, 110, "Guest: Carla Jimenez"),
            (60, 124, "Room: 412"),
            (330, 110, "Folio No. 55871"),
            (330, 124, "Arrival 03/12/2026"),
            (330, 138, "Departure 03/14/2026"),
            (330, 152, "Invoice date 03/14/2026"),
        ),
        "Grand Pinewood Lodge",
        "Carla Jimenez",
    ),
    Form(
        "the head of a table is no label of the buyer",
        (
            *block(60, 40, "Oakfield Print Ltd", "3 Press Yard", "Leeds LS1 4AB"),
            (60, 120, "Invoice No: 7002"),
            (330, 120, "Date: 14/03/2026"),
            (60, 400, "Date"),
            (150, 400, "Customer"),
            (250, 400, "Description"),
            (380, 400, "Price"),
            (480, 400, "Amount"),
        ),
        "Oakfield Print Ltd",
        None,
    ),
    Form(
        "labels that begin with the buyer's word name no buyer",
        (
            *block(60, 40, "Oakfield Print Ltd", "3 Press Yard", "Leeds LS1 4AB"),
            *block(
                330,
                110,
                "Customer Invoice No.: 7002",
                "Customer Invoice Date: 14/03/2026",
                "Customer PO No.: PX-118",
                "Customer VAT ID: GB980780684",
            ),
        ),
        "Oakfield Print Ltd",
        None,
        None,
        "GB980780684",
    ),
    Form(
        "your VAT number is the buyer's",
        (
            *block(60, 40, "Oakfield Print Ltd", "3 Press Yard", "Leeds LS1 4AB"),
            *block(60, 130, "Linden Books BV", "Kade 4", "1011 AB Amsterdam"),
            (330, 130, "Our VAT ID: GB980780684"),
            (330, 145, "Your VAT ID: NL004495445B01"),
            (60, 240, "Invoice No: 7002"),
            (330, 240, "Date: 14/03/2026"),
        ),
        "Oakfield Print Ltd",
        "Linden Books BV",
        "GB980780684",
        "NL004495445B01",
    ),
    Form(
        "a till's receipt has no buyer",
        (
            *block(90, 30, "THE COPPER KETTLE", "9 Market Row", "York YO1 8SL", "Tel 01904 550000"),
            (40, 120, "Server: Dana"),
            (40, 135, "Table 6"),
            (40, 150, "14/03/2026 12:41"),
        ),
        "THE COPPER KETTLE",
        None,
        slip=True,
    ),
    Form(
        "a slip that thanks its customer has no buyer",
        (
            *block(90, 30, "Bakery Blume", "Schmiedgasse 4", "97355 Oberwald"),
            (40, 150, "14.03.2026 08:12"),
            (40, 330, "Customer copy"),
            (40, 345, "To our guests: Happy Hour from five"),
        ),
        "Bakery Blume",
        None,
        slip=True,
    ),
    Form(
        "a subscription's receipt by a service",
        (
            (50, 40, "Receipt"),
            (50, 70, "Invoice number"),
            (180, 70, "8C1F-0004"),
            (50, 84, "Date paid"),
            (180, 84, "March 14, 2026"),
            *block(
                50,
                120,
                "Cloudmoor Inc.",
                "548 Harbor Blvd",
                "Oakland, CA 94607",
                "United States",
                "billing@cloudmoor.io",
            ),
            *block(
                300,
                120,
                "Bill to",
                "Jonas Petri",
                "Gartenweg 5",
                "10115 Berlin",
                "Germany",
                "jonas@petri.example",
            ),
        ),
        "Cloudmoor Inc.",
        "Jonas Petri",
    ),
    Form(
        "names that a sample holds in their place",
        (
            *block(50, 40, "Your Business Name", "12 Main Street", "Springfield, IL 62701"),
            *block(50, 130, "Bill To:", "Client Name", "99 Second Street", "Springfield, IL 62702"),
            (330, 130, "Invoice # 1001"),
            (330, 145, "Date: 03/14/2026"),
        ),
        "Your Business Name",
        "Client Name",
    ),
    Form(
        "attention above the company",
        (
            *block(60, 40, "Tidewater Marine Repair LLC", "77 Wharf Way", "Norfolk, VA 23510"),
            *block(
                60,
                130,
                "Bill To:",
                "Attn: Rosa Delgado",
                "Chesapeake Sailing Club",
                "1 Marina Dr",
                "Norfolk, VA 23518",
            ),
            (330, 130, "Invoice No. 4471"),
            (330, 145, "Date: 03/14/2026"),
        ),
        "Tidewater Marine Repair LLC",
        "Chesapeake Sailing Club",
    ),
    Form(
        "a utility's bill to an account holder",
        (
            *block(50, 40, "Riverbend Water & Power", "PO Box 900", "Dayton, OH 45401"),
            (330, 40, "Account number: 44-1180-2"),
            (330, 54, "Bill date: 03/14/2026"),
            *block(60, 150, "GLORIA MENDEZ", "418 WILLOW CT", "DAYTON OH 45402-1180"),
        ),
        "Riverbend Water & Power",
        "GLORIA MENDEZ",
    ),
    Form(
        "a Canadian head: Facturé à, Expédié à",
        (
            *block(50, 40, "Érablière du Lac inc.", "90 rang Sud", "Thetford Mines QC G6G 1A1"),
            *block(
                50, 120, "Facturé à :", "Épicerie Morin", "12 rue Principale", "Disraeli QC G0N 1E0"
            ),
            *block(
                320,
                120,
                "Expédié à :",
                "Entrepôt Morin",
                "14 rue Principale",
                "Disraeli QC G0N 1E0",
            ),
            (50, 220, "No de facture : 5180"),
            (320, 220, "Date : 2026-03-14"),
        ),
        "Érablière du Lac inc.",
        "Épicerie Morin",
    ),
    Form(
        "a Romanian form",
        (
            (250, 40, "FACTURA seria BV nr. 118"),
            (250, 54, "Data emiterii: 14.03.2026"),
            *block(
                50, 90, "Furnizor", "Carpatina Lemn SRL", "CUI: RO18547290", "Str. Morii 4, Brașov"
            ),
            *block(320, 90, "Client", "Pensiunea Izvorul", "CUI: 13548146", "Str. Văii 2, Predeal"),
        ),
        "Carpatina Lemn SRL",
        "Pensiunea Izvorul",
        "RO18547290",
    ),
    Form(
        "a Turkish head with Sayın",
        (
            *block(50, 40, "Çınar Makina Ltd. Şti.", "Sanayi Cad. No: 12", "16140 Bursa"),
            *block(50, 130, "SAYIN", "Deniz Otelcilik A.Ş.", "Sahil Sok. No: 3", "07100 Antalya"),
            (330, 130, "Fatura No: CM2026000118"),
            (330, 145, "Fatura Tarihi: 14.03.2026"),
        ),
        "Çınar Makina Ltd. Şti.",
        "Deniz Otelcilik A.Ş.",
    ),
    Form(
        "an Indonesian head with Kepada",
        (
            *block(50, 40, "PT Sinar Bahari", "Jl. Pelabuhan 9", "Surabaya 60165"),
            *block(50, 120, "Kepada Yth.", "CV Rasa Nusantara", "Jl. Kawi 21", "Malang 65112"),
            (330, 120, "No. Faktur: SB-0118"),
            (330, 135, "Tanggal: 14/03/2026"),
        ),
        "PT Sinar Bahari",
        "CV Rasa Nusantara",
    ),
    Form(
        "a Croatian head with Kupac",
        (
            *block(50, 40, "Jadranska Pila d.o.o.", "Obala 7", "21000 Split", "OIB: 94577403194"),
            *block(320, 110, "Kupac:", "Konoba Maslina", "Riva 2", "21450 Hvar"),
            (50, 200, "Račun br. 118/1/1"),
            (50, 214, "Datum: 14.03.2026."),
        ),
        "Jadranska Pila d.o.o.",
        "Konoba Maslina",
        "94577403194",
    ),
    Form(
        "a seller known by the holder of its account alone",
        (
            (50, 60, "Invoice 118"),
            (330, 60, "14 March 2026"),
            *block(50, 130, "Bill to", "Larkspur Hotels Ltd", "1 Park Row", "Bristol BS1 5LJ"),
            *block(
                50,
                700,
                "Please transfer to:",
                "Account name: Finch & Daughters",
                "Sort code: 20-11-45",
                "Account no: 33810042",
            ),
        ),
        "Finch & Daughters",
        "Larkspur Hotels Ltd",
    ),
    Form(
        "the brand above, the company that sells in the footer",
        (
            (50, 40, "SPARKLE"),
            (50, 120, "Invoice No: 9918"),
            (330, 120, "Date: 14 March 2026"),
            *block(50, 150, "Invoice to:", "Dale Norris", "6 Fell Lane", "Kendal LA9 4AA"),
            (
                50,
                790,
                "Sparkle is a trading name of Northern Cleaning Services Limited, registered in England",
            ),
            (50, 802, "VAT number GB980780684"),
        ),
        "Northern Cleaning Services Limited",
        "Dale Norris",
        "GB980780684",
    ),
    Form(
        "a window on the right below the sender's line, with the buyer's tax number",
        (
            *block(60, 40, "Lindholm Värme AB", "Verkstadsgatan 5", "852 30 Sundsvall"),
            (330, 130, "Lindholm Värme AB · Verkstadsgatan 5 · 852 30 Sundsvall"),
            *block(330, 145, "Solgläntan Fastigheter", "Parkvägen 18", "852 40 Sundsvall"),
            (330, 181, "VAT-nr SE556036079301"),
            (60, 220, "Fakturanr 10418"),
            (60, 235, "Fakturadatum 2026-03-14"),
        ),
        "Lindholm Värme AB",
        "Solgläntan Fastigheter",
        None,
        "SE556036079301",
    ),
    Form(
        "a title above the sender's line is no name",
        (
            *block(380, 40, "Brunnsvik Måleri HB", "Hamngatan 2", "791 60 Falun"),
            (60, 105, "RÄKNING"),
            (60, 130, "Brunnsvik Måleri HB, Hamngatan 2, 791 60 Falun"),
            *block(60, 145, "Ebba Nordin", "Kvarnvägen 3", "791 71 Falun"),
            (330, 220, "Datum 2026-03-14"),
        ),
        "Brunnsvik Måleri HB",
        "Ebba Nordin",
    ),
    Form(
        "label, name and address on one line without a colon",
        (
            *block(380, 40, "Modrzew sp. j.", "ul. Tartaczna 6", "33-100 Tarnów"),
            (60, 150, "Faktura nr 118/2026"),
            (60, 165, "Data wystawienia 2026-03-14"),
            (60, 200, "Klient Wierzbina Artykuły Ogrodnicze sp.j., Rynek 14, 16-400 Suwałki"),
        ),
        "Modrzew sp. j.",
        "Wierzbina Artykuły Ogrodnicze sp.j.",
    ),
    Form(
        "who is greeted is not told by it",
        (
            *block(
                380, 40, "Casa Pinhal Lda", "Rua do Forno 14", "4050-121 Porto", "NIF 501964843"
            ),
            *block(60, 130, "Mercearia Outeiro", "Travessa Nova 9", "4710-229 Braga"),
            (60, 220, "Fatura n.º FT 26/41"),
            (60, 235, "Data: 2026-03-14"),
            (60, 265, "Exmos. Senhores,"),
            (60, 280, "Junto enviamos a nossa fatura"),
        ),
        "Casa Pinhal Lda",
        "Mercearia Outeiro",
        "501964843",
    ),
    Form(
        "a Canadian window",
        (
            *block(
                60,
                40,
                "Fernwood Plumbing Inc.",
                "18 Cedar Lane",
                "Guelph ON N1H 2X5",
                "GST 118532467 RT0001",
            ),
            *block(
                60,
                140,
                "Attention: Noor Bakshi",
                "Halton Bookbinders",
                "44 Mill Street",
                "Acton ON L7J 1G2",
            ),
            (380, 140, "Invoice No. 5180"),
            (380, 155, "Date: March 14, 2026"),
        ),
        "Fernwood Plumbing Inc.",
        "Halton Bookbinders",
    ),
    Form(
        "a customer's number names nobody, nor do the words below it",
        (
            *block(380, 40, "Holm Bikes Ltd", "3 Spoke Lane", "Ely CB7 4AA"),
            (60, 120, "Customer: 471180"),
            (60, 134, "Spring Service"),
            (60, 148, "Invoice No: 2207"),
            (380, 148, "Date: 14 March 2026"),
        ),
        "Holm Bikes Ltd",
        None,
    ),
)
