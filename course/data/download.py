"""One file over HTTP: resumed where it broke off, checked, and put in place in one step.

While it arrives, the file is called NAME.part; beside it NAME.part.version keeps what the server calls this version
(its ETag or date), so that a download is resumed only if the file on the server is still the same. Only a complete file
with the right checksum ever gets the name NAME.
"""

import hashlib
import http.client
import os
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path

_BLOCK = 1 << 18
_TIMEOUT = 30.0  # seconds without a byte
_ATTEMPTS = 20
_Progress = Callable[[int, int | None], None]
_NETWORK = (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException, ssl.SSLError)


def download(url: str, target: str | Path, *, checksum: str | None = None, progress: _Progress | None = None) -> Path:
    """Fetch a file; continue a part that an earlier attempt left; do nothing if the file is already there.

    A connection that breaks off is resumed as long as each attempt brings something new.

    Args:
        url: an http or https address.
        target: path of the finished file.
        checksum: "md5:…" or "sha256:…" in hexadecimal, or None if none is known.
        progress: called as progress(bytes so far, bytes in all or None) after each block, or None.

    Returns:
        Path of the finished file.

    Raises:
        ConnectionError: no network, no such file on the server, or it broke off; what has arrived is kept.
        ValueError: the checksum is wrong (what was fetched is deleted), or cannot be read.
    """
    target = Path(target)
    if checksum is not None and not re.fullmatch("md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", checksum):
        raise ValueError(f"checksum is {checksum!r}; wanted 'md5:' or 'sha256:' and hexadecimal digits, or None.")
    if target.is_file() and _digest(target, checksum) == checksum:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    _fetch(url, part, progress)
    got = _digest(part, checksum)
    if got != checksum:
        _forget(part)
        raise ValueError(
            f"What came from {url} has the checksum {got}; wanted {checksum}. It was damaged on its way, or the file "
            "on the server has changed. It has been deleted. Try once more; if this happens again, get the data by "
            "hand as its card in datasets/ says."
        )
    os.replace(part, target)
    _version_file(part).unlink(missing_ok=True)
    return target


def _fetch(url: str, part: Path, progress: _Progress | None) -> None:
    """Try until the part is complete, or until an attempt brings nothing new."""
    for _ in range(_ATTEMPTS):
        before = _length(part)
        complete, reason = _attempt(url, part, progress)
        if complete:
            return
        if _length(part) <= before:
            break
    kept = f" {_length(part):,} bytes are here: run the same again to continue from there." if _length(part) else ""
    raise ConnectionError(f"The download of {url} failed: {reason}. Is this machine online?{kept}")


def _attempt(url: str, part: Path, progress: _Progress | None) -> tuple[bool, object]:
    """One connection: (is the part complete?, what went wrong)."""
    try:
        with urllib.request.urlopen(_request(url, part), timeout=_TIMEOUT) as response:
            total = _receive(response, part, progress)
    except urllib.error.HTTPError as error:
        return _refused(url, part, error)
    except _NETWORK as error:
        return False, getattr(error, "reason", None) or error or type(error).__name__
    return total in (None, _length(part)), f"it broke off after {_length(part):,} of {total} bytes"


def _refused(url: str, part: Path, error: urllib.error.HTTPError) -> tuple[bool, object]:
    """What follows from an error that the server answered with: as `_attempt`."""
    if error.code != 416:
        raise ConnectionError(f"The server answered {error.code} ({error.reason}) for {url}.") from error
    if (error.headers.get("Content-Range") or "") == f"bytes */{_length(part)}":
        return True, ""  # the last attempt ended between the last byte and the check
    _forget(part)
    return _attempt(url, part, None)


def _request(url: str, part: Path) -> urllib.request.Request:
    headers = {"User-Agent": "dense-prediction-course"}
    if _length(part) and _version_file(part).is_file():
        headers["Range"] = f"bytes={_length(part)}-"
        headers["If-Range"] = _version_file(part).read_text()
    return urllib.request.Request(url, headers=headers)


def _receive(response: HTTPResponse, part: Path, progress: _Progress | None) -> int | None:
    """Write what comes to the part, at its end if the server continues there. Returns the full length, or None."""
    here, length = 0, response.headers.get("Content-Length")
    if response.status == 206:
        here = _length(part)
        if not (response.headers.get("Content-Range") or "").startswith(f"bytes {here}-"):
            raise http.client.HTTPException("the server sent another range than the one it was asked for")
    else:
        _remember_version(response, part)
    total = here + int(length) if length else None
    with part.open("ab" if here else "wb") as file:
        while block := response.read(_BLOCK):
            file.write(block)
            here += len(block)
            if progress:
                progress(here, total)
    return total


def _remember_version(response: HTTPResponse, part: Path) -> None:
    etag = response.headers.get("ETag") or ""
    version = etag if etag.startswith('"') else response.headers.get("Last-Modified")  # a weak tag is not enough
    _forget(part)
    if version:
        _version_file(part).write_text(version)


def _version_file(part: Path) -> Path:
    return part.with_name(part.name + ".version")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _version_file(part).unlink(missing_ok=True)


def _length(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


def _digest(path: Path, checksum: str | None) -> str | None:
    """The checksum of a file, of the kind that is wanted; None where none is."""
    if checksum is None:
        return None
    kind = checksum.partition(":")[0]
    with path.open("rb") as file:
        return f"{kind}:{hashlib.file_digest(file, kind).hexdigest()}"
