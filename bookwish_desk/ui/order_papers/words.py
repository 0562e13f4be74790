"""What is said about papers of orders: their sizes and files, what is lacking, what became of them."""

from __future__ import annotations

from bookwish_desk.shop.device import Purpose
from bookwish_desk.ui.order_papers.filing import plain_name

NAMES = {
    "packing_slip": ("packing slip", "packing slips"),
    "pick_list": ("pick list", "pick lists"),
    "hold_slip": ("pickup slip", "pickup slips"),
}

LACKING: dict[Purpose, str] = {
    "documents": "No document printer is set up. Save as PDF, or add one on the Devices screen.",
    "shipping": "No printer for 4 x 6 is set up. Save as PDF, or add one on the Devices screen.",
    "receipts": "No receipt printer is set up. Add one on the Devices screen.",
}


def sizes(page_size: str) -> tuple[tuple[str, str], ...]:
    """Return the sizes of packing slips to choose from."""
    page = "Letter paper" if page_size == "letter" else "A4 paper"
    return (("page", page), ("4x6", "4 x 6 inches, label printer"))


def purpose_of(paper: str, size: str, *, pages: bool, slips: bool) -> Purpose:
    """Return which printer a paper is for; a pick list takes receipt paper where there is no other."""
    if paper == "hold_slip":
        return "receipts"
    if paper == "packing_slip":
        return "shipping" if size == "4x6" else "documents"
    return "receipts" if slips and not pages else "documents"


def file_name(paper: str, number: str, orders: int) -> str:
    """Return what the file of a paper is called; nothing for what is only printed."""
    if paper == "hold_slip":
        return ""
    one, many = NAMES[paper]
    about = number or ("" if orders == 1 else f"{orders} orders")
    words = one if orders == 1 or paper == "pick_list" else many
    return f"{plain_name(f'{words} {about}')}.pdf"


def said(paper: str, through: int, path: str, *, stopped: bool) -> str:
    """Return what became of the papers: printed, saved at a path, or stopped before the end."""
    one, many = NAMES[paper]
    if not through and not stopped:
        return f"There is no {one} to be made."
    if path and stopped:
        return "Nothing was saved."
    if paper == "pick_list":
        what = "The pick list is"
    else:
        what = f"1 {one} is" if through == 1 else f"{through} {many} are"
    if path:
        return f"{what} saved as {path}"
    return f"Stopped: {what} being printed." if stopped else f"{what} being printed."
