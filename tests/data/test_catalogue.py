import pytest
from torchvision.datasets.voc import DATASET_YEAR_DICT

from course.data import catalogue


def camvid_at(folder):
    for need in catalogue.DATASETS["camvid"].needs:
        (folder / need).mkdir(parents=True)
    return folder


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A checkout in a folder of its own, and no COURSE_DATA."""
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(catalogue, "checkout", lambda: tmp_path / "checkout")
    return tmp_path


def test_voc_comes_from_where_torchvision_takes_it_with_the_same_checksum():
    archive = catalogue.DATASETS["voc"].archive
    theirs = DATASET_YEAR_DICT["2012"]
    assert archive.checksum == f"md5:{theirs['md5']}"
    assert theirs["filename"] == archive.filename
    assert {url.rpartition("/")[2] for url in archive.urls} == {theirs["filename"]}


def test_every_data_set_has_a_card():
    folder = catalogue.checkout() / "datasets"
    for name in catalogue.DATASETS:
        if name != "scenes":
            card = (folder / f"{name}.md").read_text(encoding="utf-8").lower()
            assert all(word in card for word in ("license", "size", "layout", "get it", "looks")), name


def test_the_places_are_environment_then_cache_then_shared_folder(elsewhere, monkeypatch):
    cache = elsewhere / "checkout" / "datasets" / "cache" / "camvid"
    shared = elsewhere / "shared" / "data" / "camvid"
    assert catalogue.places("camvid") == [cache, shared]
    monkeypatch.setenv("COURSE_DATA", str(elsewhere / "mine"))
    assert catalogue.places("camvid") == [elsewhere / "mine" / "camvid", cache, shared]


def test_a_folder_under_a_data_sets_former_name_is_found_after_its_own(elsewhere):
    former, own = (elsewhere / "shared" / "data" / name for name in ("em-membrane", "membranes"))
    for kind in ("images", "labels"):
        (former / kind).mkdir(parents=True)
    assert catalogue.find("membranes") == former
    for kind in ("images", "labels"):
        (own / kind).mkdir(parents=True)
    assert catalogue.find("membranes") == own


def test_without_a_checkout_the_users_cache_takes_its_place(monkeypatch):
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(catalogue, "checkout", lambda: None)
    (place,) = catalogue.places("voc")
    assert place.name == "voc"
    assert "dense-prediction-course" in str(place)


def test_the_first_complete_folder_wins(elsewhere, monkeypatch):
    shared = camvid_at(elsewhere / "shared" / "data" / "camvid")
    assert catalogue.find("camvid") == shared
    monkeypatch.setenv("COURSE_DATA", str(elsewhere / "mine"))
    (elsewhere / "mine" / "camvid" / "train").mkdir(parents=True)
    assert catalogue.find("camvid") == shared  # mine is not complete yet
    mine = elsewhere / "mine" / "camvid"
    for need in catalogue.DATASETS["camvid"].needs:
        (mine / need).mkdir(parents=True, exist_ok=True)
    assert catalogue.find("camvid") == mine


def test_what_is_missing_is_said_with_every_place_and_the_way_to_get_it(elsewhere):
    (elsewhere / "shared" / "data" / "camvid" / "train" / "images").mkdir(parents=True)
    with pytest.raises(FileNotFoundError) as caught:
        catalogue.find("camvid")
    message = str(caught.value)
    assert f"{elsewhere / 'checkout' / 'datasets' / 'cache' / 'camvid'}: no such folder" in message
    assert f"{elsewhere / 'shared' / 'data' / 'camvid'}: without train/labels, val/images" in message
    assert "Get it with: course data fetch camvid" in message
    assert "datasets/camvid.md" in message


def test_a_root_given_by_hand_is_the_only_place_looked_in(elsewhere):
    camvid_at(elsewhere / "shared" / "data" / "camvid")
    with pytest.raises(FileNotFoundError, match=r"Looked in:\n  .*nowhere: no such folder\nGet it"):
        catalogue.find("camvid", elsewhere / "nowhere")


def test_an_unknown_name_is_answered_with_those_there_are():
    for look in (catalogue.dataset, catalogue.places, catalogue.find):
        with pytest.raises(ValueError, match="name is 'coco'; wanted a data set: scenes, photos, camvid"):
            look("coco")


def test_what_is_built_in_has_no_folder():
    with pytest.raises(ValueError, match=r"'photos' has no folder: it is built in\. Import course\.data\.photos"):
        catalogue.find("photos")
