"""Complete the package's metadata where the address of its repository is known.

On PyPI the README stands alone, so its pictures and links must be absolute; in a checkout they are
relative. GitHub's runners name the repository in their environment; elsewhere nothing is added.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class RepositoryMetadata(MetadataHookInterface):
    """Set `readme` and `urls`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add to the fields of pyproject.toml's `project` table."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        repository = os.environ.get("GITHUB_REPOSITORY")
        if repository:
            address = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}"
            text = with_absolute_links(text, f"{address}/raw/HEAD/", f"{address}/blob/HEAD/")
            metadata["urls"] = {
                "Source": address,
                "Documentation": f"{address}#readme",
                "Changelog": f"{address}/blob/HEAD/CHANGELOG.md",
                "Issues": f"{address}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def with_absolute_links(text: str, images: str, files: str) -> str:
    """Return Markdown whose relative images and links begin with these addresses."""
    relative = r"(?![a-z]+:|#|/)"
    text = re.sub(rf"(!\[[^\]]*\]\(){relative}", lambda found: found[1] + images, text)
    return re.sub(rf"((?<!!)\[[^\]!]*\]\(){relative}", lambda found: found[1] + files, text)
