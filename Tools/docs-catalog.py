"""Turns the guides into a DocC catalog: docs-catalog.py GUIDES CATALOG LIBRARY...

Links between guides become links between articles, links into the repository plain text, and the
groups of README.md the topics of the first page.
"""

import re
import sys
from pathlib import Path

guides, catalog, libraries = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
pages = sorted(path for path in guides.glob("**/*.md") if path.name != "README.md")


def article(path):
    # Some guides are named like a library.
    return f"{path.stem}-guide"


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
    # Images are beside the articles, code stays as it is.
    text = re.sub(r"(!\[[^\]]*\])\((?:\.\./)?Images/", r"\1(", text)
    parts = re.split(r"(```.*?```|`[^`\n]*`(?!\]))", text, flags=re.S)
    return "".join(
        part if index % 2 else re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", link, part)
        for index, part in enumerate(parts)
    )


known = {page.resolve(): article(page) for page in pages}
for page in pages:
    text = converted(page)
    # A guide's introduction becomes the article's abstract by itself.
    (catalog / f"{article(page)}.md").write_text(text)
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
rest = [name for name in known.values() if name not in listed]
if rest:
    topics.append("\n### Rules of planning\n")
    topics += [f"- <doc:{name}>" for name in rest]
topics.append("\n### Libraries\n")
topics += [f"- ``{name}``" for name in libraries]
(catalog / "Guides.md").write_text(
    "# nnU-Net for Swift\n\n@Metadata {\n  @TechnologyRoot\n}\n\n"
    "Self-configuring segmentation of medical images: its guides and its libraries.\n\n## Topics\n"
    + "\n".join(topics) + "\n"
)
