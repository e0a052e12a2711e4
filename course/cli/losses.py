"""The names that `course train --loss` takes, and what each stands for."""

LOSSES = ("cross-entropy", "cross-entropy+dice", "focal", "dice", "lovasz", "ohem")


def find_loss(name):
    """A loss by its name: (logits, target) -> scalar; ValueError for a name that is not in `LOSSES`."""
    from course import losses

    match name:
        case "cross-entropy":
            return losses.cross_entropy
        case "cross-entropy+dice":
            return lambda logits, target: losses.cross_entropy(logits, target) + losses.dice_loss(logits, target)
        case "focal":
            return losses.focal_loss
        case "dice":
            return losses.dice_loss
        case "lovasz":
            return losses.lovasz_softmax
        case "ohem":
            return losses.ohem
    raise ValueError(f"There is no loss called {name!r}. Choose one of: {', '.join(LOSSES)}.")
