import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbclient import NotebookClient
from traitlets.config import Config

from course.page.check_cells import Check, check_of
from course.page.progress import Progress

EXERCISES = {"double": ("3.1", 4, 15), "halve": ("3.2", 1, 5)}
SETUP = f"from course.page.progress import Progress\nProgress('Lab 3 · A & B', {EXERCISES!r})"
RIGHT = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return x + 2"
UNSOLVED = "def double(x):\n    raise NotImplementedError('Exercise 3.1: double')"
BROKEN = "def double(x):\n    return x.twice"
NOTHING = "def double(x):\n    pass"
CHECK = "# Check 3.1 · double · 4 points\nassert double(3) == 6, 'double(3) is not 6'\nassert len(str(double(3))) == 1"


@pytest.fixture
def shell():
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    InteractiveShell.clear_instance()


def run(shell, *cells):
    """Run cells; the last one's result, what it printed, and what it displayed."""
    for cell in cells:
        with capture_output() as captured:
            result = shell.run_cell(cell, store_history=True)
    return result, captured.stdout + captured.stderr, captured.outputs


def panel(shell):
    hooks = [hook for hook in shell.events.callbacks["post_run_cell"] if hasattr(hook, "_watches_checks")]
    assert len(hooks) == 1
    return hooks[0].__self__.widget.value


@pytest.mark.parametrize(
    ("source", "check"),
    [
        ("# Check 3.1 · conv_matrix · 4 points\nassert True", Check("3.1", "conv_matrix")),
        ("\n# Check 12.10 · f · 1 point", Check("12.10", "f")),
        ("x = 1\n# Check 3.1 · conv_matrix · 4 points", None),
        ("# Check your answer first", None),
        ("", None),
    ],
)
def test_a_check_cell_is_known_by_its_first_line(source, check):
    assert check_of(source) == check


def test_the_panel_lists_each_exercise_with_its_points_and_minutes(shell):
    run(shell, SETUP)
    text = panel(shell)
    for part in ("Lab 3 · A &amp; B", "0 of 5 points", "20 minutes", "3.1 double", "4 points", "1 point<", "15 min"):
        assert part in text
    assert "width:0%" in text


def test_a_check_that_passes_fills_the_bar_and_says_so_below_the_cell(shell):
    result, _, outputs = run(shell, SETUP, RIGHT, CHECK)
    assert result.success
    told = [output.data["text/plain"] for output in outputs]
    assert told == ["Lab 3 · A & B: 4 of 5 points", "✓ 3.1 double: all visible checks pass"]
    assert "4 of 5 points" in panel(shell)
    assert "width:80%" in panel(shell)


def test_a_check_that_fails_later_takes_its_points_back(shell):
    run(shell, SETUP, RIGHT, CHECK, WRONG, CHECK)
    assert "0 of 5 points" in panel(shell)
    assert "✗" in panel(shell)


def test_making_the_panel_again_replaces_the_hook(shell):
    run(shell, SETUP, RIGHT, CHECK, SETUP, SETUP)
    assert "0 of 5 points" in panel(shell)
    _, _, outputs = run(shell, CHECK)
    assert len(outputs) == 2, "one panel and one praise"


def test_other_cells_and_checks_of_other_labs_change_nothing(shell):
    run(shell, SETUP, "x = 1", "# Check 9.9 · unknown · 2 points\nassert True")
    assert "0 of 5 points" in panel(shell)


@pytest.mark.parametrize(
    ("solution", "sentence"),
    [
        (WRONG, "✗ Check 3.1 double: double(3) is not 6.\x1b[0m\nGot 5, wanted 6.\n"),
        (UNSOLVED, "✗ Exercise 3.1 is not solved yet: fill in the cell above."),
        (
            UNSOLVED.replace("3.1", "2.4"),
            "✗ Exercise 2.4 is not solved yet, and check 3.1 needs it: fill in its cell first.",
        ),
        (
            "double = lambda x: 6.0",
            "✗ Check 3.1 double: this does not hold: `assert len(str(double(3))) == 1`.\x1b[0m\nGot 3, wanted 1.\n",
        ),
        (
            "def double(x):\n    assert x == 4, 'only 4'",
            "✗ Check 3.1 double: only 4.\x1b[0m\n",
        ),
        (
            NOTHING,
            "✗ Check 3.1 double: double(3) is not 6.\x1b[0m\nGot None, wanted 6.\n",
        ),
    ],
)
def test_a_failed_check_is_a_sentence_or_two_without_a_traceback(shell, solution, sentence):
    result, printed, _ = run(shell, SETUP, solution, CHECK)
    assert not result.success
    assert sentence in printed
    assert "Traceback" not in printed
    assert len(printed.strip().splitlines()) == len(sentence.strip().splitlines())


def test_an_error_of_the_answer_comes_with_its_line_an_explanation_and_its_own_traceback(shell):
    result, printed, _ = run(shell, SETUP, BROKEN, CHECK)
    assert isinstance(result.error_in_exec, AttributeError)
    first, explained, second, *rest = printed.strip().splitlines()
    assert explained.startswith("A plain number came where a tensor should be")
    assert "✗ Check 3.1 double: AttributeError in your line `return x.twice`: 'int' object has no attribute" in first
    assert "-----" in second
    assert "In[2]" in "".join(rest)
    assert "assert double(3)" not in printed, "the check's own lines, hidden ones too, are nobody's business"
    assert "interactiveshell.py" not in printed


def test_an_error_of_torch_is_explained_below_it(shell):
    answer = "import torch\ndef double(x):\n    return torch.zeros(2, 3) + torch.zeros(2, 4)"
    _, printed, _ = run(shell, SETUP, answer, CHECK)
    assert printed.strip().splitlines()[1].startswith("Shapes broadcast from the last axis on")


def test_an_error_of_an_assert_comes_with_its_sentence_and_without_a_traceback(shell):
    _, printed, _ = run(shell, SETUP, NOTHING, CHECK.replace("double(3) == 6", "double(3).shape"))
    first, second = printed.strip().splitlines()
    assert "✗ Check 3.1 double: double(3) is not 6." in first
    assert second == (
        "AttributeError: 'NoneType' object has no attribute 'shape'. "
        "None came where a tensor should be: does a function end without `return`?"
    )


def test_an_error_of_another_line_of_the_check_shows_that_line_and_no_traceback(shell):
    _, printed, _ = run(shell, SETUP, NOTHING, CHECK.replace("assert double", "size = double(3).shape\nassert double"))
    first, second = printed.strip().splitlines()
    assert "AttributeError in the check's line `size = double(3).shape`: 'NoneType' object" in first
    assert second == "None came where a tensor should be: does a function end without `return`?"


def test_what_cannot_be_compared_at_all_is_told_by_the_checks_sentence(shell):
    check = "# Check 3.1 · double · 4 points\nimport torch\nassert torch.allclose(torch.ones(2), double(3)), 'Ones.'"
    _, printed, _ = run(shell, SETUP, "import torch\ndouble = lambda x: torch.ones(2).double()", check)
    assert "✗ Check 3.1 double: Ones.\x1b[0m\nGot dtype float32, wanted float64." in printed


def test_not_implemented_by_torch_is_not_taken_for_unsolved(shell):
    _, printed, _ = run(shell, SETUP, "import torch\ndouble = lambda x: torch.tensor([x]).mean()", CHECK)
    assert "not solved" not in printed
    assert "`.float()` first" in printed


def test_a_check_that_stands_in_a_helper_is_told_too(shell):
    check = "# Check 3.1 · double · 4 points\ndef same(a, b):\n    assert a == b, 'Twice.'\nsame(double(3), 6)"
    _, printed, _ = run(shell, SETUP, WRONG, check)
    assert "✗ Check 3.1 double: Twice.\x1b[0m\nGot 5, wanted 6." in printed


def test_only_check_cells_are_marked_and_nothing_is_kept_of_them(shell):
    run(shell, SETUP, WRONG, CHECK, "assert double(3) == 6")
    seen = shell.user_ns["__course_seen__"]
    assert seen.values == {}
    assert len(seen.asserts) == 2, "the check's two, and none of the last cell's"
    run(shell, SETUP)
    assert len([step for step in shell.ast_transformers if hasattr(step, "told")]) == 1


@pytest.mark.parametrize("cell", ["assert 1 == 2, 'no'", "raise NotImplementedError('Exercise 3.1: double')", "1 / 0"])
def test_errors_in_other_cells_look_as_ever(shell, cell):
    _, plain, _ = run(shell, cell)
    _, watched, _ = run(shell, SETUP, cell)
    assert watched[watched.index("---") :].replace("In[3]", "In[1]") == plain[plain.index("---") :]


def test_outside_of_ipython_nothing_happens(capsys):
    InteractiveShell.clear_instance()
    lab = Progress("Lab 3", EXERCISES)
    assert lab.widget is None
    assert "0 of 5 points" in lab.panel()
    assert capsys.readouterr().out == ""


def test_a_lab_without_exercises_or_points_is_refused():
    with pytest.raises(ValueError, match=r"exercises are {}; wanted one or more"):
        Progress("Lab", {})
    with pytest.raises(ValueError, match=r"points and minutes of 3\.1 f are 0 and 5; wanted both above 0"):
        Progress("Lab", {"f": ("3.1", 0, 5)})


def test_a_real_kernel_publishes_the_sentence_as_an_error_and_the_praise_as_a_picture_of_html():
    cells = [SETUP, WRONG, CHECK, UNSOLVED, CHECK, RIGHT, CHECK]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_name="python3", timeout=60, allow_errors=True).execute()
    shown, failed, unsolved, passed = (notebook.cells[place].outputs for place in (0, 2, 4, 6))
    assert len(shown) == 1
    assert shown[0].data["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert "4 of 5 points" in shown[0].data["text/html"], "the page without a kernel shows the newest state"
    assert [output.output_type for output in failed + unsolved] == ["error", "error"]
    assert failed[0].ename == "AssertionError"
    assert failed[0].evalue == "double(3) is not 6. Got 5, wanted 6."
    assert "✗ Check 3.1 double: double(3) is not 6." in failed[0].traceback[0]
    assert failed[0].traceback[1:] == ["Got 5, wanted 6."]
    assert (unsolved[0].ename, unsolved[0].evalue) == ("NotImplementedError", "Exercise 3.1: double")
    assert "not solved yet" in unsolved[0].traceback[0]
    assert [output.data["text/plain"] for output in passed] == ["✓ 3.1 double: all visible checks pass"]
    assert "4 of 5 points" in str(notebook.metadata.widgets)
