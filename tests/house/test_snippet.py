"""The browser snippet is small, and its modules keep to what joining them relies on."""

from __future__ import annotations

import gzip
import re

from amity.edge.snippet import FOLDER, MODULES, script

MOST = 6_144
SOURCES = {name: (FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in MODULES}


def test_it_has_at_most_6_kb_gzipped():
    assert len(script().packed) <= MOST
    assert gzip.decompress(script().packed) == script().plain


def test_every_module_is_joined():
    assert {path.stem for path in FOLDER.glob("*.js")} == set(MODULES)


def test_no_two_modules_use_one_name():
    names = [
        name
        for text in SOURCES.values()
        for name in re.findall(r"^(?:export )?(?:const|let|function|class) (\w+)", text, re.MULTILINE)
    ]
    names += [
        name.strip()
        for text in SOURCES.values()
        for some in re.findall(r"^(?:export )?(?:const|let) \{([^}]*)\}", text, re.MULTILINE)
        for name in some.split(",")
    ]
    assert sorted(names) == sorted(set(names))


def test_modules_import_what_stands_before_or_is_called_later():
    for name, text in SOURCES.items():
        for imported, source in re.findall(r"^import \{ ([^}]*) \} from \"\./(\w+)\.js\";$", text, re.MULTILINE):
            for one in imported.split(", "):
                assert re.search(rf"^export (?:const|let) {one}\b", SOURCES[source], re.MULTILINE), f"{name}: {one}"
        assert "eval(" not in text
        assert "new Function" not in text


def test_comments_are_whole_lines_and_texts_end_with_theirs():
    for name, text in SOURCES.items():
        assert "/*" not in re.sub(r"/\\/\*\$/", "", text), name
        for line in text.splitlines():
            bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
            assert bare.count("`") % 2 == 0, line
            assert "//" not in bare.lstrip() or bare.lstrip().startswith("//"), line


def test_packing_leaves_texts_and_patterns_as_they_are():
    packed = script().plain.decode()
    for text in SOURCES.values():
        lines = [line for line in text.splitlines() if not line.lstrip().startswith(("//", "import "))]
        for line in lines:
            for literal in re.findall(r'"(?:[^"\\]|\\.)*"|(?<=[( !])/(?! )(?:[^/\\]|\\.)+/g?', line):
                assert literal in packed
