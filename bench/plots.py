"""Draws plots as SVG. The same figures make the same file, which loads and runs nothing."""

from lxml import etree

from bench.pygal_alone import pygal
from bench.report import Plot

_STYLE = pygal.style.Style(
    background="#ffffff",
    plot_background="#ffffff",
    foreground="#333333",
    foreground_strong="#111111",
    foreground_subtle="#767676",
    colors=("#0b66c3", "#b8480e", "#2f7d32", "#7b3fa0"),
    font_family="sans-serif",
    title_font_size=17,
    label_font_size=12,
    legend_font_size=13,
    value_font_size=12,
    guide_stroke_color="#e2e2e2",
    major_guide_stroke_color="#c8c8c8",
)

_SVG = "{http://www.w3.org/2000/svg}"


def drawn(plot: Plot) -> str:
    """Draw one."""
    kind = pygal.Line if plot.lines else pygal.Bar
    chart = kind(
        width=720,
        height=360,
        style=_STYLE,
        title=plot.title,
        y_title=plot.unit,
        x_labels=plot.labels,
        x_labels_major_count=8,
        show_minor_x_labels=len(plot.labels) <= 8,
        legend_at_bottom=True,
        include_x_axis=True,  # what doesn't begin at nothing exaggerates
        show_dots=len(plot.labels) <= 8,
        print_values=not plot.lines,
        print_values_position="top",
        truncate_label=-1,
        truncate_legend=-1,
        value_formatter=_words,
        js=(),
    )
    chart.uuid = plot.name  # else a random one
    for name, figures in plot.series.items():
        chart.add(name, figures)
    return _plain(chart.render(disable_xml_declaration=True))


def _words(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _plain(svg: str) -> str:
    """Leave out the script and what only it shows, and the comment with today's date."""
    root = etree.fromstring(svg)
    needless = ("script", "desc")
    for node in [*root.iter(etree.Comment), *root.iter(*(f"{_SVG}{name}" for name in needless))]:
        parent = node.getparent()
        assert parent is not None  # the root is neither
        parent.remove(node)
    return etree.tostring(root, encoding="unicode", pretty_print=True)
