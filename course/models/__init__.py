"""Networks and their weights.

- `networks`   THE table: one line a network; `build` makes one by its name
- `zoo`        trained weights by name, by a run's folder or by a file
- `images`     what every network does with its images: checks, normalization, resizing
- `dense`      backbone and head
- `blocks`     what several networks are made of
- `backbones`  features at strides 2 to 32: VGG, ResNet, DRN, any classifier of torchvision; dilation
- `semantic`   a file a family: FCN, SegNet, DeconvNet, U-Net, HRNet, context module, ParseNet, PSPNet, DeepLab, EncNet

Classes are bare: they take normalized images. What `build` and `zoo.load` give takes images in [0, 1].
"""
