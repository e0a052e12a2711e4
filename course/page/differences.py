"""What came and what was wanted, in one line: whole where it is short, else the first places that differ."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import numpy as np

LONGEST, PLACES, ITEMS = 60, 3, 64  # characters of a value; places that are named; numbers that are written out

_HOLDS = {
    **{"==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal},
    **{">": np.greater, ">=": np.greater_equal, "close": np.isclose},
}
_STATES = {
    **{"isnan": ("NaN", np.isnan), "not isnan": ("no NaN", lambda a: ~np.isnan(a))},
    **{"isinf": ("infinity", np.isinf), "not isinf": ("no infinity", lambda a: ~np.isinf(a))},
    **{"isfinite": ("a finite number", np.isfinite), "not isfinite": ("NaN or infinity", lambda a: ~np.isfinite(a))},
}
_WANTED = {
    **{"==": "{}", "close": "{}", "!=": "anything else", "<": "less than {}", "<=": "at most {}"},
    **{">": "more than {}", ">=": "at least {}", "in": "one of {}", "not in": "none of {}"},
    **{"is": "the same object as {}", "is not": "anything else"},
} | {state: word for state, (word, _) in _STATES.items()}


def got_wanted(op: str, got: object, wanted: object = None, **tolerances: float) -> str:
    """Say what came and what was wanted.

    Args:
        op: what should hold of the two: a comparison's operator, "close", or of the first alone a state as "isnan".
        got: a number, list, tensor or any object.
        wanted: the other side.
        tolerances: rtol and atol of "close", as for `torch.allclose`.

    Returns:
        A sentence such as "Got [2, 0], wanted [2, 0, 4]."
    """
    if op in _HOLDS or op in _STATES:
        arrays = [_array(side) for side in (got, wanted)]
        long = max(len(text(side)) for side in (got, wanted)) > LONGEST or np.size(arrays[0]) > ITEMS
        if arrays[0] is not None and (op in _STATES or arrays[1] is not None):
            said = _by_shape(op, got, wanted, *arrays) or (_by_places(op, *arrays, tolerances) if long else "")
            if said:
                return said
    one, other = _told_apart(op, got, wanted, shortened)
    within = f" within {tolerances['atol']:g}" if op == "close" and tolerances.get("rtol") == 0 else ""
    return f"Got {one}, wanted {_wanted(op, other)}{within}."


def _wanted(op: str, other: str) -> str:
    return other if op == "is" and other in ("None", "True", "False") else _WANTED[op].format(other)


def _by_shape(op: str, got: object, wanted: object, one: np.ndarray, other: np.ndarray) -> str:
    """What a difference in shape or dtype reads like; empty where it is not that."""
    if op in _STATES or not (one.ndim and other.ndim):
        return ""
    if one.shape != other.shape and (_is_tensor(got) or len(text(got)) > LONGEST):
        return f"Got shape {one.shape}, wanted {other.shape}."
    tensors = _is_tensor(got) and _is_tensor(wanted) and one.dtype != other.dtype
    if tensors and (op == "close" or (op == "==" and (one == other).all())):
        return f"Got dtype {one.dtype}, wanted {other.dtype}."
    return ""


def _by_places(op: str, one: np.ndarray, other: np.ndarray, tolerances: dict[str, float]) -> str:
    """The first places where it does not hold, and how many there are; empty where there is none."""
    if op in _STATES:
        holds, other = _STATES[op][1](one), one
    else:
        holds, other = _HOLDS[op](one, other, **tolerances), np.broadcast_to(other, one.shape)
    wrong = np.argwhere(~holds)
    if not one.ndim or not len(wrong):
        return ""
    if op == "!=" and len(wrong) == one.size:
        return "Got the same numbers on both sides, wanted a difference."
    parts = []
    for place in map(tuple, wrong[:PLACES].tolist()):
        a, b = _told_apart(op, one[place].item(), other[place].item(), text)
        parts.append(f"got {a} at {list(place)}, wanted {_wanted(op, b)}")
    says = "; ".join(parts)
    return f"G{says[1:]}; {len(wrong)} of {one.size} {'is' if len(wrong) == 1 else 'are'} wrong."


def _told_apart(op: str, one: object, other: object, write: Callable[..., str]) -> tuple[str, str]:
    """Both sides as texts, with all their digits where fewer do not tell apart what should not be the same."""
    texts = write(one), write(other)
    differ = op in ("==", "close") or (isinstance(one, float) and one != other)
    if differ and texts[0] == texts[1]:
        return write(one, exact=True), write(other, exact=True)
    return texts


def shortened(value: object, *, exact: bool = False) -> str:
    """A value in one line of at most `LONGEST` characters."""
    line = text(value, exact=exact)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def text(value: object, *, exact: bool = False) -> str:
    """A value in one line; floats with six digits, or `exact`; a tensor as the list of its numbers."""
    if isinstance(value, float):
        return repr(value) if exact else f"{value:.6g}"
    if _is_tensor(value):
        count = value.numel() if hasattr(value, "numel") else value.size
        shape = tuple(value.shape)
        return text(value.tolist(), exact=exact) if count <= ITEMS else f"a tensor of shape {shape}, {value.dtype}"
    if isinstance(value, list | tuple):
        parts = [text(part, exact=exact) for part in islice(value, ITEMS)] + ["…"] * (len(value) > ITEMS)
        inside = ", ".join(parts)
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return " ".join(repr(value).split())


def _is_tensor(value: object) -> bool:
    return hasattr(value, "detach") or isinstance(value, np.ndarray)


def _array(value: object) -> np.ndarray | None:
    """A tensor, a number or nested lists of numbers as an array; None for anything else."""
    try:
        array = value.detach().cpu().numpy() if hasattr(value, "detach") else np.asarray(value)
    except (TypeError, ValueError, RuntimeError):  # ragged, on no device, of a dtype that NumPy has not
        return None
    return array if array.dtype.kind in "biufc" else None
