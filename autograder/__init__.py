"""The instructors' door: from masters to notebooks, and from submissions to grades.

| room | what happens there |
|---|---|
| `authoring` | a master is read, and becomes a notebook |
| `checking` | what hidden checks are written with and run by |
| `audit` | the tests of the checks: wrong, right, mutated and misbehaving answers |
| `classroom` | collect, grade, feedback, export, by nbgrader |
| `cli` | the command `autograder`, one file a command |

All of a lab lies in its folder `solutions/labNN_name/`: the master, its hidden checks in `checks.py`, its wrong and
right answers in `answers.py` (or in `answers/`, a file an exercise).
"""
