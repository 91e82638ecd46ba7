"""Prints what a benchmark found."""

from rich.console import Console


class Table:
    """Lines of figures, then ratios with their targets."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._lines: list[str] = []

    def row(self, name: str, *figures: str) -> None:
        """Add figures."""
        self._lines.append(f"  {name:<42} " + " · ".join(figures))

    def ratio(self, name: str, baseline: str, value: float, target: str) -> None:
        """Add a ratio against a baseline of the same run."""
        self._lines.append(f"  {name:<28} {value:7.3f} {baseline}  (target {target})")

    def print(self) -> None:
        """Print them."""
        console = Console(soft_wrap=True, highlight=False)
        console.print(f"[bold]{self._title}[/bold]")
        for line in self._lines:
            console.print(line, markup=False)
