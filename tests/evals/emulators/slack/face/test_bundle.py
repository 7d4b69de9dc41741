"""The built page is in the repository: it must be what its sources say, and load nothing from elsewhere."""

import hashlib
import re
from pathlib import Path

FACE = Path(__file__).parents[5] / "evals/emulators/slack/face"
TOP = ("build.mjs", "index.html", "package.json", "tsconfig.json", "licences/yozora.txt")


def digest_of_sources() -> str:
    web = FACE / "web"
    names = [path.relative_to(web).as_posix() for path in (web / "src").rglob("*") if path.is_file()]
    digest = hashlib.sha256()
    for name in sorted([*names, *TOP]):
        digest.update(f"{name}\0".encode() + (web / name).read_bytes() + b"\0")
    return digest.hexdigest()


def test_the_bundle_was_built_from_these_sources():
    assert (FACE / "static/SOURCES.sha256").read_text().strip() == digest_of_sources(), "run `npm run build` in web/"


def test_the_page_loads_only_its_own_files():
    page = (FACE / "static/index.html").read_text()
    style = (FACE / "static/face.css").read_text()

    assert re.findall(r'(?:src|href)="([^"]+)"', page) == ["data:,", "/static/face.css", "/static/face.js"]
    assert re.findall(r"url\((?!data:)|@import", style) == []


def test_the_bundle_names_no_machine_and_no_registry():
    for path in (FACE / "static").iterdir():
        text = path.read_text()
        for word in ("sourceMappingURL", "registry." + "npmjs", "/node_modules/", "file:///"):
            assert word not in text, (path.name, word)


def test_every_bundled_package_has_its_licence_beside_it():
    licences = (FACE / "static/LICENSES.txt").read_text()

    for package in ("react", "react-dom", "slack-blocks-to-jsx", "react-markdown", "node-emoji", "emoji-datasource"):
        assert re.search(rf"^{package} [\d.]+ \(", licences, re.MULTILINE), package
    assert "No licence file" not in licences
