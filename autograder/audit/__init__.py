"""The tests of the checks: `answers`, `misbehaviors`, `mutation`, and `audit`, which runs them all."""
