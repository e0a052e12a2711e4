import dataclasses
import hashlib
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from course.cli.app import app
from course.data import catalogue
from course.data.catalogue import Archive


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


@pytest.fixture
def published(tmp_path, monkeypatch):
    """CamVid's archive, tiny, on a web server on this machine; returns a function that gives it a checksum."""
    (tmp_path / "web").mkdir()
    path = tmp_path / "web" / "camvid.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for split in ("train", "val", "test"):
            archive.writestr(f"SegNet/CamVid/{split}/a.png", b"x")
            archive.writestr(f"SegNet/CamVid/{split}annot/a.png", b"x")
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "web"))
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def publish(checksum=None, name="camvid.zip"):
        url = f"http://127.0.0.1:{http.server_port}/{name}"
        archive = Archive((url,), "camvid.zip", checksum or "md5:" + hashlib.md5(path.read_bytes()).hexdigest())
        entry = dataclasses.replace(catalogue.DATASETS["camvid"], archive=archive)
        monkeypatch.setitem(catalogue.DATASETS, "camvid", entry)

    yield publish
    http.shutdown()
    http.server_close()


def run(*words):
    result = CliRunner().invoke(app, ["data", *map(str, words)], env={"COLUMNS": "200"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception  # nothing but a message may reach the user
    return result


def test_the_list_has_every_data_set_and_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "checkout", lambda: tmp_path)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    for need in catalogue.DATASETS["camvid"].needs:
        (tmp_path / "camvid" / need).mkdir(parents=True)
    result = run("list")
    assert result.exit_code == 0
    assert all(name in result.output for name in catalogue.DATASETS)
    assert "course data fetch voc" in result.output
    assert "course data fetch camvid" not in result.output


def test_fetch_says_where_the_data_is_and_how_the_course_finds_it(published, tmp_path):
    published()
    result = run("fetch", "camvid", "--to", tmp_path / "there")
    assert result.exit_code == 0
    assert f"camvid is in {tmp_path / 'there' / 'camvid'}" in result.output
    assert f"COURSE_DATA to {tmp_path / 'there'}" in result.output
    assert (tmp_path / "there" / "camvid" / "test" / "labels" / "a.png").is_file()


def test_fetch_twice_is_well(published, tmp_path):
    published()
    assert run("fetch", "camvid", "--to", tmp_path).exit_code == 0
    assert run("fetch", "camvid", "--to", tmp_path).exit_code == 0


def test_a_wrong_checksum_ends_with_a_message_and_status_one(published, tmp_path):
    published("md5:" + "0" * 32)
    result = run("fetch", "camvid", "--to", tmp_path)
    assert result.exit_code == 1
    assert "has the checksum md5:" in result.stderr
    assert not (tmp_path / "camvid").exists()


def test_a_missing_file_ends_with_a_message_and_status_one(published, tmp_path):
    published(name="gone.zip")
    result = run("fetch", "camvid", "--to", tmp_path)
    assert result.exit_code == 1
    assert "The server answered 404" in result.stderr


def test_no_network_ends_with_a_message_and_status_one(monkeypatch, tmp_path):
    def offline(*_args, **_kwargs):
        raise OSError("Name or service not known")

    monkeypatch.setattr("socket.create_connection", offline)
    result = run("fetch", "voc", "--to", tmp_path)
    assert result.exit_code == 1
    assert "Name or service not known. Is this machine online?" in result.stderr


@pytest.mark.parametrize(
    ("name", "message"), [("coco", "name is 'coco'; wanted a data set"), ("scenes", "it is built in")]
)
def test_what_cannot_be_fetched_ends_with_a_message_and_status_one(name, message):
    result = run("fetch", name)
    assert result.exit_code == 1
    assert message in result.stderr


def test_an_interruption_ends_with_a_message_and_status_130(monkeypatch, tmp_path):
    def interrupt(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr("course.data.fetch.fetch", interrupt)
    result = run("fetch", "camvid", "--to", tmp_path)
    assert result.exit_code == 130
    assert "run the same again to go on" in result.stderr


@pytest.mark.parametrize("columns", [60, 80])
def test_names_and_places_are_whole_in_a_narrow_terminal(columns, monkeypatch):
    result = CliRunner().invoke(app, ["data", "list"], env={"COLUMNS": str(columns)})
    assert all(f"\n{name} " in f"\n{result.output}" for name in catalogue.DATASETS)
    assert "…" not in result.output
    assert max(map(len, result.output.splitlines())) <= columns
