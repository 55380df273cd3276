"""Builds the documentation site: `python -m sphinx -W -b html docs site`."""

import resviz

project = "Resviz"
author = copyright = "Resviz developers"
version = release = resviz.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinxcontrib.mermaid"]
html_theme = "furo"
html_title = "Resviz"
exclude_patterns = ["site"]
myst_heading_anchors = 3
myst_fence_as_directive = ["mermaid"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True}
nitpicky = False
