"""Data sets on disk, in the layouts that they are published in.

Each reader is a `torch.utils.data.Dataset` of pairs `(image, label)`: a `tv_tensors.Image`, float32 (3, h, w) in
[0, 1], and a `tv_tensors.Mask`, int64 (h, w), void = 255. Being such tensors they go through torchvision's transforms
together.
"""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(__name__, {"camvid": "CamVid", "membranes": "Membranes", "voc": "VOC"})
