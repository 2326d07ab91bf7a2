"""jaxbio: from biological files and labels to trained, checked and portable models.

```python
import jaxbio as jb

data = jb.read("mpra.csv", inputs={"seq": "dna"}, targets=["activity"])
train, valid, test = jb.split(data, by="similarity", seed=0)
run = jb.fit(jb.CNN(), jb.Regression(), train, valid, epochs=30, out="runs/mpra")
print(run.evaluate(test))
jb.load("runs/mpra")(["ACGTTGCA"]).values
```
"""

import lazy_loader

from jaxbio.version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
