"""What happened to each order of the demonstration shop, as a table; nothing here runs."""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.order import Kind, PostalAddress, State
from bookwish_desk.shop.order_problem import Problem
from bookwish_desk.shop.order_step import Step

Pay = Literal["captured", "authorised", "at_pickup", "outside", "none"]

BOOKS = {
    "potter": "9780439554930",
    "macbeth": "9780743477109",
    "canticle": "9780060892999",
    "miserables": "9780451525260",
    "dolls_house": "9781406914832",
    "invisible": "9780679732761",
    "frank": "9780553296983",
    "night": "9780374500016",
    "emperor": "9781439107959",
    "neuromancer": "9780441569595",
    "castle": "9780064410342",
    "arthur": "9780441627400",
    "origin": "9780785819110",
    "physics": "9780465023929",
    "escher": "9783822858646",
    "hughes": "9780679764083",
    "madeline": "9780590133371",
    "verne": "9780140449068",
    "three_body": "9780765377067",
    "dragon": "9780307269751",
    "paddington": "9780007174164",
    "bonjour": "9782266127745",
    "rebecca": "9781844080380",
    "wolf_hall": "9780007230204",
    "dalloway": "9780151009985",
    "cat": "9780394800011",
    "notebook": "NOTE-A5",
}
"""What the stories are about by a short name; the last three books are out of stock."""

Where = tuple[str, str, str, str, str]
PEOPLE: tuple[tuple[str, str, str, Where], ...] = (
    ("Ada Whitlock", "ada.whitlock@example.com", "860 555 0111",
     ("14 Orchard Lane", "", "Alder Falls", "CT", "06099")),
    ("Ben Okafor", "ben.okafor@example.com", "860 555 0112",
     ("220 Canal Street", "Apt 5", "New Haven", "CT", "06511")),
    ("Clara Lindqvist", "clara@example.com", "860 555 0113",
     ("8 Mill Road", "", "Bristol", "CT", "06010")),
    ("Dmitri Petrov", "d.petrov@example.com", "860 555 0114",
     ("77 Hill Avenue", "", "Hartford", "CT", "06106")),
    ("Elena Marchetti", "elena.m@example.com", "860 555 0115",
     ("3 Harbor View", "Unit 12", "Mystic", "CT", "06355")),
    ("Farid Haddad", "farid@example.com", "860 555 0116",
     ("41 Birch Street", "", "Providence", "RI", "02903")),
    ("Grace Mbeki-Thornton", "grace.mt@example.com", "860 555 0117",
     ("19 Sycamore Court", "", "Springfield", "MA", "01103")),
    ("Hiro Tanaka", "hiro@example.com", "860 555 0118",
     ("500 Lake Shore Drive", "Apt 31", "Albany", "NY", "12203")),
    ("Ines Carvalho", "ines.c@example.com", "", ("6 Church Street", "", "Alder Falls", "CT", "06099")),
    ("Łucja Wójcik", "lucja@example.com", "860 555 0120",
     ("93 Elm Terrace", "", "Worcester", "MA", "01609")),
)  # fmt: skip
"""Name, e-mail, telephone and address of the customers."""


class Tale(msgspec.Struct, frozen=True):
    """One order: when it came (hours ago), what happened to it since, and how many copies of each book left.

    `then` is hours ago and the step; in a step, `expected_on` counts days from today and `until` hours from
    now. `street_in` is in how many days the books may be sold. `to` is where it goes, where not to the
    customer's own address.
    """

    number: str
    source: str
    kind: Kind
    hours: float
    who: int
    books: tuple[tuple[str, int], ...]
    pay: Pay = "captured"
    then: tuple[tuple[float, Step], ...] = ()
    problems: tuple[tuple[float, Problem], ...] = ()
    gone: tuple[int, ...] = ()
    instructions: str = ""
    gift_message: str = ""
    memo: str = ""
    exempt: str = ""
    state: State = "pending"
    trouble: str = ""
    street_in: int = 0
    to: PostalAddress | None = None


def _at(hours: float, *steps: Step) -> tuple[tuple[float, Step], ...]:
    """Return steps taken one after the other, three minutes apart."""
    return tuple((hours - n * 0.05, step) for n, step in enumerate(steps))


CONFIRM, START, PICK, CHECK, PACK = (Step(v) for v in ("confirm", "start", "pick", "check", "pack"))
PICKED, PACKED = (CONFIRM, PICK), (CONFIRM, PICK, CHECK, PACK)


def _packed(hours: float, grams: int) -> tuple[tuple[float, Step], ...]:
    """Return the steps to a parcel on the shipping table, weighed."""
    return _at(hours, CONFIRM, PICK, CHECK, Step("pack", weight_grams=grams))


def _ready(shelf: str) -> Step:
    return Step("ready", shelf=shelf)


def _ship(tracking: str, days: int) -> Step:
    return Step("ship", carrier="USPS", service="Media Mail", tracking=tracking, expected_on=f"{days}")


TALES: tuple[Tale, ...] = (
    # just in
    Tale("BW-{day}-7KQ2", "bookwish", "pickup", 0.3, 0, (("potter", 1),)),
    Tale("BW-{day}-M4XD", "bookwish", "ship", 0.9, 1, (("canticle", 1), ("neuromancer", 1)),
         instructions="Please leave it with the neighbor at 222 if nobody is in."),
    Tale("BW-{day}-R81C", "bookwish", "ship", 2.2, 2, (("madeline", 1),),
         gift_message="Happy birthday, little one!\nFrom Aunt Clara"),
    Tale("7731", "wsm", "ship", 4, 3, (("miserables", 2),), memo="Regular: likes a call before we ship"),
    # accepted
    Tale("BW-{day}-T9HV", "bookwish", "ship", 7, 4, (("escher", 1),), then=_at(6, CONFIRM)),
    Tale("BW-{day}-0ZLW", "bookwish", "pickup", 26, 5, (("dolls_house", 2),), then=_at(5, CONFIRM),
         instructions="Collected by my brother, Omar Haddad."),
    # to pick
    Tale("BW-{day}-3FJS", "bookwish", "ship", 20, 6, (("night", 1), ("frank", 1)),
         then=_at(3, CONFIRM, START)),
    Tale("BW-{day}-QB5N", "bookwish", "pickup", 22, 7, (("macbeth", 3),), then=_at(2.5, CONFIRM, START),
         memo="For the reading group on Thursday"),
    Tale("100482", "indiecommerce", "ship", 120, 8, (("hughes", 1),), pay="authorised",
         then=_at(4, START)),
    # to pack
    Tale("BW-{day}-X7DA", "bookwish", "ship", 25, 9, (("origin", 1), ("physics", 1)), then=_at(2, *PICKED)),
    Tale("BW-{day}-X7DB", "bookwish", "ship", 23, 9, (("emperor", 1),), then=_at(1.8, *PICKED),
         memo="Same address as the order before"),
    Tale("BW-{day}-GF20", "bookwish", "ship", 24, 1, (("castle", 1), ("paddington", 1)),
         then=_at(1.5, *PICKED, CHECK), gift_message="Welcome to the neighborhood."),
    # ready for pickup
    Tale("BW-{day}-PU11", "bookwish", "pickup", 30, 2, (("verne", 1),),
         then=_at(26, *PICKED, _ready("L-02"))),
    Tale("BW-{day}-PU08", "bookwish", "pickup", 212, 3, (("three_body", 1), ("invisible", 1)),
         then=(*_at(200, *PICKED, _ready("P-01")),)),
    Tale("BW-{day}-PU15", "bookwish", "pickup", 372, 4, (("dragon", 1),),
         then=(*_at(362, *PICKED, _ready("M-04")), (190, Step("remind"))), memo="Called twice, no answer"),
    Tale("O1-000003", "phone", "pickup", 50, 8, (("rebecca", 1), ("bonjour", 1)), pay="at_pickup",
         then=_at(27, *PICKED, _ready("C-01"))),
    # ready to ship
    Tale("BW-{day}-SH01", "bookwish", "ship", 28, 5, (("macbeth", 1), ("hughes", 1)), then=_at(3, *PACKED)),
    # The first of the two parcels is too light: a copy is missing in it.
    Tale("112-4455667", "marketplace", "ship", 31, 6, (("potter", 2), ("arthur", 1)),
         then=_at(2, CONFIRM, PICK, CHECK, Step("pack", copies=(("1", 2),), parcel="a", weight_grams=486),
                  Step("pack", copies=(("2", 1),), parcel="b", weight_grams=395))),
    Tale("BW-{day}-SH02", "bookwish", "ship", 27, 2, (("madeline", 1), ("paddington", 1)),
         then=_packed(2.8, 372), gift_message="For a rainy afternoon."),
    Tale("BW-{day}-SH03", "bookwish", "ship", 29, 6, (("canticle", 1), ("notebook", 2)),
         then=_packed(2.6, 1_150), memo="A book and two notebooks"),
    Tale("BW-{day}-SH04", "bookwish", "ship", 30, 8, (("verne", 1),), then=_packed(2.4, 236),
         to=PostalAddress("Ines Carvalho", "PO Box 418", "", "Alder Falls", "CT", "06099")),
    Tale("BW-{day}-SH05", "bookwish", "ship", 32, 7, (("night", 1), ("potter", 1)), then=_packed(2.2, 602),
         to=PostalAddress("Hiro Tanaka", "500 Lake Shore Drive", "", "Albany", "NY", "12203")),
    Tale("100495", "indiecommerce", "ship", 34, 9, (("invisible", 1), ("arthur", 1)), then=_packed(1.9, 801),
         to=PostalAddress(
             "Łucja Wójcik", "ul. Józefa 12/4", "", "Kraków", "", "31-056", "PL", "+48 12 555 01 20"),
         memo="Spends the winter with her sister"),
    # on its way
    Tale("BW-{day}-SH77", "bookwish", "ship", 74, 7, (("frank", 1),), gone=(1,),
         then=(*_at(50, *PACKED), *_at(47, _ship("9400 1118 9956 0000 0000 14", 2)))),
    Tale("112-4455590", "marketplace", "ship", 80, 0, (("canticle", 1), ("escher", 1)), gone=(1, 0),
         then=(*_at(53, CONFIRM, PICK, CHECK, Step("pack", copies=(("1", 1),), parcel="c"),
                    Step("pack", copies=(("2", 1),), parcel="d")),
               *_at(49, Step("ship", parcel="c", carrier="UPS", service="Ground",
                             tracking="1Z 999 AA1 01 2345 6784", expected_on="1"))),
         memo="The print goes flat, by itself"),
    Tale("BW-{day}-LATE", "bookwish", "ship", 192, 1, (("miserables", 1),), gone=(1,),
         then=(*_at(170, *PACKED), *_at(168, _ship("9400 1118 9956 0000 0000 21", -2))),
         memo="Ask the carrier on Monday, then mark complete",
         problems=((40, Problem(kind="misrouted", answer="trace", note="The carrier looks for it",
                                labour_cents=900)),)),
    # done
    Tale("BW-{day}-D0NE", "bookwish", "ship", 300, 2, (("physics", 1),), gone=(1,),
         then=(*_at(280, *PACKED), *_at(276, _ship("9400 1118 9956 0000 0000 38", -8)),
               *_at(190, Step("deliver"))),
         problems=((188, Problem(kind="misrouted", answer="trace", note="It was at the neighbor's",
                                 labour_cents=450)),)),
    Tale("BW-{day}-C0LL", "bookwish", "pickup", 100, 3, (("dolls_house", 1),), gone=(1,),
         then=(*_at(78, *PICKED, _ready("P-02")), *_at(54, CHECK, Step("hand_over")))),
    Tale("112-4455321", "marketplace", "ship", 500, 6, (("night", 1),), gone=(1,),
         then=(*_at(480, *PACKED), *_at(476, _ship("9400 1118 9956 0000 0000 45", -16)),
               *_at(400, Step("deliver"))),
         problems=((399, Problem(kind="damaged", gone=True, copies=(("1", 1),), cause="packing",
                                 reason="A bent corner: the customer keeps it", labour_cents=600)),)),
    # cancelled
    Tale("BW-{day}-CX31", "bookwish", "ship", 40, 4, (("arthur", 1),),
         then=(*_at(30, CONFIRM), *_at(1.2, Step("cancel", reason="Bought it elsewhere", by="customer")))),
    Tale("BW-{day}-CX09", "bookwish", "pickup", 150, 5, (("verne", 1),),
         then=(*_at(140, Step("cancel", reason="Ordered twice", by="customer")),
               *_at(139, Step("refund")))),
    Tale("100455", "indiecommerce", "ship", 170, 7, (("emperor", 2), ("escher", 2)), pay="authorised",
         then=_at(160, Step("cancel", reason="Card and address do not belong together", fraud=True),
                  Step("void"))),
    # something is missing, or waited for
    Tale("BW-{day}-0UT1", "bookwish", "ship", 5, 8, (("wolf_hall", 1), ("rebecca", 1)), then=_at(4, CONFIRM)),
    Tale("BW-{day}-PRE5", "bookwish", "pickup", 60, 9, (("dalloway", 1),), then=_at(50, CONFIRM, START),
         street_in=9, memo="Wants it on the day it comes out"),
    Tale("O1-000005", "counter", "pickup", 90, 0, (("cat", 2),), pay="none",
         then=(*_at(90, Step("pay_at_pickup")),
               *_at(89.8, Step("start"), Step("backorder", expected_on="4")))),
    Tale("7719", "wsm", "ship", 70, 1, (("bonjour", 1),), pay="none",
         then=_at(60, Step("await_outside"), Step("hold", reason="The cheque has to clear"))),
    Tale("BW-{day}-H0LD", "bookwish", "ship", 33, 3, (("castle", 1),),
         then=_at(24, CONFIRM, Step("hold", reason="The flat number is missing: customer asked"))),
    # payment
    Tale("100470", "indiecommerce", "ship", 200, 2, (("dragon", 1),), pay="authorised", then=_at(150, START)),
    Tale("100479", "indiecommerce", "ship", 16, 4, (("three_body", 1),), pay="outside"),
    Tale("O1-000006", "email", "ship", 6, 5, (("invisible", 2),), pay="none", exempt="School, CT-1187342"),
    # the wholesaler's
    Tale("100466", "indiecommerce", "ship", 110, 6, (("wolf_hall", 1),), pay="authorised",
         then=_at(96, Step("send_to_wholesaler"))),
    Tale("100461", "indiecommerce", "ship", 140, 7, (("cat", 3),), pay="captured",
         then=(*_at(130, Step("send_to_wholesaler")),
               *_at(60, Step("wholesaler_ship", carrier="UPS", tracking="1Z 999 AA1 01 7777 0001",
                             expected_on="1", by="wholesaler")))),
    # came back
    Tale("7702", "wsm", "ship", 420, 9, (("potter", 1),), gone=(1,),
         then=(*_at(410, *PACKED), *_at(405, _ship("9400 1118 9956 0000 0000 52", -12)),
               *_at(330, Step("deliver")), *_at(3, Step("take_back", reason="Arrived with a torn jacket",
                                                       cents=899)))),
    # not ordered
    Tale("100490", "indiecommerce", "ship", 12, 1, (("emperor", 1),), pay="none", state="in_checkout",
         trouble="The card was declined"),
    Tale("100301", "indiecommerce", "ship", 900, 2, (("escher", 1),), pay="none", state="in_checkout",
         trouble="No e-mail address", then=_at(150, Step("abandon"))),
)  # fmt: skip
