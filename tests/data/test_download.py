import re
import socket

import pytest

from course.data import download as module
from course.data.download import download


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("kind", ["md5", "sha256"])
def test_a_file_arrives_whole_and_leaves_nothing_beside_it(server, tmp_path, kind):
    target = download(server.url, tmp_path / "deep" / "a.bin", checksum=server.checksum(kind))
    assert target.read_bytes() == server.body
    assert leftovers(target.parent) == ["a.bin"]


def test_a_file_that_is_there_is_not_fetched_again(server, tmp_path):
    for _ in range(2):
        download(server.url, tmp_path / "a.bin", checksum=server.checksum())
    assert server.asked == [None]


def test_a_damaged_file_under_the_final_name_is_fetched_again(server, tmp_path):
    (tmp_path / "a.bin").write_bytes(b"damaged")
    assert download(server.url, tmp_path / "a.bin", checksum=server.checksum()).read_bytes() == server.body


def test_a_connection_that_breaks_off_is_taken_up_where_it_was(server, tmp_path):
    server.break_after = [300_000, 200_000]
    assert download(server.url, tmp_path / "a.bin", checksum=server.checksum()).read_bytes() == server.body
    assert server.asked == [None, "bytes=300000-", "bytes=500000-"]


def test_a_second_run_goes_on_where_the_first_one_ended(server, tmp_path):
    server.break_after = [300_000, 0]
    with pytest.raises(ConnectionError, match=r"300,000 bytes are here: run the same again to continue from there"):
        download(server.url, tmp_path / "a.bin", checksum=server.checksum())
    assert leftovers(tmp_path) == ["a.bin.part", "a.bin.part.version"]
    download(server.url, tmp_path / "a.bin", checksum=server.checksum())
    assert server.asked[-1] == "bytes=300000-"
    assert (tmp_path / "a.bin").read_bytes() == server.body
    assert leftovers(tmp_path) == ["a.bin"]


def test_a_user_who_interrupts_keeps_what_has_arrived(server, tmp_path):
    def interrupt(here, total):
        if here > len(server.body) // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(server.url, tmp_path / "a.bin", checksum=server.checksum(), progress=interrupt)
    kept = (tmp_path / "a.bin.part").stat().st_size
    assert len(server.body) // 2 < kept < len(server.body)
    download(server.url, tmp_path / "a.bin", checksum=server.checksum())
    assert server.asked == [None, f"bytes={kept}-"]


def test_a_file_that_changed_on_the_server_is_begun_anew(server, tmp_path):
    server.break_after = [300_000, 0]
    with pytest.raises(ConnectionError):
        download(server.url, tmp_path / "a.bin")
    server.body, server.version = server.body[::-1], '"v2"'
    assert download(server.url, tmp_path / "a.bin").read_bytes() == server.body


def test_a_server_without_ranges_begins_anew(server, tmp_path):
    server.ranges, server.break_after = False, [300_000]
    assert download(server.url, tmp_path / "a.bin", checksum=server.checksum()).read_bytes() == server.body


@pytest.mark.parametrize("version", [None, 'W/"weak"'])
def test_a_part_of_which_no_version_is_known_is_not_gone_on_with(server, tmp_path, version):
    server.version, server.break_after = version, [300_000]
    assert download(server.url, tmp_path / "a.bin").read_bytes() == server.body
    assert server.asked == [None, None]


def test_a_server_that_does_not_tell_the_length_will_do(server, tmp_path):
    server.length = False
    seen = []
    download(server.url, tmp_path / "a.bin", checksum=server.checksum(), progress=lambda *now: seen.append(now))
    assert seen[-1] == (len(server.body), None)


def test_a_part_that_was_whole_already_is_only_checked(server, tmp_path):
    (tmp_path / "a.bin.part").write_bytes(server.body)
    (tmp_path / "a.bin.part.version").write_text(server.version)
    assert download(server.url, tmp_path / "a.bin", checksum=server.checksum()).read_bytes() == server.body


def test_a_part_longer_than_the_file_is_thrown_away(server, tmp_path):
    (tmp_path / "a.bin.part").write_bytes(server.body + b"more")
    (tmp_path / "a.bin.part.version").write_text(server.version)
    assert download(server.url, tmp_path / "a.bin", checksum=server.checksum()).read_bytes() == server.body


def test_a_wrong_checksum_is_told_and_the_file_deleted(server, tmp_path):
    wrong = "sha256:" + "0" * 64
    with pytest.raises(ValueError, match=f"has the checksum {server.checksum()}; wanted {wrong}.*Try once more"):
        download(server.url, tmp_path / "a.bin", checksum=wrong)
    assert leftovers(tmp_path) == []


def test_progress_counts_what_was_here_before(server, tmp_path):
    server.break_after = [600_000]
    seen = []
    download(server.url, tmp_path / "a.bin", progress=lambda *now: seen.append(now))
    here = [now for now, _ in seen]
    assert here == sorted(here)
    assert seen[-1] == (len(server.body), len(server.body))


def test_a_missing_file_is_told_with_the_servers_words(server, tmp_path):
    with pytest.raises(ConnectionError, match=r"The server answered 404 \(Not Found\) for http"):
        download(server.url.replace("file", "other"), tmp_path / "a.bin")


def test_no_network_is_told_without_a_part_left(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # nobody listens there
        url = f"http://127.0.0.1:{free.getsockname()[1]}/file.bin"
        with pytest.raises(ConnectionError, match=r"The download of http.* failed: .*Is this machine online\?$"):
            download(url, tmp_path / "a.bin")
    assert leftovers(tmp_path) == []


def test_a_server_that_breaks_off_for_ever_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_ATTEMPTS", 3)
    server.break_after = [1000] * 10
    with pytest.raises(ConnectionError, match="it broke off after 3,000 of 1024000 bytes"):
        download(server.url, tmp_path / "a.bin")
    assert len(server.asked) == 3


@pytest.mark.parametrize("checksum", ["d41d8", "sha1:" + "0" * 40, "md5:" + "0" * 64, ""])
def test_a_checksum_that_cannot_be_read_is_refused_before_anything_is_asked(server, tmp_path, checksum):
    with pytest.raises(ValueError, match=re.escape(f"checksum is {checksum!r}; wanted 'md5:' or 'sha256:'")):
        download(server.url, tmp_path / "a.bin", checksum=checksum)
    assert server.asked == []
