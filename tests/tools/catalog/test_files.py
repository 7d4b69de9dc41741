"""A catalog kept in files."""

import os
from pathlib import Path

import pytest

from tools.catalog.files import FileCatalog
from tools.catalog.port import EntityFilter
from tools.errors import Unavailable

CATALOGS = Path(__file__).parents[2] / "data/catalogs"

COMPONENT = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {name}}}
spec: {{type: service, lifecycle: production, owner: shop}}
"""
LOCATION = """apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {{name: all}}
spec: {{targets: [{targets}]}}
"""


async def refs(catalog):
    return [entity.ref for entity in (await catalog.find(EntityFilter())).entities]


async def entity(catalog, ref):
    (found,) = await catalog.by_refs([ref])
    return found


async def told(catalog):
    return [str(problem) for problem in await catalog.problems()]


@pytest.mark.parametrize("name", ["create-app", "roadie", "demo", "shop"])
async def test_reads_public_example_catalogs_without_a_problem(name):
    catalog = FileCatalog(CATALOGS / name)

    assert await catalog.problems() == ()
    assert await refs(catalog)


async def test_writes_short_refs_out_and_relates_in_both_directions():
    catalog = FileCatalog(CATALOGS / "artists")

    lookup = await entity(catalog, "component:default/artist-lookup")
    database = await entity(catalog, "resource:default/artists-db")
    team = await entity(catalog, "group:default/team-a")
    guest = await entity(catalog, "user:default/guest")

    assert lookup.related("dependsOn") == ("resource:default/artists-db",)
    assert lookup.related("partOf") == ("system:default/artist-engagement-portal",)
    assert database.related("dependencyOf") == ("component:default/artist-lookup",)
    assert "component:default/artist-lookup" in team.related("ownerOf")
    assert "user:default/guest" in team.related("hasMember")
    assert team.related("childOf") == ("group:default/backstage",)
    assert guest.related("memberOf") == ("group:default/team-a",)
    assert guest.related("ownerOf") == ("component:default/playback-order",)


async def test_an_api_is_related_to_its_provider_and_its_consumer():
    catalog = FileCatalog(CATALOGS / "shop")

    provided = await entity(catalog, "api:default/checkout-api")
    consumed = await entity(catalog, "api:default/payments-api")

    assert provided.related("apiProvidedBy") == ("component:default/checkout",)
    assert consumed.related("apiConsumedBy") == ("component:default/checkout",)


async def test_reports_each_missing_location_target():
    problems = await told(FileCatalog(CATALOGS / "artists"))

    assert "acme/org.yaml, document 2: Location target './team-b-group.yaml' names no file" in problems[3]
    assert len(problems) == 6


async def test_follows_location_targets_with_globs_from_a_single_file(tmp_path):
    (tmp_path / "teams" / "deep").mkdir(parents=True)
    (tmp_path / "teams" / "a.yaml").write_text(COMPONENT.format(name="a"))
    (tmp_path / "teams" / "deep" / "b.yaml").write_text(COMPONENT.format(name="b"))
    (tmp_path / "unrelated.yaml").write_text(COMPONENT.format(name="c"))
    (tmp_path / "root.yaml").write_text(LOCATION.format(targets="./teams/**/*.yaml"))

    found = await refs(FileCatalog(tmp_path / "root.yaml"))

    assert found == ["component:default/a", "component:default/b", "location:default/all"]


async def test_does_not_leave_the_catalog_folder(tmp_path):
    (tmp_path / "secret.yaml").write_text(COMPONENT.format(name="secret"))
    root = tmp_path / "catalog"
    root.mkdir()
    (root / "root.yaml").write_text(LOCATION.format(targets="../secret.yaml, https://example.com/x.yaml"))
    (root / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    catalog = FileCatalog(root)

    found, problems = await refs(catalog), await told(catalog)

    assert found == ["location:default/all"]
    assert any("link.yaml: a link that leads out" in problem for problem in problems)
    assert any("'../secret.yaml' names no file inside the catalog folder" in problem for problem in problems)
    assert any("'https://example.com/x.yaml' is not a file" in problem for problem in problems)


async def test_reads_a_mounted_config_map_once(tmp_path):
    (tmp_path / "..2026_11_22").mkdir()
    (tmp_path / "..2026_11_22" / "catalog.yaml").write_text(COMPONENT.format(name="a"))
    (tmp_path / "..data").symlink_to("..2026_11_22")
    (tmp_path / "catalog.yaml").symlink_to("..data/catalog.yaml")
    catalog = FileCatalog(tmp_path)

    assert await refs(catalog) == ["component:default/a"]
    assert await catalog.problems() == ()


async def test_a_broken_document_is_reported_and_hides_no_other(tmp_path):
    broken = "kind: Component\nmetadata: {name: [unclosed\n"
    (tmp_path / "many.yaml").write_text("---\n".join([COMPONENT.format(name="a"), broken, COMPONENT.format(name="b")]))
    catalog = FileCatalog(tmp_path)

    found, problems = await refs(catalog), await told(catalog)

    assert found == ["component:default/a", "component:default/b"]
    assert problems[0].startswith("many.yaml, document 2: line 8: not valid YAML")


async def test_an_entity_described_twice_counts_as_first_described(tmp_path):
    (tmp_path / "a.yaml").write_text(COMPONENT.format(name="x"))
    (tmp_path / "b.yaml").write_text(COMPONENT.format(name="X").replace("shop", "other"))
    catalog = FileCatalog(tmp_path)

    assert (await entity(catalog, "component:default/x")).owner == "group:default/shop"
    assert await told(catalog) == ["b.yaml: component:default/x is described already in a.yaml: left out"]


async def test_reads_again_when_a_file_changes_appears_or_goes(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(COMPONENT.format(name="old"))
    catalog = FileCatalog(tmp_path)
    before = await refs(catalog)

    file.write_text(COMPONENT.format(name="new"))
    os.utime(file, ns=(1, 1))
    changed = await refs(catalog)
    (tmp_path / "b.yaml").write_text(COMPONENT.format(name="more"))
    grown = await refs(catalog)
    file.unlink()
    shrunk = await refs(catalog)

    assert before == ["component:default/old"]
    assert changed == ["component:default/new"]
    assert grown == ["component:default/more", "component:default/new"]
    assert shrunk == ["component:default/more"]


async def test_does_not_read_again_while_nothing_changes(tmp_path):
    (tmp_path / "a.yaml").write_text(COMPONENT.format(name="a"))
    catalog = FileCatalog(tmp_path)

    first = await entity(catalog, "component:default/a")
    second = await entity(catalog, "component:default/a")

    assert second is first


async def test_a_file_that_is_no_text_or_too_large_is_reported(tmp_path):
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "large.yaml").write_bytes(b"#" * 5_000_001)

    problems = await told(FileCatalog(tmp_path))

    assert problems == [
        "binary.yaml: not UTF-8 text: byte 0 is wrong",
        "large.yaml: larger than 5000000 bytes: not read",
    ]


async def test_a_missing_folder_is_unavailable_and_names_the_setting(tmp_path):
    with pytest.raises(Unavailable, match="CATALOG__PATH"):
        await FileCatalog(tmp_path / "nowhere").find(EntityFilter())
