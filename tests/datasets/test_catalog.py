"""The catalogue: entries, where sets are looked for, downloads from loopback."""

import gzip
import hashlib
import http.server
import io
import socket
import sys
import threading
import zipfile

import pytest

from jaxbio.datasets import catalog, loaders
from jaxbio.errors import DataError, JaxbioError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PLAIN = b"sequence,label\nACGT,1\nTTTT,0\n"
TABLE = b"sequence,target,set,validation\nMKV,1.0,train,\nMKL,0.5,test,\n"


def archive(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return file.getvalue()


def set_file(name, path, content, **more):
    checksum = hashlib.sha256(content).hexdigest()
    return catalog.SetFile(
        name, "someone/data", COMMIT, path, len(content), checksum, **more
    )


ENTRY = catalog.SetInfo(
    "toy", "genomics", "Toy", "Two files.", "CC0", "Nobody (2024)",
    files=(
        set_file("plain.csv.gz", "data/plain（n=2）.csv", PLAIN),
        set_file("as_is.csv", "data/as_is.csv", PLAIN),
        set_file("a.csv", "splits.zip", TABLE, member="splits/a.csv"),
        set_file("b.csv.gz", "splits.zip", PLAIN, member="splits/b.csv"),
    ),
)  # fmt: skip


@pytest.fixture
def server():
    """A server on loopback: what it has is `served`, what it was asked is `asked`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            content = self.server.served.get(self.path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *args):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.asked = []
    base = f"/someone/data/{COMMIT}"
    running.served = {
        f"{base}/data/plain%EF%BC%88n%3D2%EF%BC%89.csv": PLAIN,
        f"{base}/data/as_is.csv": PLAIN,
        f"{base}/splits.zip": archive({"splits/a.csv": TABLE, "splits/b.csv": PLAIN}),
    }
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    running.base_url = f"http://127.0.0.1:{running.server_port}"
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """A catalogue with one set, an empty cache and no other folder of sets."""
    monkeypatch.setattr(catalog, "names", lambda: ("toy",))
    monkeypatch.setattr(catalog, "info", lambda name: ENTRY)
    monkeypatch.setenv("JAXBIO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("JAXBIO_DATA", raising=False)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    return tmp_path / "cache" / "genomics" / "toy"


def left_behind(toy):
    return sorted(toy.parent.iterdir()) if toy.parent.exists() else []


def test_a_set_is_downloaded_checked_and_laid_out(server, toy):
    folder = catalog.get("toy", base_url=server.base_url)
    assert folder == toy == catalog.path("toy")
    assert sorted(file.name for file in folder.iterdir()) == [
        "a.csv", "as_is.csv", "b.csv.gz", "plain.csv.gz",
    ]  # fmt: skip
    assert gzip.decompress((folder / "plain.csv.gz").read_bytes()) == PLAIN
    assert (folder / "as_is.csv").read_bytes() == PLAIN
    assert (folder / "a.csv").read_bytes() == TABLE
    packed = (folder / "b.csv.gz").read_bytes()
    assert packed == (folder / "plain.csv.gz").read_bytes()
    assert packed[3] == 0 and packed[4:8] == bytes(4)  # no name, no time
    assert len(server.asked) == 3  # the archive was fetched once
    assert left_behind(toy) == [toy]


def test_what_is_there_is_not_downloaded_again(server, toy):
    catalog.get("toy", base_url=server.base_url)
    asked = len(server.asked)
    assert catalog.get("toy", base_url=server.base_url) == toy
    assert len(server.asked) == asked


def test_progress_goes_to_standard_error(server, toy, capsys):
    catalog.get("toy", base_url=server.base_url + "/", progress=True)
    shown = capsys.readouterr()
    assert shown.out == "" and "toy" in shown.err


def test_a_damaged_download_leaves_nothing(server, toy):
    server.served[f"/someone/data/{COMMIT}/data/as_is.csv"] = PLAIN[:-1] + b"?"
    with pytest.raises(
        JaxbioError, match=r"as_is\.csv has 29 bytes with sha256"
    ) as error:
        catalog.get("toy", base_url=server.base_url)
    assert "try again" in str(error.value) and server.base_url in str(error.value)
    assert left_behind(toy) == []


@pytest.mark.parametrize(
    "content", [b"this is no zip file", archive({"splits/a.csv": TABLE})]
)
def test_a_damaged_archive_leaves_nothing(server, toy, content):
    server.served[f"/someone/data/{COMMIT}/splits.zip"] = content
    with pytest.raises(JaxbioError, match=r"splits\.zip is not the archive"):
        catalog.get("toy", base_url=server.base_url)
    assert left_behind(toy) == []


def test_a_download_stops_at_the_size_that_it_should_have(server, toy):
    (address,) = (url for url in server.served if url.endswith("as_is.csv"))
    server.served[address] = PLAIN + b"x" * (1 << 20)
    with pytest.raises(JaxbioError, match=r"more than the [\d,]+ bytes .* stopped"):
        catalog.get("toy", base_url=server.base_url)


def test_a_missing_file_names_its_address(server, toy):
    del server.served[f"/someone/data/{COMMIT}/data/as_is.csv"]
    with pytest.raises(JaxbioError, match=r"data/as_is\.csv answered 404.*JAXBIO_DATA"):
        catalog.get("toy", base_url=server.base_url)
    assert left_behind(toy) == []


def test_no_network_says_what_to_do(toy):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(JaxbioError) as error:
            catalog.get("toy", base_url=f"http://127.0.0.1:{port}")
    assert f"cannot download http://127.0.0.1:{port}/someone/data" in str(error.value)
    assert "check the network" in str(error.value)
    assert left_behind(toy) == []


def test_without_pooch_the_extra_is_named(server, toy, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(JaxbioError, match=r"pip install 'jaxbio\[data\]'"):
        catalog.get("toy", base_url=server.base_url)
    assert left_behind(toy) == []


def test_a_cache_that_cannot_be_written(server, toy, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("JAXBIO_CACHE", str(tmp_path / "file"))
    with pytest.raises(JaxbioError, match=r"cannot write to .*JAXBIO_CACHE"):
        catalog.get("toy", base_url=server.base_url)


def test_own_folder_comes_first_then_the_cache(toy, monkeypatch, tmp_path):
    with pytest.raises(DataError, match="type: jaxbio data get toy"):
        catalog.path("toy")
    own = tmp_path / "own" / "genomics" / "toy"
    for folder in (toy, own):
        folder.mkdir(parents=True)
        for file in ENTRY.files:
            (folder / file.name).write_bytes(b"")
    assert catalog.path("toy") == toy
    monkeypatch.setenv("JAXBIO_DATA", str(tmp_path / "own"))
    assert catalog.path("toy") == own == catalog.get("toy")
    (own / "as_is.csv").unlink()
    with pytest.raises(DataError, match=r"lacks as_is\.csv \(1 of 4 files of toy\)"):
        catalog.path("toy")


@pytest.mark.parametrize("name", catalog.names())
def test_every_entry_is_complete(name):
    entry = catalog.info(name)
    assert entry.name == name and entry.area
    for text in (entry.title, entry.description, entry.licence, entry.citation):
        assert text
    # A set with a loader says what the loader gives.
    assert bool(entry.inputs and entry.targets) == (name in loaders._LOADERS)
    assert entry.files or entry.local_only or entry.package
    for file in entry.files:
        assert len(file.sha256) == 64 and len(file.commit) == 40 and file.bytes > 0
        assert file.url_path.isascii() and file.repository.count("/") == 1
    assert len({file.name for file in entry.files}) == len(entry.files)


def test_a_set_that_cannot_be_downloaded_says_why(monkeypatch, tmp_path):
    monkeypatch.setenv("JAXBIO_CACHE", str(tmp_path))
    monkeypatch.delenv("JAXBIO_DATA", raising=False)
    for call in (catalog.get, catalog.path):
        with pytest.raises(DataError, match=r"cannot be downloaded.*R object"):
            call("golub")


@pytest.mark.data
@pytest.mark.parametrize("name", [n for n in catalog.names() if n != "ars1"])
def test_files_here_are_those_of_the_catalogue(real_data, name):
    entry = catalog.info(name)
    folder = real_data(f"{entry.area}/{name}")
    for file in entry.files:
        content = (folder / file.name).read_bytes()
        packed_there = file.path.endswith(".gz") and ".tar." not in file.path
        if file.name.endswith(".gz") and not packed_there:
            content = gzip.decompress(content)
        assert len(content) == file.bytes
        assert hashlib.sha256(content).hexdigest() == file.sha256
