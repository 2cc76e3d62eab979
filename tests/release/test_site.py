"""A site: the same promises kept by a folder, by servers and by object stores."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.release.site import SiteError, open_site
from tests.places import ROOT
from tests.release.object_store import ObjectStore, bare_environment, credentials, object_store

TIMESTAMP = "metadata/timestamp.json"
PORTRAIT = "targets/media/portraits/ab12.claire.jpg"
BUCKET = "vitrines"

# moto still calls utcnow(), of which Python warns from 3.12 on.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    """An S3 server with one bucket."""
    with object_store() as running:
        running.make_bucket(BUCKET)
        yield running


@pytest.fixture
def s3(store: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ObjectStore:
    """The S3 server, with an environment that leads to it."""
    bare_environment(monkeypatch, tmp_path)
    credentials(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", store.endpoint)
    return store


def _s3_address(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue("s3")
    return f"s3://{BUCKET}/{request.node.name}"


ADDRESSES: dict[str, Callable[[pytest.FixtureRequest, Path], str]] = {
    "folder": lambda _, path: str(path / "new" / "site"),
    "file-url": lambda _, path: (path / "le site").as_uri(),
    "server": lambda _, path: f"local://{(path / 'served').as_posix()}",
    "memory": lambda request, _: f"memory://{request.node.name}",
    "s3": lambda request, _: _s3_address(request),
}


@pytest.fixture(params=ADDRESSES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty site of each kind."""
    return ADDRESSES[request.param](request, tmp_path)


def refusal(act: Callable[[], object]) -> str:
    """What is told of something a site does not do."""
    with pytest.raises(SiteError) as caught:
        act()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_keeps_the_promises_of_a_site(where: str) -> None:
    site = open_site(where)
    assert site.where == where
    assert site.read(TIMESTAMP) is None
    assert site.sizes("metadata") == {}
    site.delete(TIMESTAMP)

    everything = bytes(range(256)) * 1000
    site.write(TIMESTAMP, b"one")
    site.write("metadata/1.root.json", b"{}")
    site.write("metadata/regions/1.ouest.json", b"")
    site.write("metadata-of-others.txt", b"no")
    site.write(PORTRAIT, everything)
    assert site.read(PORTRAIT) == everything
    assert site.read("metadata/regions/1.ouest.json") == b""

    site.write(TIMESTAMP, b"second")
    assert site.read(TIMESTAMP) == b"second"
    assert site.sizes("metadata") == {
        TIMESTAMP: 6,
        "metadata/1.root.json": 2,
        "metadata/regions/1.ouest.json": 0,
    }
    assert site.names("targets/media") == {PORTRAIT}

    site.delete(PORTRAIT)
    assert site.read(PORTRAIT) is None
    assert site.names("targets") == frozenset()


def test_sees_at_once_what_another_publisher_does(where: str) -> None:
    ours, theirs = open_site(where), open_site(where)
    ours.write(TIMESTAMP, b"ours")
    assert theirs.sizes("metadata") == {TIMESTAMP: 4}
    theirs.write(TIMESTAMP, b"theirs")
    theirs.write("metadata/2.snapshot.json", b"")
    assert ours.read(TIMESTAMP) == b"theirs"
    assert ours.sizes("metadata") == {TIMESTAMP: 6, "metadata/2.snapshot.json": 0}
    theirs.delete(TIMESTAMP)
    assert ours.read(TIMESTAMP) is None
    assert ours.names("metadata") == {"metadata/2.snapshot.json"}


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../x", "targets/../x", "a//b", "a/", "./a", "a\\b", "C:/x", "a/.new-b"],
)
def test_a_name_that_leads_elsewhere_is_a_broken_promise(where: str, name: str) -> None:
    site = open_site(where)
    for act in (site.read, site.delete, site.sizes, lambda bad: site.write(bad, b"")):
        with pytest.raises(ValueError, match="not a name inside a site"):
            act(name)


@pytest.mark.parametrize("kind", ["folder", "file-url", "server"])
def test_what_a_publish_left_half_written_is_not_listed(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    site = open_site(ADDRESSES[kind](request, tmp_path))
    site.write(TIMESTAMP, b"whole")
    file = next(tmp_path.rglob("timestamp.json"))
    file.with_name(".new-timestamp.json").write_bytes(b"ha")
    assert site.names("metadata") == {TIMESTAMP}
    site.write(TIMESTAMP, b"again")
    assert [path.name for path in file.parent.iterdir()] == ["timestamp.json"]


def test_the_next_write_into_a_folder_removes_what_was_left_there(tmp_path: Path) -> None:
    left = tmp_path / "metadata" / ".new-7.targets.json"
    left.parent.mkdir()
    left.write_bytes(b"ha")
    site = open_site(str(tmp_path))
    site.write(PORTRAIT, b"elsewhere")
    assert left.exists()
    site.write(TIMESTAMP, b"here")
    assert not left.exists()


@posix
def test_a_web_server_may_read_what_is_written(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        open_site(str(tmp_path / "site")).write(TIMESTAMP, b"")
    finally:
        os.umask(old)
    assert (tmp_path / "site" / TIMESTAMP).stat().st_mode & 0o777 == 0o644
    for folder in ("site", "site/metadata"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o755


PUBLISHER = """
    import os, signal, sys
    from kiosk.release.site import open_site

    where, fatal = sys.argv[1], int(sys.argv[2])
    site = open_site(where)
    seen = 0

    def dies_at_one(event, args):
        global seen
        if event == "open" or event.startswith("os."):
            seen += 1
            if seen == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(dies_at_one)
    site.write("metadata/timestamp.json", b"new" * 100_000)
"""


def child(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the code in another Python."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        capture_output=True,
        check=False,
        cwd=ROOT,
        text=True,
        timeout=60,
    )


@posix
def test_a_publish_killed_at_any_step_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    killed, found = 0, set()
    while True:
        open_site(str(tmp_path)).write(TIMESTAMP, b"old")
        publisher = child(PUBLISHER, str(tmp_path), str(killed + 1))
        site = open_site(str(tmp_path))
        content = site.read(TIMESTAMP)
        assert content in (b"old", b"new" * 100_000)
        assert site.names("metadata") == {TIMESTAMP}
        if publisher.returncode != -signal.SIGKILL:
            break
        found.add(content)
        killed += 1
    assert (publisher.returncode, publisher.stderr) == (0, "")
    assert content == b"new" * 100_000
    assert found == {b"old", content}
    assert killed >= 3


@posix
def test_where_the_disk_is_full_the_old_file_stands(tmp_path: Path) -> None:
    site = open_site(str(tmp_path))
    site.write(TIMESTAMP, b"old")
    publisher = child(
        """
        import resource, sys
        from kiosk.release.site import SiteError, open_site

        site = open_site(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            site.write("metadata/timestamp.json", bytes(2000))
        except SiteError as error:
            print(error)
        """,
        str(tmp_path),
    )
    assert publisher.stdout == (
        f"{tmp_path}: metadata/timestamp.json cannot be written (File too large);"
        " check the folder, its rights and the space left\n"
    )
    assert site.read(TIMESTAMP) == b"old"
    assert [path.name for path in (tmp_path / "metadata").iterdir()] == ["timestamp.json"]


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder that may be read and not written, also where root runs the tests."""
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as made:  # other users may not enter tmp_path
        folder = Path(made)
        (folder / "metadata").mkdir()
        (folder / "targets").mkdir(mode=0)
        (folder / TIMESTAMP).write_bytes(b"old")
        (folder / "metadata").chmod(0o555)
        folder.chmod(0o555)
        if user == 0:
            os.seteuid(65534)
        yield folder
        os.seteuid(user)
        folder.chmod(0o755)
        for name in ("metadata", "targets"):
            (folder / name).chmod(0o755)


@posix
def test_a_folder_that_may_not_be_written_is_told(closed_folder: Path) -> None:
    site = open_site(str(closed_folder))
    assert site.read(TIMESTAMP) == b"old"
    for act in (lambda: site.write(TIMESTAMP, b"new"), lambda: site.delete(TIMESTAMP)):
        assert "timestamp.json cannot be" in (said := refusal(act))
        assert "(Permission denied); check the folder, its rights" in said
    assert "the folder cannot be made" in refusal(lambda: open_site(f"{closed_folder}/deeper"))
    assert site.read(TIMESTAMP) == b"old"


@posix
@pytest.mark.parametrize("scheme", ["", "local://"])
def test_a_folder_that_may_not_be_listed_is_not_an_empty_one(
    closed_folder: Path, scheme: str
) -> None:
    site = open_site(f"{scheme}{closed_folder}")
    assert "targets cannot be listed (Permission denied)" in refusal(lambda: site.sizes("targets"))


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "metadata").write_bytes(b"")
    site = open_site(str(tmp_path))
    assert "the folder cannot be made" in refusal(lambda: open_site(f"{tmp_path}/metadata"))
    assert "cannot be read" in refusal(lambda: site.read(TIMESTAMP))
    assert "cannot be written" in refusal(lambda: site.write(TIMESTAMP, b""))
    (tmp_path / "targets" / "media").mkdir(parents=True)
    assert "targets/media cannot be read" in refusal(lambda: site.read("targets/media"))


@pytest.mark.parametrize(
    ("name", "kind", "cache"),
    [
        (TIMESTAMP, "application/json", "no-cache"),
        ("metadata/root.json", "application/json", "no-cache"),
        ("index.html", "text/html", "no-cache"),
        ("metadata/12.root.json", "application/json", "public, max-age=31536000, immutable"),
        ("metadata/7.snapshot.json", "application/json", "public, max-age=31536000, immutable"),
        (PORTRAIT, "image/jpeg", "public, max-age=31536000, immutable"),
        ("targets/ab.face.webp", "image/webp", "public, max-age=31536000, immutable"),
        ("targets/ab.bin-", "application/octet-stream", "public, max-age=31536000, immutable"),
    ],
)
def test_caches_keep_all_but_the_timestamp(
    s3: ObjectStore, name: str, kind: str, cache: str
) -> None:
    open_site(f"s3://{BUCKET}/headers").write(name, b"{}")
    headers = s3.headers(BUCKET, f"headers/{name}")
    assert (headers["content-type"], headers["cache-control"]) == (kind, cache)


def test_a_bucket_may_be_a_site_as_a_whole(s3: ObjectStore) -> None:
    s3.make_bucket("whole")
    site = open_site("s3://whole/")
    site.write(PORTRAIT, b"claire")
    s3.put("whole", "targets/media/", b"")  # what consoles make to show a folder
    s3.put("whole", "targets2/other", b"")
    s3.put("whole", "targets//nameless", b"")
    assert site.sizes("targets") == {PORTRAIT: 6}


def test_the_endpoint_may_be_for_s3_alone(s3: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3.endpoint)
    open_site(f"s3://{BUCKET}/alone").write(TIMESTAMP, b"{}")
    assert s3.headers(BUCKET, f"alone/{TIMESTAMP}")["content-length"] == "2"


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_is_not_there_is_told() -> None:
    said = refusal(lambda: open_site("s3://no-such-bucket/site"))
    assert said.startswith("s3://no-such-bucket/site: the site cannot be opened (")
    assert said.endswith("; check the bucket's name")


def test_a_bucket_that_went_away_is_told(s3: ObjectStore) -> None:
    s3.make_bucket("short-lived")
    site = open_site("s3://short-lived")
    open_site(f"s3://{BUCKET}").system.rmdir("short-lived")  # type: ignore[attr-defined]
    assert "timestamp.json cannot be written" in refusal(lambda: site.write(TIMESTAMP, b""))
    assert "metadata cannot be listed" in refusal(lambda: site.sizes("metadata"))


def test_credentials_that_are_refused_are_told(s3: ObjectStore) -> None:
    site = open_site(f"s3://{BUCKET}/refused")
    with s3.refusing_everybody():
        acts = (
            lambda: open_site(f"s3://{BUCKET}/refused"),
            lambda: site.read(TIMESTAMP),
            lambda: site.write(TIMESTAMP, b""),
            lambda: site.delete(TIMESTAMP),
            lambda: site.sizes("metadata"),
        )
        for act in acts:
            said = refusal(act)
            assert said.startswith(f"s3://{BUCKET}/refused: ")
            assert said.endswith("; check the credentials in the environment and what they allow")


def test_missing_credentials_are_told_within_seconds(
    s3: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare_environment(monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # Off Amazon's machines nobody answers where botocore asks for a machine's own role.
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint)
        began = time.monotonic()
        said = refusal(lambda: open_site(f"s3://{BUCKET}"))
    assert said.endswith("; check the credentials in the environment and what they allow")
    assert time.monotonic() - began < 20


def test_an_endpoint_that_does_not_answer_is_told(
    s3: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert s3.endpoint
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    said = refusal(lambda: open_site(f"s3://{BUCKET}"))
    assert said.endswith("; check the address and the network")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("", "give a folder or a URL"),
        ("s3:/vitrines", "write s3://"),
        ("simplecache::s3://vitrines", "write simplecache://"),
        ("s3://", "names no bucket"),
        ("s3:///shop", "names no bucket"),
        ("https://kiosk.example/site", "can only be read"),
        ("file://server/share", "names no folder of this computer"),
        ("file:site", "names no folder of this computer"),
        ("vitrine://shop", "Protocol not known: vitrine"),
    ],
)
def test_an_address_that_is_none_is_told(where: str, said: str) -> None:
    assert said in refusal(lambda: open_site(where))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    said = refusal(lambda: open_site("gs://vitrines"))
    assert said.endswith(
        "(Please install gcsfs to access Google Storage); pip install 'o2-kiosk[cloud]'"
    )
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    assert refusal(lambda: open_site("s3://vitrines")).endswith("pip install 'o2-kiosk[cloud]'")


def test_a_folder_needs_no_cloud_package(tmp_path: Path) -> None:
    code = """
        import sys
        from kiosk.release.site import open_site

        open_site(sys.argv[1]).write("index.html", b"")
        print(sorted({"fsspec", "s3fs", "botocore"} & set(sys.modules)))
    """
    assert child(code, str(tmp_path)).stdout == "[]\n"


def test_a_password_is_not_printed() -> None:
    said = refusal(lambda: open_site("vitrine://claire:se:c@ret@shop/site"))
    assert said.startswith("vitrine://claire@shop/site: ")
