"""Files of PyTorch made by hand, as PyTorch is not needed to read them."""

import io
import pickle
import zipfile


class Global:
    """Something that a pickle asks for by name."""

    def __init__(self, module, name):
        self.name = f"{module}\n{name}\n"


class Call:
    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments


class Stored:
    def __init__(self, kind, key, count):
        self.pid = ("storage", Global("torch", kind), key, "cpu", count)


class Writer(pickle._Pickler):
    """A pickler that can name what is not installed."""

    def save(self, value, save_persistent_id=True):
        if isinstance(value, Global):
            return self.write(b"c" + value.name.encode())
        if isinstance(value, Call):
            self.save(value.function)
            self.save(value.arguments)
            return self.write(b"R")
        if isinstance(value, State):  # made, then given its attributes
            made, values = value.parts
            self.save(Call(made))
            self.save(values)
            return self.write(b"b")
        if isinstance(value, Stored):
            self.save(value.pid)
            return self.write(b"Q")
        return super().save(value, save_persistent_id)


REBUILD = Global("torch._utils", "_rebuild_tensor_v2")


def tensor(key, count, size, stride, kind="FloatStorage", offset=0):
    return Call(REBUILD, Stored(kind, key, count), offset, size, stride, False, ())


def torch_file(path, content, **storages):
    text = io.BytesIO()
    Writer(text, 2).dump(content)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", text.getvalue())
        for key, values in storages.items():
            archive.writestr(f"archive/data/{key[1:]}", values.tobytes())
    return path


def named_tensors(tensors):
    """Arrays by name as a file keeps them: what refers to storages, and these."""
    content, storages = {}, {}
    for number, (name, values) in enumerate(tensors.items()):
        steps = [step // values.itemsize for step in values.strides]
        content[name] = tensor(str(number), values.size, values.shape, tuple(steps))
        storages[f"_{number}"] = values
    return content, storages


class State:
    """An object of a class by name, with attributes."""

    def __init__(self, module, name, values):
        self.parts = (Global(module, name), values)
