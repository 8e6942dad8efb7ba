"""Page pictures as the viewer gets them."""

from __future__ import annotations

import io

from PIL import Image

MAX_PICTURE_PIXELS = 40_000_000
_QUALITY = 80
_MAX_WEBP_SIDE = 16_383


def webp(picture: Image.Image) -> bytes:
    if max(picture.size) > _MAX_WEBP_SIDE:
        picture.thumbnail((_MAX_WEBP_SIDE, _MAX_WEBP_SIDE))
    stream = io.BytesIO()
    picture.convert("L" if picture.mode in ("1", "L", "I;16") else "RGB").save(
        stream, "WEBP", quality=_QUALITY, method=1
    )
    return stream.getvalue()
