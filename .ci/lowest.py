"""Print the lowest versions that pyproject.toml allows, as constraints of pip."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
needed = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
for name, version in (re.findall(r"^([\w.-]+)>=([\w.]+)", each)[0] for each in needed):
    print(f"{name}=={version}")
