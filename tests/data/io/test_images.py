import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from jaxbio.data.io.image_archive import read_image_archive
from jaxbio.data.io.images import (
    find_images,
    find_parts,
    loose_images,
    read_image,
    read_images,
)
from jaxbio.errors import DataError


def save(path, values, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(values)).save(path, **options)
    return path


def noise(*shape, seed=0, dtype=np.uint8):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(dtype)


# One image


def test_pixels_are_those_that_were_written(tmp_path):
    grey, colour = noise(5, 7), noise(5, 7, 3)
    read = read_image(save(tmp_path / "grey.png", grey))
    assert read.dtype == np.uint8 and read.shape == (5, 7, 1)
    np.testing.assert_array_equal(read[..., 0], grey)
    np.testing.assert_array_equal(
        read_image(save(tmp_path / "colour.png", colour)), colour
    )


def test_a_jpeg_is_nearly_what_was_written(tmp_path):
    flat = np.full((16, 16, 3), (200, 100, 50), np.uint8)
    read = read_image(save(tmp_path / "a.jpg", flat, quality=95))
    assert np.abs(read.astype(int) - flat).max() <= 3


def test_grey_becomes_three_equal_channels_and_colour_its_luma(tmp_path):
    grey = save(tmp_path / "grey.png", noise(4, 4))
    three = read_image(grey, channels=3)
    assert three.shape == (4, 4, 3) and (three == three[..., :1]).all()
    red = save(tmp_path / "red.png", np.full((1, 1, 3), (255, 0, 0), np.uint8))
    assert read_image(red, channels=1).tolist() == [[[76]]]  # 0.299 * 255


def test_sixteen_bits_stay_as_they_are(tmp_path):
    values = np.array([[0, 1, 256, 4095, 65535]], np.uint16)
    path = save(tmp_path / "deep.png", values)
    read = read_image(path)
    assert read.dtype == np.uint16 and read[0, :, 0].tolist() == values[0].tolist()
    three = read_image(path, channels=3)
    np.testing.assert_array_equal(three, np.repeat(read, 3, axis=-1))
    flat = save(tmp_path / "flat.png", np.full((4, 4), 1001, np.uint16))
    assert read_image(flat, size=(2, 3)).tolist() == [[[1001]] * 3] * 2


def test_images_of_one_input_have_the_same_depth(tmp_path):
    deep = save(tmp_path / "deep.png", np.zeros((2, 2), np.uint16))
    plain = save(tmp_path / "plain.png", np.zeros((2, 2), np.uint8))
    with pytest.raises(DataError, match="grey, 16 bits: write all with 8 bits"):
        read_images([deep, plain])


def test_sixteen_bits_in_colour_are_refused(tmp_path):
    """Pillow reads the upper half of each value, and does not say so."""

    def chunk(kind, content):
        check = zlib.crc32(kind + content)
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
        )

    path = tmp_path / "x.png"
    for colour, channels in ((2, 3), (4, 2), (6, 4)):
        header = struct.pack(">IIBBBBB", 1, 1, 16, colour, 0, 0, 0)
        pixels = zlib.compress(b"\0" + b"\1\2" * channels)
        parts = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*p) for p in parts))
        with pytest.raises(DataError, match="16 bits a channel in colour"):
            read_image(path)


def test_transparent_pixels_are_laid_over_black(tmp_path):
    values = np.array([[[200, 100, 50, 255], [200, 100, 50, 0]]], np.uint8)
    read = read_image(save(tmp_path / "alpha.png", values))
    assert read.tolist() == [[[200, 100, 50], [0, 0, 0]]]
    grey = Image.fromarray(np.array([[9, 9]], np.uint8))
    grey.putalpha(Image.fromarray(np.array([[255, 0]], np.uint8)))
    grey.save(tmp_path / "grey.png")
    assert read_image(tmp_path / "grey.png").tolist() == [[[9], [0]]]


def test_a_palette_and_one_bit_a_pixel(tmp_path):
    colour = np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)
    Image.fromarray(colour).quantize(2).save(tmp_path / "palette.png")
    np.testing.assert_array_equal(read_image(tmp_path / "palette.png"), colour)
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "bit.png")
    assert read_image(tmp_path / "bit.png").tolist() == [[[255], [0]]]


def test_a_photograph_is_turned_upright(tmp_path):
    image = Image.fromarray(np.array([[0, 255]], np.uint8))
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    image.save(tmp_path / "a.png", exif=exif)
    assert read_image(tmp_path / "a.png").tolist() == [[[0]], [[255]]]


def test_resizing_takes_means_and_not_single_pixels(tmp_path):
    stripes = np.tile(np.array([0, 255], np.uint8), (32, 16))
    read = read_image(save(tmp_path / "a.png", stripes), size=(4, 8))
    assert read.shape == (4, 8, 1)
    assert np.abs(read[:, 1:-1].astype(int) - 127).max() < 20


def test_a_large_jpeg_is_resized_as_the_same_png(tmp_path):
    ramp = np.linspace(0, 255, 400).astype(np.uint8)[None].repeat(300, axis=0)
    jpeg = read_image(save(tmp_path / "a.jpg", ramp), size=(20, 20))
    png = read_image(save(tmp_path / "a.png", ramp), size=(20, 20))
    assert np.abs(jpeg.astype(int) - png).max() <= 3


# Bad files


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_cut_off_image_is_named(name, tmp_path):
    path = cut(save(tmp_path / name, noise(40, 40)))
    with pytest.raises(DataError, match=rf"{name}: the image is cut off or damaged"):
        read_image(path)


def test_a_beginning_of_an_image_is_refused_or_has_all_pixels(tmp_path):
    values = noise(9, 9, 3)
    whole = save(tmp_path / "a.png", values).read_bytes()
    for end in range(len(whole)):
        (tmp_path / "part.png").write_bytes(whole[:end])
        try:
            read = read_image(tmp_path / "part.png")
        except DataError as error:
            assert "part.png" in str(error)
        else:
            np.testing.assert_array_equal(read, values)
            assert end > len(whole) - 30  # check sums and what marks the end


def test_a_flipped_byte_never_fails_strangely(tmp_path):
    whole = save(tmp_path / "a.png", noise(6, 6)).read_bytes()
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        (tmp_path / "b.png").write_bytes(damaged)
        try:
            read_image(tmp_path / "b.png")
        except DataError as error:
            assert "b.png" in str(error)


def test_another_format_and_a_missing_file(tmp_path):
    save(tmp_path / "a.gif", noise(3, 3))
    with pytest.raises(DataError, match="not a PNG, JPEG, TIFF or BMP image"):
        read_image(tmp_path / "a.gif")
    with pytest.raises(DataError, match=r"b\.png: no such file"):
        read_image(tmp_path / "b.png")


@pytest.mark.parametrize("options", [{"channels": 4}, {"size": (0, 3)}])
def test_options_that_make_no_sense(options, tmp_path):
    with pytest.raises(DataError, match="give"):
        read_image(save(tmp_path / "a.png", noise(3, 3)), **options)


def test_without_pillow_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(DataError, match=r"jaxbio\[image\]"):
        read_image(tmp_path / "a.png")


# Many images


def test_many_images_come_in_the_order_of_their_names(tmp_path):
    values = noise(300, 4, 6)
    paths = [save(tmp_path / f"{i}.png", each) for i, each in enumerate(values)]
    np.testing.assert_array_equal(read_images(paths)[..., 0], values)


def test_an_image_of_another_size_or_colour_is_named_with_the_remedy(tmp_path):
    paths = [save(tmp_path / f"{i}.png", noise(4, 6)) for i in range(40)]
    paths[30] = save(tmp_path / "odd.png", noise(5, 6, 3))
    with pytest.raises(DataError) as caught:
        read_images(paths, rows=range(2, 42), where="scans.csv, column image")
    message = str(caught.value)
    assert message.startswith("scans.csv, column image, row 32: ")
    assert "odd.png is 5 x 6 pixels (height x width), in colour" in message
    assert "size=(4, 6)" in message and "channels=1" in message
    read = read_images(paths, size=(4, 6), channels=1)
    assert read.shape == (40, 4, 6, 1)


def test_the_first_bad_image_is_the_one_that_is_named(tmp_path):
    paths = [save(tmp_path / f"{i}.png", noise(30, 30)) for i in range(60)]
    cut(paths[20])
    cut(paths[50])
    with pytest.raises(DataError, match=r"^row 21: .*20\.png: .*cut off"):
        read_images(paths, rows=np.arange(1, 61))


def test_no_images_at_all():
    with pytest.raises(DataError, match="no images"):
        read_images([])


# Folders


def test_a_folder_a_class(tmp_path):
    for name in ("b/2.png", "b/1.PNG", "a/x.jpeg", "a/deeper/y.png", ".trash/z.png"):
        save(tmp_path / name, noise(2, 2))
    paths, labels = find_images(tmp_path)
    assert [path.name for path in paths] == ["x.jpeg", "1.PNG", "2.png"]
    assert labels == ["a", "b", "b"]


def test_a_folder_without_classes(tmp_path):
    save(tmp_path / "1.png", noise(2, 2))
    with pytest.raises(DataError, match="1 lie beside"):
        find_images(tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        find_images(tmp_path / "missing")


@pytest.mark.parametrize("name", ["a.tif", "a.bmp"])
def test_tiff_and_bmp_keep_their_pixels(name, tmp_path):
    for values in (noise(4, 5), noise(4, 5, 3)):
        read = read_image(save(tmp_path / name, values))
        np.testing.assert_array_equal(read, values.reshape(4, 5, -1))


def test_tiff_of_16_bits_fractions_and_several_pages(tmp_path):
    from PIL import Image

    deep = np.arange(20, dtype=np.uint16).reshape(4, 5) * 3000
    assert read_image(save(tmp_path / "deep.tif", deep)).tolist() == (
        deep[..., None].tolist()
    )
    Image.fromarray(deep.astype(np.float32)).save(tmp_path / "float.tif")
    with pytest.raises(DataError, match=r"float\.tif: fractions as pixels"):
        read_image(tmp_path / "float.tif")
    page = Image.fromarray(noise(4, 5))
    page.save(tmp_path / "stack.tif", save_all=True, append_images=[page])
    with pytest.raises(DataError, match=r"stack\.tif: 2 pages"):
        read_image(tmp_path / "stack.tif")


def test_folders_of_parts_and_of_images_alone(tmp_path):
    assert find_parts(tmp_path) == {} and loose_images(tmp_path) == []
    for name in ("Train/a/1.png", "Train/b/2.png", "Test/a/3.png", "other/4.png"):
        save(tmp_path / name, noise(2, 2))
    assert find_parts(tmp_path) == {
        "train": tmp_path / "Train",
        "test": tmp_path / "Test",
    }
    assert find_parts(tmp_path / "Train") == {}
    assert loose_images(tmp_path / "Train") == []
    assert loose_images(tmp_path / "other") == [tmp_path / "other" / "4.png"]


# Archives


def archive(path, **arrays):
    np.savez_compressed(path, **arrays)
    return path


def test_an_archive_by_parts(tmp_path):
    path = archive(
        tmp_path / "a.npz",
        test_images=noise(2, 4, 4),
        test_labels=np.array([[1], [0]], np.uint8),
        train_images=noise(3, 4, 4, 3),
        train_labels=np.zeros((3, 5), np.uint8),
    )
    parts = read_image_archive(path)
    assert list(parts) == ["train", "test"]
    images, labels = parts["test"]
    assert images.shape == (2, 4, 4, 1) and labels.tolist() == [1, 0]
    assert parts["train"][0].shape == (3, 4, 4, 3)
    assert parts["train"][1].shape == (3, 5)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros(3)}, "no images in it.*there are: x"),
        ({"train_images": noise(2, 4, 4)}, "no train_labels"),
        (
            {"train_images": noise(2, 4, 4), "train_labels": np.zeros(3)},
            "2 train_images but 3 train_labels",
        ),
        (
            {"train_images": np.zeros((2, 4, 4)), "train_labels": np.zeros(2)},
            "must be uint8",
        ),
        (
            {"train_images": noise(2, 4, 4, 4), "train_labels": np.zeros(2)},
            "the shape .2, 4, 4, 4.",
        ),
    ],
)
def test_an_archive_of_another_layout(arrays, message, tmp_path):
    with pytest.raises(DataError, match=message):
        read_image_archive(archive(tmp_path / "a.npz", **arrays))


def test_a_damaged_archive(tmp_path):
    path = archive(
        tmp_path / "a.npz", train_images=noise(9, 9, 9), train_labels=np.zeros(9)
    )
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"no archive", b""):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"a\.npz: not a whole npz file"):
            read_image_archive(path)
    flipped = bytearray(whole)
    flipped[300] ^= 0xFF
    path.write_bytes(flipped)
    with pytest.raises(DataError, match=r"a\.npz"):
        read_image_archive(path)


@pytest.mark.data
def test_real_archives(real_data):
    parts = read_image_archive(real_data("image/pneumoniamnist/pneumoniamnist.npz"))
    assert {name: len(labels) for name, (_, labels) in parts.items()} == {
        "train": 4708,
        "val": 524,
        "test": 624,
    }
    images, labels = parts["train"]
    assert images.shape[1:] == (28, 28, 1)
    assert np.bincount(labels).tolist() == [1214, 3494]
    colour = read_image_archive(real_data("image/retinamnist/retinamnist.npz"))
    assert colour["val"][0].shape == (120, 28, 28, 3)


def test_an_image_larger_than_its_file_can_hold(tmp_path):
    path = save(tmp_path / "x.png", np.zeros((4, 4), np.uint8))
    content = bytearray(path.read_bytes())
    content[16:24] = (9000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    path.write_bytes(content)
    with pytest.raises(DataError, match="claims 9000 x 9000 pixels"):
        read_image(path)
    flat = np.zeros((3000, 3000), np.uint8)  # packed as well as may be
    assert read_image(save(tmp_path / "flat.png", flat)).shape == (3000, 3000, 1)
    assert read_image(save(tmp_path / "flat.jpg", flat)).shape == (3000, 3000, 1)
