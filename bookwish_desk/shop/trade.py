"""The book trade's code words: how a product is bound, whether it can be had, whether it goes back.

Codes are those of EDItEUR's ONIX code lists, which may be used freely; what stands beside them is what
booksellers say. One code is ours: `MM`, the mass-market paperback, which ONIX calls a paperback (BC) with
the detail B101. Reading any one feed is not done here.
"""

from __future__ import annotations

from functools import lru_cache

MASS_MARKET = "MM"


def _listed(text: str) -> dict[str, str]:
    """Return code and words of entries such as "BB Hardback | BC Paperback"."""
    entries = (entry.strip().partition(" ") for line in text.strip().split("\n") for entry in line.split("|"))
    return {code: words for code, _, words in entries}


_FORMATS = _listed(
    """
    AA Audio | AB Audio cassette | AC Audio CD | AD DAT | AE Audio disc | AF Audio tape | AG MiniDisc
    AH CD-Extra | AI DVD audio | AJ Audiobook download | AK Audio player | AL Audio card
    AM Vinyl record | AN Audiobook online | AO Audiobook stream | AZ Audio
    BA Book | BB Hardback | BC Paperback | BD Loose-leaf | BE Spiral bound | BF Pamphlet
    BG Leather bound | BH Board book | BI Rag book | BJ Bath book | BK Novelty book | BL Slide bound
    BM Big book | BN Part-work | BO Fold-out book | BP Foam book | BZ Book
    MM Mass market
    CA Map | CB Folded map | CC Flat map | CD Rolled map | CE Globe | CZ Map
    DA Software | DB CD-ROM | DC CD-I | DE Game cartridge | DF Diskette | DI DVD-ROM | DJ Memory card
    DK Memory card | DL Memory card | DM USB stick | DN Double-sided disc | DO Blu-ray ROM | DZ Software
    EA E-book | EB E-book | EC Online book | ED E-book download
    FA Film | FC Slides | FD Transparencies | FE Filmstrip | FF Film | FZ Film
    LA Digital license | LB License key | LC License code
    MA Microform | MB Microfiche | MC Microfilm | MZ Microform
    PA Print | PB Address book | PC Calendar | PD Cards | PE Copymasters | PF Diary | PG Frieze | PH Kit
    PI Sheet music | PJ Postcards | PK Poster | PL Record book | PM Folder | PN Pictures | PO Wallchart
    PP Stickers | PQ Plate | PR Notebook | PS Organizer | PT Bookmark | PU Leaflet | PV Book plates
    PZ Print
    SA Set | SB Boxed set | SC Slipcased set | SD Shrink-wrapped set | SE Set | SF Book with extras
    SG Digital set | SH Book with digital extras
    VA Video | VF Videodisc | VI DVD | VJ VHS video | VK Betamax video | VL VCD | VM SVCD | VN HD DVD
    VO Blu-ray | VP UMD video | VQ CBHD | VZ Video
    XA Trade material | XB Empty dumpbin | XC Filled dumpbin | XD Empty counterpack
    XE Filled counterpack | XF Promotional poster | XG Shelf strip | XH Window piece | XI Streamer
    XJ Empty spinner | XK Display book | XL Shrink-wrapped pack | XM Boxed pack | XN Pack
    XO Filled spinner | XY Point of sale | XZ Point of sale
    ZA General merchandise | ZB Doll or figure | ZC Soft toy | ZD Toy | ZE Game | ZF T-shirt
    ZG E-book reader | ZH Tablet computer | ZI Audiobook player | ZJ Jigsaw | ZK Mug | ZL Tote bag
    ZM Tableware | ZN Umbrella | ZO Art supplies | ZP Craft kit | ZX Toy | ZY Apparel | ZZ Merchandise
    """
)
"""List 150, product form; 00 (undefined) is left out."""

_STATUSES = _listed(
    """
    01 Cancelled | 02 Forthcoming | 03 Postponed indefinitely | 04 In print | 05 With another publisher
    06 Out of stock indefinitely | 07 Out of print | 08 Inactive | 09 Status unknown | 10 Remaindered
    11 Withdrawn from sale | 12 Recalled | 13 Not sold separately | 15 Recalled
    16 Temporarily withdrawn | 17 Permanently withdrawn | 18 Not sold as a set
    """
)
"""List 64, publishing status; 00 (unspecified) is left out."""

_AVAILABILITIES = _listed(
    """
    01 Cancelled | 09 Postponed indefinitely | 10 Not yet available | 11 Awaiting stock
    12 Not yet available, print on demand | 20 Available | 21 In stock | 22 To order
    23 Print on demand | 30 Temporarily unavailable | 31 Out of stock | 32 Reprinting
    33 Awaiting reissue | 34 Temporarily withdrawn | 40 Not available | 41 Replaced by a new edition
    42 Available in another format only | 43 No longer supplied | 44 Order from the publisher
    45 Not sold separately | 46 Withdrawn from sale | 47 Remaindered | 48 Replaced by print on demand
    49 Recalled | 50 Not sold as a set | 51 Out of print | 52 No longer sold in this market
    97 No recent news | 98 No more news | 99 Ask the supplier
    """
)
"""List 65, product availability."""

_RETURNS = {"Y": "Returnable", "N": "Not returnable", "C": "Returnable on conditions"}

_WORDS = {
    **dict.fromkeys(("hb", "hc", "hbk", "tc", "cloth"), "BB"),
    **dict.fromkeys(("pb", "pbk", "tp", "tpb", "qp", "trade"), "BC"),  # ONIX's PB is an address book
    **dict.fromkeys(("mm", "mmp", "mmpb"), MASS_MARKET),
    "board": "BH",
    **dict.fromkeys(("cd", "cds"), "AC"),  # and its CD is a rolled map
    "mp3": "AE",
    "lp": "AM",
    "dvd": "VI",
    "vhs": "VJ",
    "print": "BA",
    "large print": "BA",
    # Ingram's product types
    "r": "BB",
    "q": "BC",
    "p": MASS_MARKET,
    "t": "PC",
    "w": "AA",
    "x": "AA",
    "k": "VA",
    "m": "ZA",
    "s": "DA",
}
"""What stands alone in a column of formats, in small letters, with blanks for marks."""

_PHRASES = {
    MASS_MARKET: ("mass market", "rack size"),
    "BH": ("board book", "boardbook"),
    "BJ": ("bath book",),
    "BI": ("cloth book", "rag book"),
    "AB": ("audio cassette",),
    "AE": ("mp3 cd", "cd mp3"),
    "AJ": ("audiobook download", "downloadable audio", "digital audio", "digital audiobook"),
    "AC": ("audio cd", "cd audio", "audiobook cd", "compact disc"),
    "AA": ("audiobook", "audio book", "audio"),
    "EA": ("ebook", "e book", "epub", "kindle", "pdf", "digital"),
    "DB": ("cd rom",),
    "DA": ("software",),
    "BG": ("leather",),
    "BE": ("spiral", "comb bound", "wire o", "ring bound"),
    "BD": ("loose leaf", "looseleaf"),
    "BF": ("pamphlet", "stapled"),
    "BB": (
        *("hardcover", "hardback", "hardbound", "hard cover", "hard back", "library binding"),
        *("casebound", "cased", "trade cloth", "cloth bound", "clothbound"),
    ),
    "BC": (
        *("paperback", "paper back", "softcover", "soft cover", "softback", "flexibound"),
        *("trade paper", "paper", "paperbound", "perfect bound"),
    ),
    "SB": ("boxed set", "box set"),
    "SC": ("slipcase", "slipcased"),
    "PC": ("calendar",),
    "PI": ("sheet music",),
    "CA": ("map",),
    "CE": ("globe",),
    "PK": ("poster",),
    "PJ": ("postcard", "greeting card"),
    "PP": ("sticker",),
    "PT": ("bookmark",),
    "PR": ("notebook", "blank book"),
    "PF": ("journal", "diary"),
    "PD": ("card",),
    "ZJ": ("jigsaw", "puzzle"),
    "ZC": ("plush", "soft toy"),
    "ZE": ("game",),
    "ZD": ("toy",),
    "ZK": ("mug",),
    "ZL": ("tote",),
    "ZF": ("t shirt",),
    "ZA": ("gift",),
    "AM": ("vinyl",),
    "VO": ("blu ray",),
    "VI": ("dvd",),
    "VA": ("video",),
    "PH": ("kit",),
    "BA": ("book",),
}
"""What may stand anywhere in a description. The first that does counts: "Board book, hardcover" is BH."""


def format_name(code: str) -> str:
    """Return what booksellers call a product form: "Hardback"; empty for a code that is not known."""
    return _FORMATS.get(code, "")


def status_name(code: str) -> str:
    """Return a publishing status in words: "Out of print"; empty for a code that is not known."""
    return _STATUSES.get(code, "")


def availability_name(code: str) -> str:
    """Return in words whether a supplier has it: "In stock"; empty for a code that is not known."""
    return _AVAILABILITIES.get(code, "")


def returnable_name(code: str) -> str:
    """Return in words what Y, N or C in `Title.returnable` says; empty for anything else."""
    return _RETURNS.get(code, "")


@lru_cache(maxsize=1024)
def format_code(words: str) -> str:
    """Return the product form that a list means; empty when it cannot be told.

    Takes codes of list 150, words ("Hardcover", "Trade paper", "mass-market", "Audio CD"), usual
    abbreviations (hb, pbk, mm) and Ingram's product types (R, Q, P). Where an abbreviation is also a
    code of ONIX, what booksellers mean by it goes first: PB is a paperback, not an address book.
    """
    text = " ".join("".join(c if c.isalnum() else " " for c in words[:200].casefold()).split())
    if known := _WORDS.get(text):
        return known
    if text.upper() in _FORMATS:
        return text.upper()
    spaced = f" {text} "
    for code, phrases in _PHRASES.items():
        if any(f" {phrase} " in spaced or f" {phrase}s " in spaced for phrase in phrases):
            return code
    first = text.partition(" ")[0]
    return _WORDS.get(first, "") if len(first) > 1 else ""
