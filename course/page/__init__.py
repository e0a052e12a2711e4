"""What a lab's page needs, imported by file.

`progress` is the panel at the top. It watches the check cells (`check_cells`): when one fails, `failures` says why,
with what `comparisons` saw (`marking`, `differences`) and what `known_errors` knows. `predictions` makes the cards of
questions, `export` a page of HTML without a kernel (`mathml`), `run` runs a notebook, `forbidden` finds names.
"""
