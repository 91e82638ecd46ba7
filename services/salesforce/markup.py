"""Read a page's tags in order and keep what matters of them: forms, controls, visible text.

A browser gives a control to the form that was open when it read the tag, even where tables or
unclosed blocks break the nesting. A tree has lost that by then, so the tags are read one by one.
"""

import html
from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = dict[str, str]

# What a browser that runs scripts takes as text, not as tags.
_RAW = {"script", "style", "noscript", "iframe", "noembed", "noframes", "xmp"}
_ESCAPABLE = {"textarea", "title"}
# Newer Pythons know the two above by themselves and unescape their text.
_KNOWS_ESCAPABLE = hasattr(HTMLParser, "RCDATA_CONTENT_ELEMENTS")
# A browser neither shows nor submits what stands in these.
_INERT = {"template", "datalist"}
_CONTROLS = {"input", "button", "select", "textarea"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
_INLINE = {"a", "abbr", "b", "br", "code", "em", "font", "i", "small", "span", "strong", "u", "wbr"}
_BLOCK = "\u2029"
_ERROR_IDS = {"error", "errorTitle", "errorDesc", "validationError"}


@dataclass(eq=False, slots=True)
class Form:
    """A form's start tag."""

    attributes: Attributes


@dataclass(eq=False, slots=True)
class Option:
    """An option of a select; its text is its value unless it has one."""

    attributes: Attributes
    disabled: bool
    text: str = ""

    @property
    def value(self) -> str:
        """What is submitted for it."""
        return self.attributes.get("value", " ".join(self.text.split()))


@dataclass(eq=False, slots=True)
class Control:
    """A control, in the order of the page; `form` is the form that was open."""

    tag: str
    attributes: Attributes
    form: Form | None
    disabled: bool
    visible: bool
    text: str = ""
    options: list[Option] = field(default_factory=list)

    @property
    def type(self) -> str:
        """The control's kind in lower case, such as `hidden`, `submit` or `select`."""
        if self.tag != "input":
            return self.tag
        return self.attributes.get("type", "").strip().lower() or "text"


@dataclass(eq=False, slots=True)
class _Region:
    """An element whose end is awaited: its tag, and how many of these are open in it."""

    tag: str
    kind: str
    depth: int = 1


class Page(HTMLParser):
    """A page, read. `text` is what a person would see; `complaint` what stands in error boxes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.controls: list[Control] = []
        self.ids: dict[str, Form | None] = {}
        self.base_href: str | None = None
        self._open_form: Form | None = None
        self._regions: list[_Region] = []
        self._select: Control | None = None
        self._textarea: Control | None = None
        self._optgroup_disabled = False
        self._text: list[str] = []
        self._complaint: list[str] = []
        self.feed(text)
        self.close()

    @property
    def text(self) -> str:
        """The visible text with single spaces, one line for each block that has any."""
        blocks = (" ".join(block.split()) for block in "".join(self._text).split(_BLOCK))
        return "\n".join(block for block in blocks if block)

    @property
    def complaint(self) -> str:
        """The visible text of Classic's error boxes; empty when there is none."""
        return " ".join("".join(self._complaint).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of one start tag."""
        attributes: Attributes = {}
        for name, value in attrs:
            attributes.setdefault(name, value or "")  # of two, a browser takes the first
        self._text.append(" " if tag in _INLINE else _BLOCK)
        self._enter(tag, attributes)
        if not self._in("inert"):
            form = Form(attributes) if tag == "form" and self._open_form is None else None
            if form is not None:
                self._open_form = form
            if "id" in attributes:
                self.ids.setdefault(attributes["id"], form)
            self._note(tag, attributes)
        if tag in _RAW or (tag in _ESCAPABLE and not _KNOWS_ESCAPABLE):
            self.set_cdata_mode(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read `<form/>` as `<form>`: the slash means nothing in HTML."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close a form or a region; an end tag without its start is ignored."""
        self._text.append(" " if tag in _INLINE else _BLOCK)
        if tag == "form" and not self._in("inert"):
            self._open_form = None
        if tag in {"optgroup", "select"}:
            self._optgroup_disabled = False
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._textarea = None
        for region in self._regions:
            region.depth -= region.tag == tag
        closed = [index for index, region in enumerate(self._regions) if not region.depth]
        # An element that ends takes along what was opened in it and never closed.
        del self._regions[min(closed, default=len(self._regions)) :]

    def handle_data(self, data: str) -> None:
        """Keep text where a person would see it, or where a control takes it as its value."""
        if self._in("raw") or self._in("inert"):
            return
        if self._textarea is not None:
            self._textarea.text += data if _KNOWS_ESCAPABLE else html.unescape(data)
        elif self._select is not None:
            if self._select.options:
                self._select.options[-1].text += data
        elif not self._in("hidden"):
            self._text.append(data)
            if self._in("error"):
                self._complaint.append(data)

    def _enter(self, tag: str, attributes: Attributes) -> None:
        for region in self._regions:
            region.depth += region.tag == tag
        kinds = {
            "inert": tag in _INERT,
            "raw": tag in _RAW or tag == "title",
            # Pages that guard against being framed hide the whole of themselves at first.
            "hidden": _is_hidden(attributes) and tag not in _VOID | {"html", "body"},
            "error": _is_error(tag, attributes),
            "disabled": tag == "fieldset" and "disabled" in attributes,
        }
        for kind, entered in kinds.items():
            if entered and not self._in(kind):
                self._regions.append(_Region(tag, kind))

    def _note(self, tag: str, attributes: Attributes) -> None:
        if tag == "base" and self.base_href is None:
            self.base_href = attributes.get("href")
        elif tag in _CONTROLS:
            control = Control(
                tag,
                attributes,
                self._open_form,
                disabled="disabled" in attributes or self._in("disabled"),
                visible=not (self._in("hidden") or _is_hidden(attributes)),
            )
            self.controls.append(control)
            # A control inside a select that was never closed closes it.
            self._select = control if tag == "select" else None
            self._textarea = control if tag == "textarea" else None
        elif tag == "optgroup":
            self._optgroup_disabled = "disabled" in attributes
        elif tag == "option" and self._select is not None:
            disabled = "disabled" in attributes or self._optgroup_disabled
            self._select.options.append(Option(attributes, disabled))

    def _in(self, kind: str) -> bool:
        return any(region.kind == kind for region in self._regions)


def _is_hidden(attributes: Attributes) -> bool:
    style = "".join(attributes.get("style", "").lower().split())
    return "hidden" in attributes or "display:none" in style or "visibility:hidden" in style


def _is_error(tag: str, attributes: Attributes) -> bool:
    """Whether Classic uses such an element for an error, as seen in public code."""
    if attributes.get("id") in _ERROR_IDS:
        return tag not in _VOID
    return tag == "div" and "errorMsg" in attributes.get("class", "").split()
