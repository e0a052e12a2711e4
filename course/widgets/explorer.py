"""Controls over a picture: drawn once when shown, and once whenever a control changes."""

import html

import ipywidgets


class Explorer(ipywidgets.VBox):
    """A row of controls, the picture that they make, and a sentence that says what it shows.

    Args:
        picture: function of the controls' values, by name, that returns a `Drawing` with a caption; always of one size.
        controls: {name: widget with a value}.
    """

    def __init__(self, picture, controls):
        self._picture, self.controls = picture, controls
        self.image = ipywidgets.Image(format="png", layout=ipywidgets.Layout(max_width="100%", object_fit="contain"))
        self.image.add_class("explorer-picture")
        self.text = ipywidgets.HTML()
        self.draw()
        for control in controls.values():
            control.observe(self.draw, names="value")
        row = ipywidgets.HBox(list(controls.values()), layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([row, self.image, self.text])

    def draw(self, _change=None):
        """Draw the picture for the controls as they stand."""
        figure = self._picture(**{name: control.value for name, control in self.controls.items()})
        width, height = figure.get_size_inches()
        with self.image.hold_sync():  # one message, so that the page changes once
            self.image.value = figure.png(dpi=120)
            self.image.width, self.image.height = str(round(96 * width)), str(round(96 * height))
        # The picture's words stand below it: ipywidgets' Image takes no alternative text, and fails with a tooltip.
        self.text.value = f"<div aria-live='polite' style='line-height:1.4'>{html.escape(figure.caption)}</div>"


def slider(label, value, low, high, step=1):
    """A slider over whole numbers that reports when it is let go.

    Args:
        label: text before it.
        value, low, high, step: where it stands, its ends, and its step.
    """
    return ipywidgets.IntSlider(
        value,
        low,
        high,
        step,
        description=label,
        continuous_update=False,
        style={"description_width": "initial"},
        layout=ipywidgets.Layout(width="250px"),
    )


def choice(label, options):
    """A menu; the first option is chosen.

    Args:
        label: text before it.
        options: {text: value}.
    """
    return ipywidgets.Dropdown(
        options=list(options.items()),
        description=label,
        style={"description_width": "initial"},
        layout=ipywidgets.Layout(width="250px"),
    )
