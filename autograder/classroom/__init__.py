"""A class: its folder, its grades, and the steps that we take inside nbgrader."""
