"""The graph of the package's targets, from `swift package dump-package` on standard input.

targets.py dot                          prints the graph for graphviz
targets.py check GUIDE PICTURE WAY...   fails unless the picture has this graph, the guide a row for each
                                        target, and Sources what the ways' tinted cells name

Imports that others imply are left out, so that an arrow is an import and a path of arrows is one as well.
"""

import html
import json
import re
import sys
from pathlib import Path

# A tint shows what a target needs: the system's libraries, libtorch, neither; and the program.
SYSTEM, LIBTORCH, PLAIN, PROGRAM = "#e4e4e4", "#ffe0bd", "#d9e8fb", "#d5efd9"


def graph(package):
    """Each target in Sources, with the targets it imports."""
    names = [t["name"] for t in package["targets"] if t["type"] != "test" and not outside(t)]
    imports = {}
    for target in package["targets"]:
        if target["name"] in names:
            found = [d.get("byName") or d.get("target") or [None] for d in target["dependencies"]]
            imports[target["name"]] = [d[0] for d in found if d[0] in names]
    return imports


def outside(target):
    return (target.get("path") or "Sources/").startswith(("Tests/", "Benchmarks/"))


def reached(name, imports):
    """Everything that a target imports, directly or through others."""
    found = set()
    for other in imports[name]:
        found |= {other} | reached(other, imports)
    return found


def arrows(imports):
    for name, direct in imports.items():
        implied = set().union(*(reached(other, imports) for other in direct)) if direct else set()
        yield from ((name, other) for other in direct if other not in implied)


def tint(name, imports, package):
    kinds = {t["name"]: t["type"] for t in package["targets"]}
    below = reached(name, imports) | {name}
    if kinds[name] == "executable":
        return PROGRAM
    if kinds[name] == "system" or name in ("CProcessorCheck", "CFileMapping"):
        return SYSTEM
    return LIBTORCH if "CTorch" in below else PLAIN


def dot(package):
    imports = graph(package)
    yield "digraph targets {"
    yield '  rankdir=BT; nodesep=0.16; ranksep=0.28; bgcolor="white"; pad=0.15; fontname="Helvetica"'
    yield '  node [shape=box, style="rounded,filled", color="#7a8594", fontname="Helvetica", fontsize=13, height=0.32, margin="0.09,0.03"]'
    yield '  edge [color="#7a8594", arrowsize=0.55]'
    for name in imports:
        yield f'  {name} [fillcolor="{tint(name, imports, package)}"]'
    for importer, imported in arrows(imports):
        yield f"  {importer} -> {imported}"
    yield "}"


def unknown(way, imports):
    """Each `Target.Name` in a tinted cell of a path picture that is not in that target's sources."""
    cells = "\n".join(re.findall(r"bgcolor=.*?</td>", Path(way).read_text()))
    for target, name in re.findall(r"\b([A-Z]\w+)\.([A-Za-z]\w+)", cells):
        declared = re.compile(rf"\b(struct|class|enum|protocol|func) {name}\b")
        if target not in imports or not any(
            declared.search(file.read_text()) for file in Path("Sources", target).rglob("*.swift")
        ):
            yield f"{target}.{name}"


def check(package, guide, picture, ways):
    imports = graph(package)
    wanted = set(imports) | {f"{a}->{b}" for a, b in arrows(imports)}
    titles = re.findall(r'<g id="(?:node|edge)\d+"[^>]*>\s*<title>(.*?)</title>', Path(picture).read_text())
    drawn = {html.unescape(title) for title in titles}
    rows = re.findall(r"^\| (`.*?) \|", Path(guide).read_text(), flags=re.M)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    wrong = [f"{picture} lacks {name}" for name in sorted(wanted - drawn)]
    wrong += [f"{picture} still has {name}" for name in sorted(drawn - wanted)]
    wrong += [f"{guide} has no row for {name}" for name in sorted(set(imports) - told)]
    wrong += [f"{way} speaks of {name}, which is not there" for way in ways for name in unknown(way, imports)]
    if wrong:
        print("\n".join(f"error: {line}" for line in wrong), file=sys.stderr)
        print("Mend the guide or Tools/pictures, then draw: Tools/draw-pictures", file=sys.stderr)
    return not wrong


package = json.load(sys.stdin)
if sys.argv[1:] == ["dot"]:
    print("\n".join(dot(package)))
elif sys.argv[1] == "check":
    sys.exit(0 if check(package, sys.argv[2], sys.argv[3], sys.argv[4:]) else 1)
