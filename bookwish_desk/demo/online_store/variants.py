"""Which of the contradicting wire details an online store serves, by the names of `x-variants`."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec

EXTENSIONS = (
    "order-feed",
    "inventory-feed",
    "idempotency-key",
    "client-reference",
    "status-precondition",
    "item-versions",
    "sale-refunds",
    "shifts",
    "my-stores",
)

VARIANTS: dict[str, tuple[str, ...]] = {
    "base-url": ("https://api.bookwish.app", "https://api.bookwish.io/v1", "https://api.bookwish.io"),
    "token-fields": ("accessToken/refreshToken", "token/refreshToken", "access_token/refresh_token"),
    "error-shape": ("flat", "nested"),
    "success-envelope": ("bare", "named-object", "data-meta"),
    "list-paging": ("limit-offset", "page-limit", "cursor-limit"),
    "pos-prefix": ("/api/pos", "/pos"),
    "finished-status": ("delivered", "completed"),
    "sale-line-unit-price": ("unitPrice-in-cents", "unitPrice-in-dollars", "unitPriceCents"),
    "order-number": ("BW-YYYYMMDD-XXXX", "ORD-YYYY-NNNNNN"),
    "orders-scope": ("store", "caller"),
}
"""Each variant with its values, the usual one first. `extensions` is apart: it may be a list."""


class Variants(msgspec.Struct, frozen=True):
    """The wire details that one server serves. `base` is a path before all others, "" or as in "/v1"."""

    base: str = ""
    token_fields: str = "accessToken/refreshToken"
    error_shape: str = "flat"
    success_envelope: str = "bare"
    list_paging: str = "limit-offset"
    pos_prefix: str = "/api/pos"
    finished_status: str = "delivered"
    sale_line_unit_price: str = "unitPrice-in-cents"
    order_number: str = "BW-YYYYMMDD-XXXX"
    orders_scope: str = "store"
    extensions: frozenset[str] = frozenset(EXTENSIONS)

    def has(self, extension: str) -> bool:
        """Say whether the server offers an extension."""
        return extension in self.extensions


def variants(chosen: Iterable[str], extensions: str = "all") -> Variants:
    """Return the variants of texts such as "pos-prefix=/pos". Raises ValueError for what there is not."""
    fields: dict[str, str] = {}
    for text in chosen:
        name, _, value = text.partition("=")
        if name == "extensions":
            extensions = value
        elif name == "base-url":
            fields["base"] = urlsplit(value).path.rstrip("/")
        elif value not in VARIANTS.get(name, ()):
            raise ValueError(f"{text} is no variant. There is: {_said()}")
        else:
            fields[name.replace("-", "_")] = value
    return Variants(**fields, extensions=_extensions(extensions))


def _extensions(text: str) -> frozenset[str]:
    if text in ("all", "none"):
        return frozenset(EXTENSIONS if text == "all" else ())
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    if unknown := names - set(EXTENSIONS):
        raise ValueError(f"{', '.join(sorted(unknown))}: there is only {', '.join(EXTENSIONS)}")
    return names


def _said() -> str:
    return "; ".join(f"{name}={'|'.join(values)}" for name, values in VARIANTS.items())
