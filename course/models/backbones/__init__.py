"""Encoders: from an image to features at strides up to 32.

All of them are called alike. `encoder(images)` takes (n, 3, h, w) and returns a tuple of features, the finest first;
`encoder.strides` and `encoder.channels` say, in the same order, the stride and the channels of each. Images come
normalized; for torchvision's weights by ImageNet's mean and deviation, as `course.models.images.Normalized` does it
unless told otherwise.

- `vgg`: VGG-11 to 19, plain or with batch normalization.
- `resnet`: ResNet-18 to 101 with output stride 32, 16 or 8.
- `drn`: dilated residual networks A, C and D, at output stride 8.
- `dilation`: strides replaced by dilation in any trained network.
- `torchvision_encoder`: any other classifier of torchvision.
- `weights`: the weights of a trained classifier, from torchvision or from a file, into an encoder.
"""
