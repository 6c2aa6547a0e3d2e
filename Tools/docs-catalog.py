"""Turns the guides into a DocC catalog: docs-catalog.py GUIDES CATALOG LIBRARY...

Links between guides become links between articles, links into the repository plain text, and the
groups of README.md the topics of the first page.
"""

import re
import sys
from pathlib import Path

guides, catalog, libraries = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
pages = sorted(path for path in guides.glob("**/*.md") if path.name != "README.md")


def article(page):
    """The name of a page, whose path is relative to the guides."""
    # Some guides are named like a library, some like a guide in another folder.
    return "-".join([*page.parent.parts, page.stem, "guide"])


def converted(path):
    def link(match):
        text, target = match.group(1), match.group(2)
        if target.startswith(("http://", "https://")):
            return match.group(0)
        file = (path.parent / target.split("#")[0]).resolve() if not target.startswith("#") else path.resolve()
        if file in known:
            return f"[{text}](doc:{known[file]})" if file != path.resolve() else text
        return text

    text = path.read_text()
    # Images are next to the articles; code is not changed.
    text = re.sub(r"(!\[[^\]]*\])\((?:\.\./)?Images/", r"\1(", text)
    parts = re.split(r"(```.*?```|`[^`\n]*`(?!\]))", text, flags=re.S)
    return "".join(
        part if index % 2 else re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", link, part)
        for index, part in enumerate(parts)
    )


known = {page.resolve(): article(page.relative_to(guides)) for page in pages}
for page in pages:
    text = converted(page)
    # A guide's introduction automatically becomes the article's abstract.
    (catalog / f"{known[page.resolve()]}.md").write_text(text)
for image in (guides / "Images").glob("*"):
    (catalog / image.name).write_bytes(image.read_bytes())

topics = []
listed = set()
for line in (guides / "README.md").read_text().splitlines():
    if heading := re.match(r"\*\*(.+)\*\*", line):
        topics.append(f"\n### {heading.group(1)}\n")
    for target in re.findall(r"\]\(([\w/]+\.md)\)", line):
        name = article(Path(target))
        if name in known.values() and name not in listed:
            listed.add(name)
            topics.append(f"- <doc:{name}>")
for folder, title in [("Rules", "Rules of planning"), ("Extending", "Extension points")]:
    topics.append(f"\n### {title}\n")
    for page in pages:
        name = known[page.resolve()]
        if page.parent.name == folder and name not in listed:
            listed.add(name)
            topics.append(f"- <doc:{name}>")
if missing := sorted(set(known.values()) - listed):
    sys.exit(f"error: Guides/README.md does not list {', '.join(missing)}")
topics.append("\n### Libraries\n")
topics += [f"- ``{name}``" for name in libraries]
(catalog / "Guides.md").write_text(
    "# nnU-Net for Swift\n\n@Metadata {\n  @TechnologyRoot\n}\n\n"
    "Self-configuring segmentation of medical images: its guides and its libraries.\n\n## Topics\n"
    + "\n".join(topics) + "\n"
)
