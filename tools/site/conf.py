"""Sphinx's configuration for `make site`: the documents of the repository as pages that need no network.

The sources are read where they are, so that a link means the same in the repository and on the site. The navigation is
made from the sections of docs/index.md: a document that they do not list is an orphan, which fails the build.
"""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SOURCES = {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}
SOURCES |= {"docs", "deploy", "examples", "twilio_simulator"}

project = "Saycode"
copyright = "Saycode, MIT licensed"
root_doc = "docs/index"
extensions = ["myst_parser"]
exclude_patterns = [path.name for path in ROOT.iterdir() if path.name not in SOURCES]
nitpicky = True
# A block in a language without colors is shown plain; tests/docs knows the languages.
suppress_warnings = ["misc.highlighting_failure"]

myst_heading_anchors = 4
highlight_language = "text"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

html_theme = "furo"
html_title = "Saycode"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_static_path = ["static"]
html_extra_path = ["root"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_theme_options = {"footer_icons": [], "top_of_page_buttons": []}


def add_navigation(_app: Any, docname: str, source: list[str]) -> None:
    """Append a hidden table of contents for each section of the index, from the links of the section."""
    if docname == root_doc:
        source[0] += "".join(map(contents, re.split(r"^## ", source[0], flags=re.MULTILINE)[1:]))


def contents(section: str) -> str:
    caption = section.partition("\n")[0]
    pages = re.findall(r"\]\(([^)#:]+)\.md\)", section)
    entries = "\n".join("/" + (ROOT / "docs" / page).resolve().relative_to(ROOT).as_posix() for page in pages)
    return f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{entries}\n```\n"


def setup(app: Any) -> None:
    app.connect("source-read", add_navigation)
