"""States, their ZIP codes, and the codes of countries, as data: what an address is held against.

Prefixes of ZIP codes are USPS's (Labeling List L002, by state); codes of countries ISO 3166-1.
"""

from __future__ import annotations

MILITARY = frozenset({"AA", "AE", "AP"})
"""Addresses of the forces, as if they were states."""

_LISTED = """
AL Alabama 350-369 | AK Alaska 995-999 | AZ Arizona 850-865 | AR Arkansas 716-729,755 | CA California 900-961
CO Colorado 800-816 | CT Connecticut 060-069 | DE Delaware 197-199 | DC District of Columbia 200-205,569
FL Florida 320-349 | GA Georgia 300-319,398-399 | HI Hawaii 967-968 | ID Idaho 832-838 | IL Illinois 600-629
IN Indiana 460-479 | IA Iowa 500-528,681 | KS Kansas 660-679 | KY Kentucky 400-427 | LA Louisiana 700-714
ME Maine 039-049 | MD Maryland 206-219 | MA Massachusetts 010-027,055 | MI Michigan 480-499
MN Minnesota 550-567 | MS Mississippi 386-397 | MO Missouri 630-658 | MT Montana 590-599
NE Nebraska 680-693 | NV Nevada 889-898 | NH New Hampshire 030-038 | NJ New Jersey 070-089
NM New Mexico 870-884 | NY New York 005,063,100-149 | NC North Carolina 270-289 | ND North Dakota 580-588
OH Ohio 430-459 | OK Oklahoma 730-749 | OR Oregon 970-979 | PA Pennsylvania 150-196
RI Rhode Island 028-029 | SC South Carolina 290-299 | SD South Dakota 570-577 | TN Tennessee 370-385
TX Texas 733,750-799,885 | UT Utah 840-847 | VT Vermont 050-059 | VA Virginia 201,220-246
WA Washington 980-994 | WV West Virginia 247-268 | WI Wisconsin 530-549 | WY Wyoming 820-831,834
PR Puerto Rico 006-009 | VI Virgin Islands 008 | GU Guam 969 | AS American Samoa 967
MP Northern Mariana Islands 969 | FM Micronesia 969 | MH Marshall Islands 969 | PW Palau 969
AA Armed Forces Americas 340 | AE Armed Forces Europe 090-099 | AP Armed Forces Pacific 962-966
"""


def _span(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last or first)


_ENTRIES = [entry.split() for entry in _LISTED.replace("\n", "|").split("|") if entry.strip()]

ZIPS: dict[str, tuple[tuple[int, int], ...]] = {
    entry[0]: tuple(_span(part) for part in entry[-1].split(",")) for entry in _ENTRIES
}
"""First and last three digits of the ZIP codes of each state and territory."""

STATES: dict[str, str] = {
    **{" ".join(entry[1:-1]).casefold(): entry[0] for entry in _ENTRIES},
    **{entry[0].casefold(): entry[0] for entry in _ENTRIES},
    "washington dc": "DC",
}
"""Two letters of a state by its name in small letters."""

_COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW
BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN
IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK
YE YT ZA ZM ZW
"""

COUNTRIES: frozenset[str] = frozenset(_COUNTRIES.split())
"""Countries by their two letters."""
