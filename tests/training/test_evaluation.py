import pytest
import torch
from sklearn.metrics import confusion_matrix
from torch import nn

from course.metrics import ConfusionMatrix
from course.training import batches, evaluate
from tests.training.toy import Blobs, net


def test_evaluation_counts_every_pixel_once_in_evaluation_mode_and_puts_the_mode_back():
    model, data = net(), Blobs(count=7, jitter=0)
    model.train()
    model[1].eval()
    modes = [module.training for module in model.modules()]
    result = evaluate(model, batches(data, 3, shuffle=False), ConfusionMatrix(2), device="cpu", bar=False)
    assert [module.training for module in model.modules()] == modes
    model.eval()
    images, labels = torch.stack([data[i][0] for i in range(7)]), torch.stack([data[i][1] for i in range(7)])
    expected = confusion_matrix(labels.flatten(), model(images).argmax(1).flatten(), labels=[0, 1])
    assert result.matrix.tolist() == expected.tolist()


def test_the_metric_starts_at_zero_each_time():
    metric, loader = ConfusionMatrix(2), batches(Blobs(), 4, shuffle=False)
    first = evaluate(net(), loader, metric, device="cpu", bar=False)
    again = evaluate(net(), loader, metric, device="cpu", bar=False)
    assert torch.equal(first.matrix, again.matrix)


def test_no_gradient_is_kept_and_what_a_model_caches_can_be_trained_with():
    class Caching(nn.Conv2d):
        def forward(self, images):
            self.cached = torch.ones_like(images) if not hasattr(self, "cached") else self.cached
            return super().forward(images * self.cached)

    model = Caching(3, 2, 1)
    evaluate(
        model, [(torch.rand(2, 3, 4, 4), torch.zeros(2, 4, 4, dtype=torch.long))], ConfusionMatrix(2), device="cpu"
    )
    assert model.weight.grad is None
    model(torch.rand(2, 3, 4, 4)).sum().backward()


def test_an_empty_loader_is_refused():
    with pytest.raises(ValueError, match="gave no batch; wanted at least one to evaluate"):
        evaluate(net(), [], ConfusionMatrix(2), device="cpu", bar=False)
