"""The table of networks in course/models says what is there."""

import re
from pathlib import Path

import pytest
from torch import nn

from course.models import MODELS

ROOT = Path(__file__).parents[2]
# Parts that networks are made of, and no network of a paper.
HELPERS = {"__init__.py", "blocks.py", "attention.py", "weights.py", "torchvision_encoder.py"}


@pytest.mark.parametrize("entry", MODELS, ids=lambda entry: entry.cls)
def test_each_entry_names_a_class_in_its_file(entry):
    cls = entry.load()
    assert isinstance(cls, type)
    assert issubclass(cls, nn.Module)
    assert entry.file == cls.__module__.replace(".", "/") + ".py"
    assert (ROOT / entry.file).is_file()
    assert entry.cls == f"{cls.__module__}.{cls.__name__}"


def test_each_entry_has_a_source_and_a_lab():
    for entry in MODELS:
        assert re.fullmatch(r"\d{4}\.\d{4,5}|[A-Z].*\d{4}", entry.arxiv), entry
        assert re.fullmatch(r"lab\d\d", entry.lab), entry


def test_the_table_is_in_the_order_of_the_labs_and_names_no_class_twice():
    labs = [entry.lab for entry in MODELS]
    assert labs == sorted(labs)
    assert len({entry.cls for entry in MODELS}) == len(MODELS)


def test_each_file_of_networks_stands_in_the_table():
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "course/models").glob("*/**/*.py")}
    files = {file for file in files if Path(file).name not in HELPERS and not Path(file).name.startswith("_")}
    assert files <= {entry.file for entry in MODELS}
