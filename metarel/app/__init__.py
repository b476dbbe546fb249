"""The workbench: a page in the browser for converting, checking, pooling and browsing.

What a tab shows is made by pure functions (``_convert``, ``_check``, ``_studies``, ``_library``)
that know nothing of a browser; a thin layer beside each (``_convert_tab`` …) lays it out with
Shiny, which only ``serve`` needs. ``metarel app`` opens the page.
"""
