"""scim2-client, a typed client of somebody else's, from discovery to delete: whatever its models refuse fails here."""

from typing import Iterator
from uuid import uuid4

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import (BulkOperation, BulkRequest, ConflictException, Email, EnterpriseUser, Group, GroupMember, Manager, Name,
                          NotFoundException, PatchOp, PatchOperation, PreconditionFailedException, ResourceType, ResponseParameters,
                          ScimPolicy, ScimProvider, SearchRequest, UniquenessException, User)

from scim_server import Scim, place, scim, thousand  # noqa: F401 (fixtures)

Person = User[EnterpriseUser]


@pytest.fixture
def wire(scim: Scim) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"{scim.client.origin}/scim/v2", timeout=60,
                       headers={"Authorization": f"Bearer {scim.client.token}"}) as connection:
        yield connection


@pytest.fixture
def client(wire: httpx2.Client) -> SyncSCIMClient:
    """With the models of the RFC; attributes of our own extension are passed over, as such a program does."""
    types = [ResourceType.from_resource(Person), ResourceType.from_resource(Group)]
    known = SyncSCIMClient(wire)
    known.discover()
    return SyncSCIMClient(wire, provider=ScimProvider([User, EnterpriseUser, Group], types, known.provider.config,
                                                      ScimPolicy(unknown=ScimPolicy.Unknown.ignore)))


def person(name: str, **more: object) -> Person:
    return Person(user_name=name, name=Name(given_name="Ana", family_name=f"Berg {name[:4]}"), display_name=f"Ana {name[:4]}", active=True,
                  emails=[Email(value=f"{name}@example.com", type="work", primary=True)], **more)


def change(kind: type, *operations: PatchOperation) -> PatchOp:
    return PatchOp[kind](operations=list(operations))


def unique() -> str:
    return f"u{uuid4().hex[:12]}"


def test_what_discovery_says_is_what_models_are_made_of(wire: httpx2.Client) -> None:
    client = SyncSCIMClient(wire)
    client.discover()
    config = client.provider.config
    assert all(each.supported for each in (config.patch, config.bulk, config.filter, config.sort, config.etag))
    assert {each.name for each in client.provider.resource_types} >= {"User", "Group"}
    described = client.get_resource_model("User")
    created = client.create(described(user_name=unique()))
    assert client.query(described, created.id).user_name == created.user_name
    client.delete(described, created.id)


def test_everybody_is_read_page_by_page_with_the_models_the_server_describes(wire: httpx2.Client) -> None:
    client = SyncSCIMClient(wire)
    client.discover()
    described = client.get_resource_model("User")
    mine = client.create(described(user_name=unique()))
    seen: list[str] = []
    total = None
    while total is None or len(seen) < total:
        page = client.query(described, query_parameters=SearchRequest(start_index=len(seen) + 1, count=250))
        assert page.resources and page.start_index == len(seen) + 1 and page.items_per_page == len(page.resources)
        assert total in (None, page.total_results)
        total = page.total_results
        seen += [each.id for each in page.resources]
    assert len(seen) == len(set(seen)) == total and mine.id in seen


def test_a_user_lives_and_dies(client: SyncSCIMClient) -> None:
    name = unique()
    manager = client.create(person(unique()))
    created = client.create(person(name, external_id=f"x-{name}"))
    assert created.id and created.meta.version and created.meta.location.endswith(f"/Users/{created.id}")

    read = client.query(Person, created.id)
    assert read == created
    found = client.query(Person, query_parameters=SearchRequest(filter=f'userName eq "{name.upper()}"'))
    assert [each.id for each in found.resources] == [created.id] and found.total_results == 1
    searched = client.search(SearchRequest(filter=f'externalId eq "x-{name}"', attributes=["userName"]))
    assert [(each.id, each.user_name, each.display_name) for each in searched.resources] == [(created.id, name, None)]
    only = client.query(Person, created.id, query_parameters=ResponseParameters(attributes=["name.familyName"]))
    assert only.name.family_name == read.name.family_name and only.name.given_name is None and only.user_name is None

    read.title = "Nurse"
    read.emails = [Email(value=f"new-{name}@example.com", type="work", primary=True)]
    boss = Manager(value=manager.id, ref=manager.meta.location)
    read[EnterpriseUser] = EnterpriseUser(department="Ward 5", employee_number="77", manager=boss)
    replaced = client.replace(read)
    assert replaced.title == "Nurse" and [each.value for each in replaced.emails] == [f"new-{name}@example.com"]
    work = replaced[EnterpriseUser]
    assert (work.department, work.employee_number, work.manager.value) == ("Ward 5", "77", manager.id)
    assert str(work.manager.ref) == str(manager.meta.location) and work.manager.display_name == manager.display_name
    assert replaced.meta.version != created.meta.version

    changed = client.modify(Person, created.id, change(
        Person, PatchOperation(op="replace", path="active", value=False), PatchOperation(op="remove", path="title"),
        PatchOperation(op="add", path=f"{EnterpriseUser.__schema__}:division", value="South")))
    assert changed.active is False and changed.title is None and changed[EnterpriseUser].division == "South"
    assert client.query(Person, created.id) == changed

    client.delete(Person, created.id)
    with pytest.raises(NotFoundException):
        client.query(Person, created.id)
    assert not client.query(Person, query_parameters=SearchRequest(filter=f'userName eq "{name}"')).resources
    again = client.create(person(name))
    assert again.id != created.id


def test_a_name_that_is_taken_is_refused_as_such(client: SyncSCIMClient) -> None:
    name = unique()
    client.create(person(name))
    with pytest.raises((UniquenessException, ConflictException)) as refused:
        client.create(person(name.upper()))
    assert refused.value.status == 409


def test_what_somebody_else_changed_is_not_written_over(client: SyncSCIMClient) -> None:
    mine = client.create(person(unique()))
    client.modify(Person, mine.id, change(Person, PatchOperation(op="replace", path="title", value="Cook")))
    mine.title = "Baker"
    with pytest.raises(PreconditionFailedException):
        client.replace(mine)
    assert client.query(Person, mine.id).title == "Cook"


def test_a_group_with_members(client: SyncSCIMClient) -> None:
    ana, bo, cy = (client.create(person(unique())) for _ in range(3))
    created = client.create(Group(display_name=f"Team {unique()}", members=[GroupMember(value=ana.id, type="User")]))
    assert [each.value for each in created.members] == [ana.id]
    client.modify(Group, created.id, change(Group, PatchOperation(
        op="add", path="members", value=[{"value": bo.id}, {"value": cy.id}, {"value": ana.id}])))
    assert sorted(each.value for each in client.query(Group, created.id).members) == sorted([ana.id, bo.id, cy.id])
    assert [each.value for each in client.query(Person, bo.id).groups] == [created.id]
    client.modify(Group, created.id, change(Group, PatchOperation(op="remove", path=f'members[value eq "{bo.id}"]')))
    assert not client.query(Person, bo.id).groups
    read = client.query(Group, created.id)
    read.display_name = f"Crew {unique()}"
    read.members = [GroupMember(value=bo.id)]
    replaced = client.replace(read)
    assert replaced.display_name == read.display_name and [each.value for each in replaced.members] == [bo.id]
    client.delete(Person, bo.id)
    assert not client.query(Group, created.id).members
    client.delete(Group, created.id)
    with pytest.raises(NotFoundException):
        client.query(Group, created.id)
    assert client.query(Person, ana.id).id == ana.id


def test_a_bulk_of_people_and_the_group_that_names_them(client: SyncSCIMClient) -> None:
    names = [unique() for _ in range(3)]
    operations = [BulkOperation[Group](method="POST", path="/Groups", bulk_id="g", data=Group(
        display_name=f"Bulk {unique()}", members=[GroupMember(value=f"bulkId:{name}") for name in names]))]
    operations += [BulkOperation[Person](method="POST", path="/Users", bulk_id=name, data=person(name)) for name in names]
    answer = client.bulk(BulkRequest[Person | Group](operations=operations))
    assert [each.status for each in answer.operations] == [201] * 4
    made = {each.bulk_id: str(each.location).rsplit("/", 1)[-1] for each in answer.operations}
    assert sorted(each.value for each in client.query(Group, made["g"]).members) == sorted(made[name] for name in names)
