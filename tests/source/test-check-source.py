#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every rule of check-source finds what it is for, and nothing in a clean tree."""
import os
import subprocess
import sys
import tempfile
import unittest

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "check-source")
SPDX = "/* SPDX-License-Identifier: LGPL-2.1-or-later */\n"
LONG = "\n".join(["int", "f (void)", "{"] + ["  g ();"] * 61 + ["}", ""])

# what is wrong, in files; what is said about it
CASES = [
    ({"core/a.c": "int a;\n"}, "core/a.c:1: the first line (after #!) must be the SPDX line"),
    ({"t.py": "#!/usr/bin/env python3\nprint ()\n"}, "t.py:2: the first line (after #!)"),
    ({"core/a.h": SPDX + "int a;\n"}, "core/a.h:1: a header needs #pragma once"),
    ({"core/emotion/a.c": SPDX + "#include <gst/gst.h>\n"},
     "core/emotion/a.c:2: no GStreamer in core/emotion"),
    ({"core/tables/a.c": SPDX + '#include "emotion/mer-labels.h"\n'},
     "core/tables/a.c:2: core/tables must not depend on core/emotion"),
    ({"core/sample/a.c": SPDX + '#include "store/mer-store.h"\n'},
     "core/sample/a.c:2: core/sample must not depend on core/store"),
    ({"core/net/a.c": SPDX + '#include "mer.h"\n'}, "core/net/a.c:2: mer.h is for users"),
    ({"core/media/a.c": SPDX + "#include <libsoup/soup.h>\n"},
     "core/media/a.c:2: libsoup belongs to core/net"),
    ({"plugins/x/a.c": SPDX + "#include <sqlite3.h>\n"}, "plugins/x/a.c:2: SQLite belongs"),
    ({"plugins/x/a.c": SPDX + '#include "../y/b.h"\n'}, "plugins/x/a.c:2: no ../ in includes"),
    ({"tools/a.c": SPDX + '#include "plugins/y/b.h"\n'},
     "tools/a.c:2: plug-ins are never included"),
    ({"core/a.c": SPDX + "int\nf (char *a)\n{\n  strcpy (a, b);\n}\n"},
     "core/a.c:5: strcpy () is banned"),
    ({"core/a.c": SPDX + 'void\nf (void)\n{\n  g_error ("x");\n}\n'},
     "core/a.c:5: g_error () is banned"),
    ({"core/a.c": SPDX + "int\nf (void)\n{\n  goto out;\nout:\n  return 0;\n}\n"},
     "core/a.c:5: no goto"),
    ({"core/a.c": SPDX + "x = json_object_get_string_member (o, n);\n"},
     "core/a.c:2: json_object_get_string_member () is banned; use mer_json_node_"),
    ({"core/a.c": SPDX + LONG}, "core/a.c:4: f () has 61 lines, more than 60"),
    ({"core/a.c": SPDX + "int a;\n" * 501}, "core/a.c: 501 lines of code, more than 500"),
    ({"core/a.c": SPDX, "tests/source/exceptions.txt": "core/a.c it was long\n"},
     "tests/source/exceptions.txt:1: core/a.c needs no exception (any more)"),
    ({"core/a.c": SPDX + LONG, "tests/source/exceptions.txt": "core/a.c:f\n"},
     "tests/source/exceptions.txt:1: no reason for core/a.c:f"),
    ({"plugins/x/plugin.c": SPDX}, "plugins/x: a plug-in folder needs a README.md"),
    ({"plugins/x/plugin.c": SPDX + 'gst_element_register (plugin, "merx", 0, T);\n',
      "plugins/x/README.md": "x\n"}, "plugins/x/plugin.c: merx has no SECTION:element-merx"),
]

CLEAN = {
    "core/emotion/a.c": SPDX + '#include "tables/b.h"\n'
                        '/* strcpy (a, b); goto x */\nconst char *s = "sprintf (x)";\n',
    "core/store/a.c": SPDX + "#include <sqlite3.h>\n",
    "core/run/a.c": SPDX + '#include "base/mer-ordered.h"\n#include "net/mer-net.h"\n',
    "core/a.c": SPDX + LONG + "/* prose */\n" * 600,
    "plugins/x/plugin.c": SPDX + 'gst_element_register (plugin, "merx", 0, T);\n',
    "plugins/x/x.c": SPDX + "/**\n * SECTION:element-merx\n */\n",
    "plugins/x/README.md": "x\n",
    "tests/unit/a.c": SPDX + "f (strcpy (a, b));\n",
    "tests/source/exceptions.txt": "# prose\ncore/a.c:f a table is best read in one piece\n",
}


class CheckSource(unittest.TestCase):
    def check(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            return subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True,
                                  check=False, timeout=60)

    def test_finds(self):
        for files, message in CASES:
            with self.subTest(message=message):
                done = self.check(files)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(message, done.stdout)

    def test_passes_what_is_clean(self):
        done = self.check(CLEAN)
        self.assertEqual((done.returncode, done.stdout), (0, ""))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
