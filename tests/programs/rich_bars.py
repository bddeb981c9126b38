"""Two tasks of rich, and what rich prints beside them: a log record, a table, an exception."""

import time

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

console = Console()
columns = (
    TextColumn("{task.description}"),
    BarColumn(),
    TaskProgressColumn(),
    MofNCompleteColumn(),
    TimeRemainingColumn(),
)
with Progress(*columns, console=console) as progress:
    files = progress.add_task("[red]files", total=4)
    pages = progress.add_task("[green]pages", total=10)
    for number in range(4):
        progress.reset(pages)
        for _ in range(10):
            time.sleep(0.02)
            progress.advance(pages)
        progress.advance(files)
        progress.console.print(f"[bold]file {number}[/bold] done")
table = Table("file", "pages", title="All files")
for number in range(4):
    table.add_row(f"[cyan]{number}.pdf", "10")
console.print(table)
try:
    {}["missing"]
except KeyError:
    console.print_exception()
