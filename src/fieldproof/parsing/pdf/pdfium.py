"""PDFium through ctypes with prototypes of our own: plain addresses in, no wrapper objects.

pypdfium2 brings the library and its constants; its own prototypes build a pointer object for every
call, which costs more than most of the calls themselves. PDFium is not thread-safe: one process, one
document at a time.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char_p, c_double, c_float, c_int, c_ulong, c_void_p

import pypdfium2  # noqa: F401  (importing it starts the library)
import pypdfium2.raw as raw

_POINTER = c_void_p


def _prototype(name: str, result: type | None, *arguments: type):
    address = ctypes.cast(getattr(raw, name), c_void_p).value
    assert address is not None
    # PYFUNCTYPE keeps the interpreter lock: giving it up and taking it again for each of a million short
    # calls is dear, and nothing else runs in a parsing child.
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


load_document = _prototype("FPDF_LoadDocument", _POINTER, c_char_p, c_char_p)
close_document = _prototype("FPDF_CloseDocument", None, _POINTER)
last_error = _prototype("FPDF_GetLastError", c_ulong)
page_count = _prototype("FPDF_GetPageCount", c_int, _POINTER)
meta_text = _prototype("FPDF_GetMetaText", c_ulong, _POINTER, c_char_p, _POINTER, c_ulong)

load_page = _prototype("FPDF_LoadPage", _POINTER, _POINTER, c_int)
close_page = _prototype("FPDF_ClosePage", None, _POINTER)
page_rotation = _prototype("FPDFPage_GetRotation", c_int, _POINTER)
page_bounding_box = _prototype("FPDF_GetPageBoundingBox", c_int, _POINTER, _POINTER)
page_size = _prototype("FPDF_GetPageSizeByIndexF", c_int, _POINTER, c_int, _POINTER)

load_text = _prototype("FPDFText_LoadPage", _POINTER, _POINTER)
close_text = _prototype("FPDFText_ClosePage", None, _POINTER)
count_characters = _prototype("FPDFText_CountChars", c_int, _POINTER)
get_text = _prototype("FPDFText_GetText", c_int, _POINTER, c_int, c_int, _POINTER)
character = _prototype("FPDFText_GetUnicode", ctypes.c_uint, _POINTER, c_int)
loose_box = _prototype("FPDFText_GetLooseCharBox", c_int, _POINTER, c_int, _POINTER)
text_object = _prototype("FPDFText_GetTextObject", ctypes.c_size_t, _POINTER, c_int)  # 0 where there is none
text_matrix = _prototype("FPDFText_GetMatrix", c_int, _POINTER, c_int, _POINTER)
font_size = _prototype("FPDFText_GetFontSize", c_double, _POINTER, c_int)
has_mapping_error = _prototype("FPDFText_HasUnicodeMapError", c_int, _POINTER, c_int)
fill_colour = _prototype("FPDFText_GetFillColor", c_int, _POINTER, c_int, _POINTER, _POINTER, _POINTER, _POINTER)
object_font = _prototype("FPDFTextObj_GetFont", _POINTER, _POINTER)
render_mode = _prototype("FPDFTextObj_GetTextRenderMode", c_int, _POINTER)
font_name = _prototype("FPDFFont_GetBaseFontName", c_ulong, _POINTER, _POINTER, c_ulong)
font_weight = _prototype("FPDFFont_GetWeight", c_int, _POINTER)
font_flags = _prototype("FPDFFont_GetFlags", c_int, _POINTER)

count_objects = _prototype("FPDFPage_CountObjects", c_int, _POINTER)
get_object = _prototype("FPDFPage_GetObject", _POINTER, _POINTER, c_int)
object_type = _prototype("FPDFPageObj_GetType", c_int, _POINTER)
object_bounds = _prototype("FPDFPageObj_GetBounds", c_int, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER)
object_matrix = _prototype("FPDFPageObj_GetMatrix", c_int, _POINTER, _POINTER)
object_fill = _prototype("FPDFPageObj_GetFillColor", c_int, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER)
object_stroke = _prototype("FPDFPageObj_GetStrokeColor", c_int, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER)
stroke_width = _prototype("FPDFPageObj_GetStrokeWidth", c_int, _POINTER, _POINTER)
draw_mode = _prototype("FPDFPath_GetDrawMode", c_int, _POINTER, _POINTER, _POINTER)
count_segments = _prototype("FPDFPath_CountSegments", c_int, _POINTER)
get_segment = _prototype("FPDFPath_GetPathSegment", _POINTER, _POINTER, c_int)
segment_point = _prototype("FPDFPathSegment_GetPoint", c_int, _POINTER, _POINTER, _POINTER)
segment_type = _prototype("FPDFPathSegment_GetType", c_int, _POINTER)
count_form_objects = _prototype("FPDFFormObj_CountObjects", c_int, _POINTER)
get_form_object = _prototype("FPDFFormObj_GetObject", _POINTER, _POINTER, c_ulong)

set_active = _prototype("FPDFPageObj_SetIsActive", c_int, _POINTER, c_int)
clip_path = _prototype("FPDFPageObj_GetClipPath", _POINTER, _POINTER)
count_clip_paths = _prototype("FPDFClipPath_CountPaths", c_int, _POINTER)
count_clip_segments = _prototype("FPDFClipPath_CountPathSegments", c_int, _POINTER, c_int)
get_clip_segment = _prototype("FPDFClipPath_GetPathSegment", _POINTER, _POINTER, c_int, c_int)
count_marks = _prototype("FPDFPageObj_CountMarks", c_int, _POINTER)
get_mark = _prototype("FPDFPageObj_GetMark", _POINTER, _POINTER, c_ulong)
mark_name = _prototype("FPDFPageObjMark_GetName", c_int, _POINTER, _POINTER, c_ulong, _POINTER)

TEXT, PATH, IMAGE, SHADING, FORM = 1, 2, 3, 4, 5

ERROR_FILE, ERROR_FORMAT, ERROR_PASSWORD, ERROR_SECURITY = 2, 3, 4, 5


class Matrix(ctypes.Structure):
    """x' = a·x + c·y + e; y' = b·x + d·y + f."""

    _fields_ = [(name, c_float) for name in "abcdef"]


rendered_image = _prototype("FPDFImageObj_GetRenderedBitmap", _POINTER, _POINTER, _POINTER, _POINTER)
create_bitmap = _prototype("FPDFBitmap_CreateEx", _POINTER, c_int, c_int, c_int, _POINTER, c_int)
fill_bitmap = _prototype("FPDFBitmap_FillRect", c_int, _POINTER, c_int, c_int, c_int, c_int, c_ulong)
destroy_bitmap = _prototype("FPDFBitmap_Destroy", None, _POINTER)
bitmap_format = _prototype("FPDFBitmap_GetFormat", c_int, _POINTER)
bitmap_width = _prototype("FPDFBitmap_GetWidth", c_int, _POINTER)
bitmap_height = _prototype("FPDFBitmap_GetHeight", c_int, _POINTER)
bitmap_stride = _prototype("FPDFBitmap_GetStride", c_int, _POINTER)
bitmap_buffer = _prototype("FPDFBitmap_GetBuffer", _POINTER, _POINTER)
render_page = _prototype("FPDF_RenderPageBitmap", None, _POINTER, _POINTER, c_int, c_int, c_int, c_int, c_int, c_int)

FORMAT_BGR, FORMAT_BGRA = 2, 4
RENDER_ANNOTATIONS = 1
WHITE = 0xFFFFFFFF

load_memory = _prototype("FPDF_LoadMemDocument64", _POINTER, c_char_p, ctypes.c_size_t, c_char_p)
form_type = _prototype("FPDF_GetFormType", c_int, _POINTER)
attachment_count = _prototype("FPDFDoc_GetAttachmentCount", c_int, _POINTER)
count_annotations = _prototype("FPDFPage_GetAnnotCount", c_int, _POINTER)
get_annotation = _prototype("FPDFPage_GetAnnot", _POINTER, _POINTER, c_int)
close_annotation = _prototype("FPDFPage_CloseAnnot", None, _POINTER)
annotation_subtype = _prototype("FPDFAnnot_GetSubtype", c_int, _POINTER)
annotation_rectangle = _prototype("FPDFAnnot_GetRect", c_int, _POINTER, _POINTER)
annotation_text = _prototype("FPDFAnnot_GetStringValue", c_ulong, _POINTER, c_char_p, _POINTER, c_ulong)
annotation_flags = _prototype("FPDFAnnot_GetFlags", c_int, _POINTER)

NOTE, LINK, FREE_TEXT, POPUP = 1, 2, 3, 16
HIDDEN_FLAGS = 0b100010  # hidden, no view
