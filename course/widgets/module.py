"""What a widget's front end is made of: one ES module with the kit inside it, arrays, and a page's piece of HTML.

anywidget loads a single ES module, and a page without a kernel may ask no other host for a second one. So `source`
puts the kit in front of a widget's own module and drops the line that imports it.
"""

from __future__ import annotations

import base64
import html
import json
import re
import uuid
import zlib
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./kit\.mjs";\n', re.MULTILINE)


@cache
def source(name: str) -> str:
    """A widget's ES module with the kit inside it.

    Args:
        name: of the file beside this one, without `.mjs`.

    Returns:
        The text of a module that imports nothing; its default export is the widget.
    """
    kit, module = ((_FOLDER / f"{stem}.mjs").read_text(encoding="utf-8") for stem in ("kit", name))
    return f"{kit}\n{_IMPORT.sub('', module)}"


def pack(values: Tensor) -> dict[str, object]:
    """An array as JSON, which the kit's `unpack` makes a typed array of.

    Args:
        values: of any shape, of dtype uint8, int16, float32 or float64.

    Returns:
        Its dtype, its shape, and its bytes, deflated, in base64.
    """
    values = values.detach().cpu().contiguous()
    deflated = zlib.compress(values.numpy().tobytes(), 9)
    dtype = str(values.dtype).removeprefix("torch.")
    return {"dtype": dtype, "shape": list(values.shape), "zlib": base64.b64encode(deflated).decode("ascii")}


def packed(data: dict[str, object]) -> dict[str, object]:
    """The same, with its tensors packed."""
    return {name: pack(value) if isinstance(value, torch.Tensor) else value for name, value in data.items()}


def stand_alone(name: str, state: dict[str, object], words: str) -> str:
    """A piece of HTML in which a widget lives without a kernel and without any other host.

    Args:
        name: of the widget's module.
        state: what its model holds, as JSON takes it.
        words: what stands there until the script runs, and where scripts may not run.

    Returns:
        A `div` and a `script` that fills it.
    """
    place = uuid.uuid4().hex
    given = json.dumps(state).replace("<", "\\u003c")  # nothing may end the script early
    return (
        f'<div data-widget="{place}">{html.escape(words)}</div>\n'
        f'<script type="module">\n{source(name)}\nstandAlone(widget, "{place}", {given});\n</script>'
    )
