"""What a benchmark found: the one record that is printed, put into the guide and drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console


@dataclass(frozen=True)
class Row:
    """A figure, or several of a kind."""

    name: str
    seen: str
    target: str = ""
    is_ratio: bool = False
    """Against a baseline of the same run, which stands behind it."""


@dataclass(frozen=True)
class Plot:
    """What is drawn: lines where the labels are amounts or times, else bars."""

    name: str
    """Of the file, without its ending."""
    title: str
    unit: str
    labels: tuple[str, ...]
    """Below, from left to right."""
    series: Mapping[str, tuple[float, ...]]
    """By what each is called: a figure for each label."""
    lines: bool = False


@dataclass
class Report:
    """Rows in the order in which they are read, and plots."""

    title: str
    rows: list[Row] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)

    def row(self, name: str, *figures: str, target: str = "") -> None:
        """Add figures."""
        self.rows.append(Row(name, " · ".join(figures), target))

    def ratio(self, name: str, baseline: str, value: float, target: str = "") -> None:
        """Add a ratio against a baseline of the same run."""
        self.rows.append(Row(name, f"{value:.3f} x {baseline}", target, is_ratio=True))

    def plot(
        self,
        name: str,
        title: str,
        *,
        unit: str,
        labels: Sequence[str],
        series: Mapping[str, Sequence[float]],
        lines: bool = False,
    ) -> None:
        """Add a plot of what was found."""
        figures = {called: tuple(values) for called, values in series.items()}
        self.plots.append(Plot(name, title, unit, tuple(labels), figures, lines))

    def print(self) -> None:
        """Print it."""
        console = Console(soft_wrap=True, highlight=False)
        console.print(f"[bold]{self.title}[/bold]")
        for row in self.rows:
            target = f"  (target {row.target})" if row.target else ""
            console.print(f"  {row.name:<42} {row.seen}{target}", markup=False)

    def as_markdown(self) -> str:
        """As a table for the guide, under its title, and its plots."""
        table = [f"*{self.title}.*", "", "| figure | seen | target |", "|---|---|---|"]
        table += [f"| {row.name} | {row.seen} | {row.target} |" for row in self.rows]
        for plot in self.plots:
            table += ["", f"![{plot.title}](plots/{plot.name}.svg)"]
        return "\n".join(table)
