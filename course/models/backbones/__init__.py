"""Encoders: from an image to features at strides up to 32.

All of them are called alike. `encoder(images)` takes (n, 3, h, w) and returns a tuple of features, the finest first;
`encoder.strides` and `encoder.channels` say, in the same order, the stride and the channels of each. Images are
expected as torchvision's classifiers were trained on them: RGB in [0, 1], minus (0.485, 0.456, 0.406), over
(0.229, 0.224, 0.225).

- `vgg`: VGG-11 to 19, plain or with batch normalisation.
- `resnet`: ResNet-18 to 101 with output stride 32, 16 or 8.
- `torchvision_encoder`: any other classifier of torchvision.
- `weights`: the weights of a trained classifier, from torchvision or from a file, into an encoder.
"""
