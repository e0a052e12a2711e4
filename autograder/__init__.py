"""The instructors' door: from masters to notebooks, and from submissions to grades.

| file | what it does |
|---|---|
| `labs` | reads a master: its cells, exercises, points |
| `notebooks` | turns a master into a notebook: headings, hints, predictions, check cells |
| `syllabus` | the README's table of labs |
| `build` | writes `build/source` and, by nbgrader's generator, `notebooks/` |
| `checking` | what a hidden check is written with |
| `scoring` | runs an exercise's hidden checks and adds up the points |
| `answers` | what a wrong and a right answer are |
| `mutation` | mechanical mutants of a solution |
| `audit` | holds the checks against wrong, right and mutated answers |
| `preprocessors` | our steps inside nbgrader's autograde |
| `grading` | collect, grade, feedback, export |
| `demo` | a class of 12, graded |

`checks/labNN.py` holds a lab's hidden checks, `mutants/labNN.py` its wrong and right answers.
"""
