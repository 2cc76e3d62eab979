"""The whole journey over an object store: published to S3, fetched from the bucket's address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.release.origin import open_origin
from kiosk.release.publish import Published
from kiosk.release.site import open_site
from kiosk.release.sync import Unchanged, Updated
from tests.release.head_office import SOON, HeadOffice, Shop, picture
from tests.release.object_store import ObjectStore, bare_environment, credentials, object_store

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    """An S3 server with the bucket `screens`, and an environment that may write to it."""
    with object_store() as store:
        bare_environment(monkeypatch, tmp_path)
        credentials(monkeypatch)
        monkeypatch.setenv("AWS_ENDPOINT_URL", store.endpoint)
        store.make_bucket("screens")
        store.let_anybody_read("screens")
        yield store


def test_a_screen_syncs_from_what_was_published_to_s3(tmp_path: Path, bucket: ObjectStore) -> None:
    office = HeadOffice(tmp_path / "office")
    office.opened = open_site("s3://screens/campaign")
    assert isinstance(office.publish(), Published)
    shop = Shop(tmp_path / "shop", office.anchor)
    origin = open_origin(f"{bucket.endpoint}/screens/campaign", limits=SOON)
    assert isinstance(shop.poll(origin), Updated)
    assert isinstance(shop.poll(origin), Unchanged)
    office.picture("am1").write_bytes(picture("#123456"))
    published = office.publish()
    assert isinstance(published, Published)
    assert published.changed == ("media/portraits/am1.svg",)
    outcome = shop.poll(origin)
    assert isinstance(outcome, Updated)
    assert outcome.files == 2
