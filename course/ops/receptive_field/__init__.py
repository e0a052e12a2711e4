"""Receptive fields, four ways: which input pixels a pixel of a feature map has seen.

- `theoretical`: what the layers allow, for any network that runs without numbers: `receptive_fields`.
- `impulse`: what the output depends on, by spoiling the input.
- `effective`: how much each input pixel counts, by the gradient.
- `occlusion`: what a trained unit looks at, by covering real images.

Theory and impulse agree; the effective field is a bump inside, the empirical one is smaller still.

- `axis`: the arithmetic along one axis; `operators` and `windows`: a rule for each kind of operation; `maps`: a
  network's map, checked.
"""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(
    __name__,
    {
        "axis": "Axis",
        "effective": "effective_field effective_size",
        "impulse": "impulse_field",
        "occlusion": "discrepancy_map empirical_field",
        "theoretical": "receptive_fields",
    },
)
