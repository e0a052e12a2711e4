"""Wrong and right answers to `train_in_stages`."""

from autograder.audit.answers import Allowed, Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "train_in_stages",
        "losses with the graphs of their steps",
        fails="losses_are_plain_numbers",
        says="a tensor keeps the graph",
        edits=(("losses.append(loss.item())", "losses.append(loss)"),),
        alone=True,
    ),
    Wrong(
        "train_in_stages",
        "the state of the caller overwritten",
        fails="it_has_good_manners",
        says="state changed in place",
        edits=(
            (
                "    return losses, net.state_dict()",
                "    for name, value in net.state_dict().items():\n        state[name].copy_(value)\n    return losses, state",
            ),
        ),
    ),
    Wrong(
        "train_in_stages",
        "batches taken out of the list of the caller",
        fails="it_has_good_manners",
        says="batches changed in place",
        edits=(
            (
                "    for step, (images, truth) in enumerate(batches):\n",
                "    for step in range(len(batches)):\n        images, truth = batches.pop(0)\n",
            ),
        ),
    ),
    Wrong(
        "train_in_stages",
        "one network trained on and on",
        fails="it_has_good_manners",
        says="same",
        source="""
nets = []


def train_in_stages(state, batches, frozen, lr):
    if not nets:
        nets.append(rebuild(state))
    net, losses = nets[0], []
    net.encoder.requires_grad_(False).eval()
    optimizer = torch.optim.SGD(net.decoder.parameters(), lr, momentum=0.9)
    for step, (images, truth) in enumerate(batches):
        if step == frozen:
            net.encoder.requires_grad_(True).train()
            slow = {"params": net.encoder.parameters(), "lr": lr / 10}
            optimizer = torch.optim.SGD([slow, {"params": net.decoder.parameters()}], lr, momentum=0.9)
        loss = F.cross_entropy(net(images), truth, ignore_index=255)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, net.state_dict()
""",
    ),
    Wrong(
        "train_in_stages",
        "the frozen encoder stays in training mode",
        fails="the_frozen_encoder_keeps_its_statistics",
        says="eval mode",
        edits=(("    net.encoder.eval()\n", ""),),
    ),
    Wrong(
        "train_in_stages",
        "nothing is frozen",
        fails="the_frozen_encoder_keeps_its_weights",
        says="must not change",
        edits=(
            ("net.encoder.requires_grad_(False)", "pass"),
            ("SGD(net.decoder.parameters()", "SGD(net.parameters()"),
        ),
    ),
    Wrong(
        "train_in_stages",
        "the encoder stays frozen for ever",
        fails="in_the_second_stage_the_encoder_learns_at_a_tenth",
        says="In the second stage",
        edits=(("net.encoder.requires_grad_(True)", "pass"),),
    ),
    Wrong(
        "train_in_stages",
        "one rate for both",
        fails="in_the_second_stage_the_encoder_learns_at_a_tenth",
        says="lr / 10",
        edits=(('"lr": lr / 10', '"lr": lr'),),
    ),
    Wrong(
        "train_in_stages",
        "the encoder still in eval mode in the second stage",
        fails="without_a_first_stage_everything_learns_at_once",
        says="in training mode",
        edits=(("            net.encoder.train()\n", ""),),
    ),
    Wrong(
        "train_in_stages",
        "the kernels are unfrozen with the rest",
        fails="in_the_second_stage_the_encoder_learns_at_a_tenth",
        says="In the second stage",
        edits=(("net.encoder.requires_grad_(True)", "net.requires_grad_(True)"),),
    ),
    Wrong(
        "train_in_stages",
        "the encoder handed to the optimizer only once, at the beginning",
        fails="in_the_second_stage_the_encoder_learns_at_a_tenth",
        says="new optimizer",
        edits=(
            (
                "            optimizer = torch.optim.SGD([slow, fast]",
                "            _ = torch.optim.SGD([slow, fast]",
            ),
        ),
    ),
    Wrong(
        "train_in_stages",
        "void counts",
        fails="in_the_first_stage_the_decoder_learns",
        says="Target 255",
        edits=((", ignore_index=255", ""),),
    ),
    Wrong(
        "train_in_stages",
        "gradients pile up",
        fails="in_the_first_stage_the_decoder_learns",
        says="steps of SGD",
        edits=(("        optimizer.zero_grad()\n", ""),),
    ),
    Wrong(
        "train_in_stages",
        "no momentum",
        fails="in_the_first_stage_the_decoder_learns",
        says="momentum 0.9",
        edits=((", momentum=0.9", ""),),
    ),
]

RIGHT = [
    Right(
        "train_in_stages",
        "two loops, one for each stage",
        """
def train_in_stages(state, batches, frozen, lr):
    net = rebuild(state)
    losses = []

    def run(part, optimizer):
        for images, truth in part:
            optimizer.zero_grad()
            loss = nn.CrossEntropyLoss(ignore_index=255)(net(images), truth)
            loss.backward()
            optimizer.step()
            losses.append(float(loss))

    net.train()
    net.encoder.eval()
    run(batches[:frozen], torch.optim.SGD(net.decoder.parameters(), lr=lr, momentum=0.9))
    net.train()
    groups = [{"params": net.encoder.parameters(), "lr": 0.1 * lr}, {"params": net.decoder.parameters(), "lr": lr}]
    run(batches[frozen:], torch.optim.SGD(groups, momentum=0.9, lr=lr))
    return losses, net.state_dict()
""",
    ),
    Right(
        "train_in_stages",
        "the encoder's features detached",
        """
def train_in_stages(state, batches, frozen, lr):
    net = rebuild(state)
    optimizer, losses = None, []
    for step in range(len(batches)):
        first = step < frozen
        if step in (0, frozen):
            parts = [{"params": [p for p in net.decoder.parameters() if p.requires_grad], "lr": lr}]
            if not first:
                parts.append({"params": list(net.encoder.parameters()), "lr": lr / 10})
            optimizer = torch.optim.SGD(parts, lr=lr, momentum=0.9)
        net.encoder.train(not first)
        for p in net.encoder.parameters():
            p.requires_grad = not first
        images, truth = batches[step]
        loss = F.cross_entropy(net(images), truth, ignore_index=255)
        for p in net.parameters():
            p.grad = None
        loss.backward()
        optimizer.step()
        losses.append(loss.detach().item())
    return losses, {name: value.detach().clone() for name, value in net.state_dict().items()}
""",
    ),
]

EQUIVALENT = [
    Equivalent(
        "train_in_stages",
        "net.encoder.requires_grad_(False) →",
        "the first optimizer knows the decoder alone: the flag saves work, and changes nothing",
    ),
]

ALLOWED = [
    Allowed(
        "train_in_stages",
        "computes in float32",
        "`rebuild`, which the lab hands over, makes a float32 network",
    ),
]
