"""Pictures of black dots, as printers make them, brought to the size in which they are seen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter


def scaled_dots(picture: QImage, size: QSize) -> QImage:
    """Return the picture at `size`, its thin strokes kept dark: black dots made smaller turn pale grey.

    One that is made a whole number of times larger keeps its square dots.
    """
    grey = picture.convertToFormat(QImage.Format.Format_RGB32)
    whole = size.width() % max(1, picture.width()) == 0
    how = Qt.TransformationMode.FastTransformation if whole else Qt.TransformationMode.SmoothTransformation
    image = grey.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, how)
    if size.width() < picture.width():
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        painter.drawImage(0, 0, image.copy())
        painter.end()
    return image
