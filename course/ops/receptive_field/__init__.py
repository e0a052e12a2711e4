"""Receptive fields: which input pixels a pixel of a feature map has seen.

- `theoretical`  what the layers allow: `receptive_fields`, for any network that runs without numbers.
- `axis`         the arithmetic along one axis.
- `operators`    one rule for each kind of operation.
"""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(__name__, {
        "axis": "Axis",
        "measured": "discrepancy_map effective_field impulse_field width_of",
        "theoretical": "receptive_fields",
    })
