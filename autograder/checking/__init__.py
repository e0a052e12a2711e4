"""What hidden checks are written with and run by: torch and the standard library only, nothing of the autograder.

A check is a function of one property, `check(student_object, rng)`, registered by `@worth(points, "exercise")`. It
raises `AssertionError` with a sentence that says what is wrong. **The contract:** it sees the student's object only
from outside. It calls it, reads attributes, and compares plain values and tensors that it made or got back: no
`isinstance` on the object, no reach into its globals, no autograd graph across a call. So the object may live in
another process, and the same check serves the student, the audit and the grade.

| file | what it holds |
|---|---|
| `score` | registers checks, runs them, adds up points |
| `expect` | comparisons that say what came and what was wanted |
| `draws` | random numbers that depend on the student, sizes and layouts that tell right from wrong |
| `properties` | what every exercise is asked: manners, float64, gradient |
| `modules` | fill and read a module whatever its layers are called |
| `gradients` | a gradient, taken on the student's side |
| `outside` | the student's side: calls, copies, changed arguments, memory |
| `watching` | which operators and modules really run |
"""
