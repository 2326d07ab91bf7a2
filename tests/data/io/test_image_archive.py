"""Images: folders, tables of files and archives."""

import numpy as np
import pandas as pd
import pytest

from jaxbio.data import infer, read
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.images import Images
from jaxbio.data.formats import read_frames, split_of
from jaxbio.data.learn import learn_schema
from jaxbio.data.reading import stream
from jaxbio.errors import DataError

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


SPOTS = np.random.default_rng(0).integers(0, 256, (6, 8, 10, 1), np.uint8)


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(path)


@pytest.fixture
def folder(tmp_path):
    """Two classes with three images each."""
    for at, pixels in enumerate(SPOTS):
        save(tmp_path / "scans" / ("sick", "well")[at % 2] / f"{at}.png", pixels)
    return tmp_path / "scans"


def test_a_folder_with_a_folder_for_each_class(folder):
    (folder / "notes.txt").write_text("not an image")
    assert infer(folder) == ({"image": "image"}, {"label": "class"})
    data = read(folder)
    assert isinstance(data.inputs["image"], Images)
    np.testing.assert_array_equal(
        data.inputs["image"].values, SPOTS[[0, 2, 4, 1, 3, 5]]
    )
    assert data.targets["label"].values.tolist() == ["sick"] * 3 + ["well"] * 3
    assert data.ids.tolist()[:2] == ["sick/0.png", "sick/2.png"]
    small = read(folder, inputs={"image": "image=4x5x3"}).inputs["image"]
    assert small.values.shape == (6, 4, 5, 3) and small.resized


def test_paths_stand_beside_the_table(folder, tmp_path, monkeypatch):
    rows = [f"scans/{('sick', 'well')[at % 2]}/{at}.png,{at}" for at in range(6)]
    (tmp_path / "rows.csv").write_text("scan,y\n" + "\n".join(rows) + "\n")
    other = tmp_path / "other" / "scans" / "sick"
    other.mkdir(parents=True)
    Image.fromarray(np.zeros((8, 10), np.uint8)).save(other / "0.png")
    monkeypatch.chdir(tmp_path / "other")  # the table's folder comes first
    data = read(tmp_path / "rows.csv", inputs={"scan": None}, targets={"y": "number"})
    np.testing.assert_array_equal(data.inputs["scan"].values, SPOTS)
    absolute = pd.DataFrame({"scan": [str(folder / "sick" / "2.png")], "y": [1]})
    found = read(absolute, inputs={"scan": "image"}, targets={"y": "number"})
    np.testing.assert_array_equal(found.inputs["scan"].values, SPOTS[2:3])
    monkeypatch.chdir(tmp_path)
    here = pd.DataFrame({"scan": ["scans/sick/4.png"], "y": [1]})
    found = read(here, inputs={"scan": "image"}, targets={"y": "number"})
    np.testing.assert_array_equal(found.inputs["scan"].values, SPOTS[4:5])


def test_a_missing_image_is_a_missing_item(folder, tmp_path):
    (tmp_path / "rows.csv").write_text("scan,age\nscans/sick/0.png,1\n,2\n")
    kinds = {"scan": "image", "age": "numeric"}
    column = read(tmp_path / "rows.csv", inputs=kinds, targets=[]).inputs["scan"]
    assert isinstance(column, DictionaryColumn) and column.indices.tolist() == [0, -1]
    np.testing.assert_array_equal(column.values.values, SPOTS[:1])


def test_prediction_brings_images_to_the_size_of_training(folder, tmp_path):
    data = read(folder, inputs={"image": "image=8x8x1"})
    schema = learn_schema(data, {"label": ("class", False)})
    assert (schema.input("image").size, schema.input("image").resized) == (
        (8, 8, 1),
        True,
    )
    save(tmp_path / "large.png", np.full((20, 30, 3), 77, np.uint8))
    table = pd.DataFrame({"image": [str(tmp_path / "large.png")]})
    (found,) = stream(table, schema)
    assert schema.encode(found, targets=False).inputs["image"].shape == (1, 8, 8, 1)
    plain = learn_schema(read(folder), {"label": ("class", False)})
    (found,) = stream(table, plain)
    with pytest.raises(DataError, match="are 20 x 30 x 3, the model takes 8 x 10 x 1"):
        plain.encode(found, targets=False)


def test_images_of_several_sizes_and_damaged_ones_are_named(folder, tmp_path):
    save(tmp_path / "large.png", np.zeros((9, 10, 1), np.uint8))
    whole = (folder / "sick" / "0.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.png").write_text("GIF")
    for name, message in (
        ("large.png", r"large\.png is 9 x 10 pixels .*'image=8x10'"),
        ("cut.png", r"cut\.png: the image is cut off or damaged"),
        ("text.png", r"text\.png: not a PNG, JPEG, TIFF or BMP image"),
        ("none.png", r"none\.png: no such file"),
    ):
        (tmp_path / "rows.csv").write_text(f"scan,y\nscans/sick/0.png,1\n{name},2\n")
        with pytest.raises(
            DataError, match=r"rows\.csv, column scan, row 3: .*" + message
        ):
            read(
                tmp_path / "rows.csv", inputs={"scan": "image"}, targets={"y": "number"}
            )
    save(folder / "well" / "9.png", np.zeros((9, 10, 1), np.uint8))
    with pytest.raises(
        DataError, match=r"column image, row 7: .*well/9\.png is 9 x 10"
    ):
        read(folder, inputs={"image": "image"}, targets={"label": "class"})
    for kind in ("image=8", "image=8x", "image=8x8x1x1"):
        with pytest.raises(DataError, match="write image=HEIGHTxWIDTH or"):
            read(folder, inputs={"image": kind})
    with pytest.raises(DataError, match="channels=2: give 1 for grey or 3"):
        read(folder, inputs={"image": "image=8x8x2"})


def archive(path, **more):
    arrays = {
        f"{part}_{what}": values[at : at + 2]
        for at, part in ((0, "train"), (2, "val"), (4, "test"))
        for what, values in (
            ("images", SPOTS[..., 0]),
            ("labels", np.arange(6)[:, None] % 3),
        )
    }
    np.savez(path, **{**arrays, **more})
    return path


def test_an_archive_has_its_own_split(tmp_path):
    path = archive(tmp_path / "spots.npz")
    assert infer(path)[0] == {"image": "image"}
    data = read(path, targets={"label": "class"}, groups="split")
    assert set(data.inputs) == {"image"} and set(data.targets) == {"label"}
    np.testing.assert_array_equal(data.inputs["image"].values, SPOTS)
    assert data.targets["label"].values.tolist() == list("012012")
    assert data.groups.tolist() == ["train"] * 2 + ["valid"] * 2 + ["test"] * 2
    with pytest.raises(DataError, match="images of an archive keep their size"):
        read(path, inputs={"image": "image=4x4x1"})
    one = np.eye(2, 3, dtype=np.uint8)
    several = {f"{part}_labels": one for part in ("train", "val", "test")}
    data = read(archive(tmp_path / "x.npz", **several), targets={"label_*": "labels"})
    np.testing.assert_array_equal(data.targets["label_*"].values[:2], one)
    with pytest.raises(DataError, match="pixels must be uint8"):
        read(archive(tmp_path / "f.npz", train_images=np.zeros((2, 8, 10))))


def labelled(path, *labels):
    parts = dict(zip(("train", "val", "test"), labels, strict=True))
    return archive(path, **{f"{part}_labels": x for part, x in parts.items()})


def test_labels_of_an_archive_stay_as_they_are(tmp_path):
    (a, b, c), path = [[0.2, 0.7], [1.6, 2.9], [1.0, 2.0]], tmp_path / "x.npz"
    data = read(labelled(path, a, b, c), targets={"label": "number"})
    assert data.targets["label"].values.ravel().tolist() == pytest.approx(a + b + c)
    # Whole numbers are so in all parts; float or not, classes have the same names.
    frames = list(read_frames(labelled(path, c, c, c)))
    assert [frame.columns["label"].dtype for frame in frames] == [np.int64] * 3
    data = read(labelled(path, [1.0, np.nan], c, c), targets={"label": "class"})
    assert data.targets["label"].values.tolist()[2:] == list("1212")
    for words in (["sick", "well"], [b"sick", b"well"]):
        file = labelled(path, *[np.array(words)] * 3)
        data = read(file, targets={"label": "class"})
        assert data.targets["label"].values.tolist() == ["sick", "well"] * 3


def test_what_a_folder_of_images_leaves_out_is_noted(folder):
    assert read(folder).notes == ()
    (folder / "sick" / "deeper").mkdir()
    for name in ("sick/a.gif", "well/b.GIF", "sick/c.txt", "loose.png", "none/d.gif"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    assert read(folder).notes == (
        f"{folder}: left out: 5 in class folders that are no PNG, JPEG, TIFF or BMP "
        f"file (3 .gif, 1 .txt, 1 folder); 1 beside the class folders (1 .png); 1 "
        f"folder without images, which is no class ('none')",
    )


def test_other_archives_are_tables(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.arange(3.0), y=np.arange(3))
    (frame,) = read_frames(tmp_path / "x.npz")
    assert not frame.arrays and list(frame.columns) == ["a", "y"]


def test_folders_of_parts_divide_the_rows(tmp_path):
    pixels = np.zeros((4, 4, 1), np.uint8)
    for name in ("train/a/1.png", "train/b/2.png", "val/a/3.png", "test/b/4.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        save(tmp_path / name, pixels)
    assert split_of(tmp_path) == "split" and split_of(tmp_path / "train") is None
    frames = list(read_frames(tmp_path))
    rows = [row for frame in frames for row in frame.rows.tolist()]
    columns = {
        name: [cell for frame in frames for cell in frame.columns[name]]
        for name in ("id", "label", "split")
    }
    assert rows == [1, 2, 3, 4]
    assert columns == {
        "id": ["train/a/1.png", "train/b/2.png", "val/a/3.png", "test/b/4.png"],
        "label": ["a", "b", "a", "b"],
        "split": ["train", "train", "valid", "test"],
    }


def test_a_folder_of_images_alone_is_read_without_labels(tmp_path):
    for name in ("2.png", "1.png"):
        save(tmp_path / name, np.zeros((4, 4, 1), np.uint8))
    (frame,) = read_frames(tmp_path)
    assert list(frame.columns) == ["id", "image"] and not frame.notes
    assert frame.columns["id"].tolist() == ["1.png", "2.png"]
