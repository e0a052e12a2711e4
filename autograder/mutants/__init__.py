"""Wrong and right answers, one file a lab: `WRONG`, `RIGHT`, `EQUIVALENT`. `autograder audit` runs them all."""
