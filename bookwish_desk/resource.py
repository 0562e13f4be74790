"""Where the files under resources/ are: icons, fonts, sounds, demo data. Finds paths, never reads them."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_path(*parts: str) -> Path:
    """Return the path of a resource, such as ``resource_path("fonts", "OFL.txt")``.

    An installed copy has resources/ inside the package, a checkout has it beside the package.
    The path is returned whether or not a file is there.
    """
    installed = _PACKAGE / "resources"
    root = installed if installed.is_dir() else _PACKAGE.parent / "resources"
    return root.joinpath(*parts)
