# SPDX-License-Identifier: Apache-2.0
"""The pictures of mxwardctl in docs/pictures: what makes them still does, and they show the same commands."""

import contextlib
import io
import pathlib
import re
import shutil
import tempfile
import unittest
import xml.etree.ElementTree

import support
import terminal_picture
from daemon import ROOT, need_control


def lines_of(picture):
    """The text of an SVG, which has to be well-formed."""
    root = xml.etree.ElementTree.parse(picture).getroot()
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


@unittest.skipUnless(shutil.which("cc"), "needs a C compiler")
class Pictures(unittest.TestCase):
    @need_control
    def test_they_can_be_made_anew(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                terminal_picture.main(folder)
            self.assertEqual(sorted(each.stem for each in folder.iterdir()),
                             sorted(terminal_picture.PICTURES))
            for picture in folder.iterdir():
                made, kept = lines_of(picture), lines_of(ROOT / "docs/pictures" / picture.name)
                # Times differ, columns and words do not.
                self.assertEqual([re.sub(r"\d+", "N", each) for each in made],
                                 [re.sub(r"\d+", "N", each) for each in kept], picture.name)

    def test_colours(self):
        self.assertEqual(terminal_picture.spans("\x1b[1mA<B\x1b[0m c"),
                         '<tspan class="b">A&lt;B</tspan> c')
        with self.assertRaisesRegex(AssertionError, "without a class"):
            terminal_picture.spans("\x1b[35mA\x1b[0m")


if __name__ == "__main__":
    support.main()
