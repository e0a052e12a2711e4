"""Pictures and their labels: drawn, shipped, or read from disk.

- `scenes`      small street scenes drawn from a seed, with exact truth
- `photos`      the real photographs inside scikit-image's package
- `readers`     data sets on disk: CamVid, VOC, electron-microscopy membranes
- `transforms`  what happens to a picture and its label together before training
- `palettes`    class names and colors
- `catalogue`   which data sets exist, and where the course looks for them
- `download`    one file over HTTP: resumed, checked, put in place in one step
- `fetch`       a data set from its archive into the layout that its reader takes
"""
