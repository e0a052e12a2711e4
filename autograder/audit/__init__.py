"""The tests of the checks: `answers`, `misbehaviours`, `mutation`, and `audit`, which runs them all."""
