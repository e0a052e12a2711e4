"""Run a widget's module through node, or through Chromium where there is no node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from course.widgets.module import source
from tests.browser.jupyter import chromium

NODE = shutil.which("node")

# What follows a module: functions of one question that answer in JSON.
QUESTIONS = """
const values = (control) => control.options
  ? control.options.map(([, value]) => value)
  : range(0, (control.high - control.low) / (control.step ?? 1) + 1).map((i) => control.low + i * (control.step ?? 1));
const plain = (_, value) => ArrayBuffer.isView(value) ? Array.from(value)
  : typeof value !== "number" ? value : Number.isNaN(value) ? "NaN" : Number(value.toPrecision(10));
const combine = (wanted) => controls.reduce((settings, control) =>
  settings.flatMap((one) => wanted(control).map((value) => ({ ...one, [control.name]: value }))), [{}]);
export async function everySetting({ data, fixed, keep }) {
  const given = await unpack(data);
  const settings = combine((control) => control.name in fixed ? [fixed[control.name]] : values(control));
  const kept = (numbers) => keep ? Object.fromEntries(keep.map((name) => [name, numbers[name]])) : numbers;
  return JSON.stringify(settings.map((one) => [one, kept(compute(one, given))]), plain);
}
const ends = (control) => control.options ? values(control) : [control.low, control.value, control.high];
export async function look({ data, settings }) {
  const given = await unpack(data);
  return JSON.stringify((settings ?? combine(ends)).map((one) => {
    const numbers = compute(one, given);
    const panels = draw(one, numbers, given).map(({ pixels, ...panel }) => panel);
    return { sentence: describe(one, numbers, given), panels, controls };
  }));
}
"""

_IN_NODE = """
import { readFileSync, writeFileSync } from "node:fs";
import * as module from "./module.mjs";
writeFileSync("answer.json", await module[process.argv[2]](JSON.parse(readFileSync("question.json", "utf8"))));
"""

_IN_CHROMIUM = """async ([source, name, question]) => {
  const module = await import(URL.createObjectURL(new Blob([source], {type: "text/javascript"})));
  return module[name](question);
}"""


def every_setting(explorer, fixed=None, keep=None):
    """What an explorer's `compute` gives for each combination of its controls' values.

    Args:
        explorer: the Python object.
        fixed: {control: value} to leave where they are.
        keep: names of the numbers to give; all where it is left out.

    Returns:
        list of (settings, numbers), both dicts; NaN is "NaN", numbers have ten digits.
    """
    question = {"data": explorer.data, "fixed": fixed or {}, "keep": keep}
    return json.loads(call(source(explorer.name) + QUESTIONS, "everySetting", question))


def shown(explorer, *settings):
    """What an explorer shows.

    Args:
        explorer: the Python object.
        settings: dicts of the controls' values; without any, all combinations of menu entries with the ends and starts
            of sliders.

    Returns:
        list of dicts: "sentence"; "panels" without their pixels; and the "controls", the same in each.
    """
    question = {"data": explorer.data, "settings": settings or None}
    return json.loads(call(source(explorer.name) + QUESTIONS, "look", question))


def call(module, name, question):
    """The text that an exported function of a module gives for a question, which JSON must take."""
    if NODE:
        return _node(module, name, question)
    if chromium():
        return _chromium(module, name, question)
    assert not os.environ.get("CI"), "neither node nor Chromium is there: in CI a skipped test is a failure"
    return pytest.skip("neither node nor Chromium is installed")


def _node(module, name, question):
    with TemporaryDirectory() as folder:
        files = {"module.mjs": module, "question.json": json.dumps(question), "run.mjs": _IN_NODE}
        for file, text in files.items():
            (Path(folder) / file).write_text(text, encoding="utf-8")
        done = subprocess.run([NODE, "run.mjs", name], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return (Path(folder) / "answer.json").read_text(encoding="utf-8")


def _chromium(module, name, question):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            return browser.new_page().evaluate(_IN_CHROMIUM, [module, name, question])
        finally:
            browser.close()
