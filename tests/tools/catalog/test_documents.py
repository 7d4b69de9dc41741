"""The documents of one catalog file."""

import pytest

from tools.catalog.documents import documents_of

GOOD = "apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}\n"


def faults(kind="Component", metadata="{name: a}", spec="{owner: x}"):
    (document,) = documents_of(GOOD.format(kind=kind, metadata=metadata, spec=spec))
    return document.raw is not None, document.faults


def test_a_good_document_has_no_faults():
    assert faults() == (True, ())


@pytest.mark.parametrize(
    ("metadata", "fault"),
    [
        ("{name: 'not a name'}", "metadata.name is 'not a name'"),
        ("{title: A}", "metadata.name is missing"),
        ("{name: a, namespace: 'b c'}", "metadata.namespace is 'b c'"),
        ("{name: 12}", "metadata.name is '12'"),
        ("{name: a, annotations: {backstage.io/orphan: true}}", "metadata.annotations.backstage.io/orphan is 'True'"),
        ("{name: a, labels: [x]}", "metadata.labels is a list"),
        ("[]", "metadata is missing"),
    ],
)
def test_a_wrong_envelope_is_left_out_and_told(metadata, fault):
    accepted, told = faults(metadata=metadata)

    assert not accepted
    assert told[0].startswith(fault)


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("{type: service}", "spec.owner is missing"),
        (
            "{owner: x, dependsOn: [cart]}",
            "spec.dependsOn: 'cart' names no kind: write component:cart or resource:cart",
        ),
        ("{owner: x, providesApis: ['a b']}", "spec.providesApis: 'a b' is not an entity ref"),
        ("{owner: [x, {y: z}]}", "spec.owner: a dict is not an entity ref"),
    ],
)
def test_a_wrong_reference_is_told_and_the_entity_kept(spec, fault):
    accepted, told = faults(spec=spec)

    assert accepted
    assert told[0].startswith(fault)


def test_objects_of_other_systems_and_skeletons_are_no_entities():
    manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
    skeleton = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: ${{ values.name | dump }}\n"

    assert list(documents_of(f"{manifest}---\n{skeleton}")) == []


def test_a_catalog_kind_without_an_api_version_is_told():
    (document,) = documents_of("kind: Component\nmetadata: {name: a}\n")

    assert document.faults == ("apiVersion is missing: write backstage.io/v1alpha1",)


def test_documents_are_counted_as_a_reader_counts_them():
    content = (
        "# a comment\n---\n" + GOOD.format(kind="System", metadata="{name: a}", spec="{owner: x}") + "---\n\n---\n[1]\n"
    )

    numbers = [(document.number, document.faults) for document in documents_of(content)]

    assert numbers == [(1, ()), (2, ("line 10: is a list, not a mapping",))]


def test_dashes_inside_a_text_do_not_end_a_document():
    spec = "\n  owner: x\n  definition: |\n    ---\n    a"
    content = GOOD.format(kind="API", metadata="{name: a}", spec=spec)

    (document,) = documents_of(content)

    assert document.raw["spec"]["definition"] == "---\na\n"


def test_aliases_that_multiply_are_not_unfolded():
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30))
    content = f"l0: &l0 [x]\n{levels}\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: *l29}}\n"

    (document,) = documents_of(content)

    assert document.faults == ("metadata.name is a list: 1 to 63 letters, digits, '-', '_' or '.' are allowed",)
