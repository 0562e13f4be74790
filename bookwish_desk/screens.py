"""The screens of the desk: what each is called, how it is built, and what they ask of one another.

A screen is imported and built when it is first wanted, so that the start need not wait for it. To add
one: a line in PLACES and a method here that imports and builds it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from bookwish_desk.shop.item import Item
    from bookwish_desk.shop.order import Order
    from bookwish_desk.shop.postage import Postage
    from bookwish_desk.ui.day_end.presenter import DayEndPresenter
    from bookwish_desk.ui.equipment.presenter import EquipmentPresenter
    from bookwish_desk.ui.equipment.state import Equipment
    from bookwish_desk.ui.figures.presenter import FiguresPresenter
    from bookwish_desk.ui.importing.presenter import ImportPresenter
    from bookwish_desk.ui.many_labels.presenter import ManyLabelsPresenter
    from bookwish_desk.ui.orders.presenter import OrdersPresenter
    from bookwish_desk.ui.packing.presenter import PackingPresenter
    from bookwish_desk.ui.pay.presenter import PayPresenter
    from bookwish_desk.ui.picking.presenter import PickingPresenter
    from bookwish_desk.ui.pickup.presenter import PickupPresenter
    from bookwish_desk.ui.sales.presenter import SalesPresenter
    from bookwish_desk.ui.sell.presenter import SellPresenter
    from bookwish_desk.ui.settings.presenter import SettingsPresenter
    from bookwish_desk.ui.settings.screen import SettingsScreen
    from bookwish_desk.ui.shipping.presenter import ShippingPresenter
    from bookwish_desk.ui.shipping.state import ToShip
    from bookwish_desk.ui.station import Station
    from bookwish_desk.ui.till.presenter import TillPresenter
    from bookwish_desk.ui.till.screen import TillScreen
    from bookwish_desk.ui.titles.presenter import TitlesPresenter
    from bookwish_desk.ui.window import MainWindow


class Presenter(Protocol):
    """What runs a screen: it is told when its screen comes to the front and when it leaves it."""

    def shown(self) -> None:
        """Take scans and show what is now."""

    def hidden(self) -> None:
        """Give scans back."""


class Place(msgspec.Struct, frozen=True):
    """A screen as the window knows it. One without a title has no tab: another screen leads to it.

    One that is `near` has no tab and yet a key of its own.
    """

    name: str
    title: str = ""
    near: bool = False

    @property
    def key(self) -> str | None:
        """Return the id of the key that leads to it in `ui.keys`."""
        return f"screen.{self.name}" if self.title or self.near else None


PLACES = (
    Place("sell", "Sell"),
    Place("orders", "Orders"),
    Place("sales", "Sales"),
    Place("stock", "Stock"),
    Place("till", "Till"),
    Place("settings", "Settings"),
    Place("devices", "Devices"),
    Place("import"),
    Place("title"),
    Place("pickup"),
    Place("picking"),
    Place("packing"),
    Place("promises", near=True),
    Place("figures", near=True),
    Place("mail", near=True),
    Place("sync", near=True),
    Place("shipping", near=True),
    Place("many_labels"),
    Place("day_end", near=True),
)


class Screens:
    """Every screen that was wanted so far.

    `on_badge` gets a badge that was scanned on the sell screen, `on_import` a word or two on the import
    that is running. `equipment` returns what the device screen works with.
    """

    def __init__(
        self,
        station: Station,
        on_badge: Callable[[str], None],
        on_import: Callable[[str], None],
        equipment: Callable[[], Equipment],
    ) -> None:
        self._station = station
        self._on_badge = on_badge
        self._on_import = on_import
        self._equipment = equipment
        self._built: dict[str, tuple[QWidget, Any]] = {}
        self._paying: Callable[[], PayPresenter] | None = None

    def add_to(self, window: MainWindow) -> None:
        """Put every screen into the window, none of them built yet."""
        for place in PLACES:
            window.add_screen(place.name, place.title, place.key, partial(self._widget, place.name))

    def built(self, name: str) -> bool:
        """Say whether a screen was wanted already."""
        return name in self._built

    def presenter(self, name: str) -> Presenter:
        """Return what runs a screen; KeyError for one that there is not."""
        presenter: Presenter = self._screen(name)[1]
        return presenter

    def tell_way(self, name: str, came_from: str) -> None:
        """Tell a screen that is opened from anywhere by its key where that was; "" is nowhere."""
        if name == "figures" and came_from:
            figures: FiguresPresenter = self._screen(name)[1]
            figures.come_from(came_from)
        if name == "shipping" and came_from:
            self.shipping.come_from(came_from)
        if name == "day_end" and came_from:
            day_end: DayEndPresenter = self._screen(name)[1]
            day_end.come_from(came_from)

    @property
    def sell(self) -> SellPresenter:
        """Return what runs the sell screen."""
        presenter: SellPresenter = self._screen("sell")[1]
        return presenter

    @property
    def paying(self) -> PayPresenter:
        """Return what runs the payment panel of the sell screen."""
        self._screen("sell")
        assert self._paying is not None
        return self._paying()

    @property
    def orders(self) -> OrdersPresenter:
        """Return what runs the order screen."""
        presenter: OrdersPresenter = self._screen("orders")[1]
        return presenter

    @property
    def sales(self) -> SalesPresenter:
        """Return what runs the sales screen."""
        presenter: SalesPresenter = self._screen("sales")[1]
        return presenter

    @property
    def till(self) -> TillPresenter:
        """Return what runs the till screen."""
        presenter: TillPresenter = self._screen("till")[1]
        return presenter

    @property
    def settings(self) -> SettingsPresenter:
        """Return what runs the Settings screen."""
        presenter: SettingsPresenter = self._screen("settings")[1]
        return presenter

    @property
    def devices(self) -> EquipmentPresenter:
        """Return what runs the device screen."""
        presenter: EquipmentPresenter = self._screen("devices")[1]
        return presenter

    @property
    def importing(self) -> ImportPresenter:
        """Return what runs the import screen."""
        presenter: ImportPresenter = self._screen("import")[1]
        return presenter

    def _widget(self, name: str) -> QWidget:
        return self._screen(name)[0]

    def _screen(self, name: str) -> tuple[QWidget, Any]:
        if name not in self._built:
            build: dict[str, Callable[[], tuple[QWidget, Any]]] = {
                "sell": self._build_sell,
                "orders": self._build_orders,
                "sales": self._build_sales,
                "stock": self._build_stock,
                "till": self._build_till,
                "settings": self._build_settings,
                "devices": self._build_devices,
                "import": self._build_import,
                "title": self._build_title,
                "pickup": self._build_pickup,
                "picking": self._build_picking,
                "packing": self._build_packing,
                "promises": self._build_promises,
                "figures": self._build_figures,
                "mail": self._build_mail,
                "sync": self._build_sync,
                "shipping": self._build_shipping,
                "many_labels": self._build_many_labels,
                "day_end": self._build_day_end,
            }
            self._built[name] = build[name]()
        return self._built[name]

    # ---- building ----

    def _build_sell(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import sell

        screen, presenter, self._paying = sell.build(self._station)

        def take_back() -> None:
            from bookwish_desk.ui import returns

            returns.ask(screen, self._station, presenter.rung)

        def open_drawer() -> None:
            till: TillScreen = self._screen("till")[0]  # type: ignore[assignment]
            till.ask_no_sale()

        screen.return_asked.connect(take_back)
        screen.no_sale_asked.connect(open_drawer)
        presenter.on_receipt = self._open_receipt
        presenter.on_badge = self._on_badge
        presenter.on_title = partial(self._open_title, "sell")
        presenter.on_order = partial(self._open_pickup, "sell")
        return screen, presenter

    def _open_receipt(self, receipt: str) -> None:
        self._station.show_screen("sales")
        self.sales.open(receipt)

    def _build_orders(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import orders

        screen, presenter = orders.build(self._station)

        def make_ready(order: Order) -> None:
            from bookwish_desk.ui import pickup

            pickup.ask_ready(screen, self._station, order, presenter.detail.telling)

        presenter.detail.askers["ready"] = make_ready
        presenter.detail.askers["hand_over"] = lambda order: self._open_pickup("orders", order.id)
        presenter.lead("pick", partial(self._open_picking, "orders"))
        presenter.lead("pack", partial(self._open_packing, "orders"))
        presenter.many.goes["labels"] = self._buy_labels
        by_hand = presenter.detail.askers["ship"]

        def ship(order: Order) -> None:
            if self._station.settings.shipping.connected:
                self._open_shipping("orders", (order.id,))
            else:
                by_hand(order)

        presenter.detail.askers |= {"ship": ship, "ship_by_hand": by_hand}
        return screen, presenter

    def _build_sales(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import sales

        return sales.build(self._station)

    def _build_stock(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import stock

        screen, presenter = stock.build(self._station)
        presenter.on_title = partial(self._open_title, "stock")
        return screen, presenter

    def _open_title(self, came_from: str, sku: str) -> None:
        title: TitlesPresenter = self._screen("title")[1]
        title.open(sku, came_from)
        self._station.show_screen("title")

    def _build_till(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import till

        return till.build(self._station)

    def _build_settings(self) -> tuple[QWidget, Any]:
        from bookwish_desk.sync.mail import send
        from bookwish_desk.ui import settings

        return settings.build(self._station, send)

    def _build_devices(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import equipment

        return equipment.build(self._station, self._equipment())

    def _build_import(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import importing

        screen, presenter = importing.build(self._station)
        presenter.on_words = self._on_import
        return screen, presenter

    def _build_title(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import titles

        screen, presenter = titles.build(self._station)
        presenter.on_sell = self._bring
        presenter.on_receipt = self._open_receipt
        return screen, presenter

    def _open_order(self, order_id: str) -> None:
        self._station.show_screen("orders")
        self.orders.open(order_id)

    def _build_promises(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import promises

        screen, presenter = promises.build(self._station)
        presenter.on_order = self._open_order
        return screen, presenter

    def _build_figures(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import figures

        return figures.build(self._station)

    def _build_pickup(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import pickup

        screen, presenter = pickup.build(self._station)
        presenter.on_sale = self.sell.rung
        return screen, presenter

    def _open_pickup(self, came_from: str, order: str = "") -> None:
        pickup: PickupPresenter = self._screen("pickup")[1]
        pickup.open(order, came_from)
        self._station.show_screen("pickup")

    def _build_picking(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import picking

        screen, presenter = picking.build(self._station)
        presenter.on_title = partial(self._open_title, "picking")
        presenter.on_pack = partial(self._open_packing, "orders")
        return screen, presenter

    def _open_picking(self, came_from: str, orders: tuple[str, ...]) -> None:
        picking: PickingPresenter = self._screen("picking")[1]
        picking.open(orders, came_from)
        self._station.show_screen("picking")

    def _build_packing(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import packing

        screen, presenter = packing.build(self._station)
        presenter.on_ship = partial(self._open_shipping, "packing")
        return screen, presenter

    def _open_packing(self, came_from: str, orders: tuple[str, ...]) -> None:
        packing: PackingPresenter = self._screen("packing")[1]
        packing.open(orders, came_from)
        self._station.show_screen("packing")

    def _build_mail(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import mail

        screen, presenter = mail.build(self._station)
        presenter.on_order = self._open_order
        return screen, presenter

    def _build_sync(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import sync

        screen, presenter = sync.build(self._station)
        presenter.on_order = self._open_order
        presenter.on_receipt = self._open_receipt
        presenter.on_set_up = self._open_online
        return screen, presenter

    @property
    def shipping(self) -> ShippingPresenter:
        """Return what runs the shipping screen."""
        presenter: ShippingPresenter = self._screen("shipping")[1]
        return presenter

    def _build_shipping(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import shipping

        screen, presenter = shipping.build(
            self._station, lambda device, then, failed: self._equipment().weigh(device, then, failed)
        )
        presenter.on_set_up = self._open_carriers
        presenter.detail.askers["split"] = self._open_table
        presenter.detail.askers["order"] = lambda parcel: self._open_order(parcel.orders[0].id)
        presenter.detail.askers["label"] = lambda parcel: self._ask_label(screen, parcel.postage)
        presenter.on_many = self._open_many_labels
        return screen, presenter

    def _open_table(self, parcel: ToShip) -> None:
        """Go back to the pack table with a parcel; Back leads to the shipping screen, and from there on."""
        self.shipping.come_from("orders")
        self._open_packing("shipping", tuple(order.id for order in parcel.orders))

    def _ask_label(self, screen: QWidget, postage: Postage | None) -> None:
        from bookwish_desk.ui import label_steps

        if postage is not None:
            label_steps.ask(screen, self._station, postage.id)

    def _build_many_labels(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import label_steps, many_labels

        screen, presenter = many_labels.build(self._station)
        presenter.on_label = partial(label_steps.ask, screen, self._station)
        presenter.on_order = self._open_order
        return screen, presenter

    def _open_many_labels(self, parcels: tuple[ToShip, ...]) -> None:
        many: ManyLabelsPresenter = self._screen("many_labels")[1]
        many.open(parcels)
        self._station.show_screen("many_labels")

    def _buy_labels(self, orders: tuple[str, ...]) -> None:
        many: ManyLabelsPresenter = self._screen("many_labels")[1]
        many.open_orders(orders)
        self._station.show_screen("many_labels")

    def _build_day_end(self) -> tuple[QWidget, Any]:
        from bookwish_desk.ui import day_end, label_steps

        screen, presenter = day_end.build(self._station)
        presenter.on_label = partial(label_steps.ask, screen, self._station)
        return screen, presenter

    def _open_shipping(self, came_from: str, orders: tuple[str, ...]) -> None:
        self.shipping.open(orders, came_from)
        self._station.show_screen("shipping")

    def _open_carriers(self) -> None:
        screen: SettingsScreen = self._screen("settings")[0]  # type: ignore[assignment]
        self._station.show_screen("settings")
        screen.pick("shipping")

    def _open_online(self) -> None:
        screen: SettingsScreen = self._screen("settings")[0]  # type: ignore[assignment]
        self._station.show_screen("settings")
        screen.pick("online")

    def _bring(self, item: Item) -> None:
        self._station.show_screen("sell")
        self.sell.bring(item)
