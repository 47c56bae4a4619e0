"""Scripts lose what only their authors read, and nothing else."""

from workshop.render.scripts import FOLDER, shrink

SCRIPT = """/* What it is. */
"use strict";
(() => {
  const text = `kept  // as ${"it"} is`;  // not this
  const pattern = /a\\/\\/b/;
})();
"""


def test_comments_and_space_go_and_words_stay(tmp_path):
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    (folder / "own.js").write_text(SCRIPT, encoding="utf-8")
    (folder / "bundle.1.min.js").write_text(SCRIPT, encoding="utf-8")
    assert shrink(tmp_path) == [folder / "own.js"]
    assert (folder / "own.js").read_text(encoding="utf-8") == (
        '"use strict";(()=>{const text=`kept  // as ${"it"} is`;'
        "const pattern=/a\\/\\/b/;})();"
    )
    assert (folder / "bundle.1.min.js").read_text(encoding="utf-8") == SCRIPT
