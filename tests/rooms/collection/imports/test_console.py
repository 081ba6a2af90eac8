"""The pages of imports, by role and by what a file may hold."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amity.kernel.settings import settings
from amity.rooms.collection.models import Import
from amity.rooms.trust.models import Membership, Person, Workspace
from tests.rooms.collection.imports.test_formats import OCEL

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def client_of(workspace):
    def sign_in(role: str) -> tuple[Client, str]:
        slug = Workspace.objects.get(pk=workspace).slug
        person = Person.objects.create(email=f"{role}@{slug}.example", name=role)
        Membership.objects.create(person=person, workspace_id=workspace, role=role)
        client = Client()
        client.force_login(person, backend=BACKEND)
        return client, f"/w/{slug}/imports/"

    return sign_in


def upload(client: Client, here: str, name: str, body: bytes) -> str:
    answer = client.post(here + "new/", {"file": SimpleUploadedFile(name, body)})
    assert answer.status_code == 302, answer.content
    return answer["Location"]


def test_a_log_of_objects_asks_for_its_customers_and_takes_the_answer(client_of):
    client, here = client_of("admin")
    page = upload(client, here, "x.jsonocel", json.dumps(OCEL).replace("Customer", "Kiosk").encode())
    asked = client.get(page)
    assert (asked.status_code, b"Which type of objects are the customers?" in asked.content) == (400, True)
    seen = client.post(page, {"map": "object_type: Kiosk", "preview": "1"})
    assert (seen.status_code, b"Place" in seen.content, b"user_id: customer" in seen.content) == (200, True, True)
    started = client.post(page, {"map": "object_type: Kiosk", "start": "1"})
    assert started.status_code == 302
    one = Import.objects.get()
    assert (one.state, one.mapping["user_id"], one.mapping["dates"]) == ("waiting", "customer", "iso")


def test_what_came_lies_in_the_data_folder_under_a_name_of_ours(client_of, workspace):
    client, here = client_of("owner")
    upload(client, here, "../../../evil.csv", b"who,at\na,2024-03-01\n")
    one = Import.objects.get()
    assert one.name == "evil.csv"
    assert one.path.startswith(str(settings().imports / str(workspace)))
    assert "evil" not in one.path
    assert (settings().imports / str(workspace)).stat().st_mode & 0o077 == 0


def test_who_only_reads_sees_imports_but_no_file(client_of):
    client, here = client_of("owner")
    page = upload(client, here, "x.csv", b"who,at\nada,2024-03-01\n")
    viewer, _ = client_of("viewer")
    assert b"x.csv" in viewer.get(here).content
    one = viewer.get(page.removesuffix("map/"))
    assert (one.status_code, b"ada" in one.content) == (200, False)
    assert viewer.get(page).status_code == 403
    assert viewer.post(page, {"start": "1"}).status_code == 403


def test_an_empty_list_says_what_imports_are(client_of):
    client, here = client_of("viewer")
    assert b"No file yet" in client.get(here).content


@pytest.mark.parametrize("body", [b"", b"PAR1", b"\x1f\x8b broken"])
def test_a_file_that_is_none_says_why(client_of, body):
    client, here = client_of("owner")
    answer = client.post(here + "new/", {"file": SimpleUploadedFile("x.parquet", body)}, follow=True)
    assert answer.status_code == 400
    assert b"empty" in answer.content or b"read" in answer.content or b"unpacked" in answer.content
