"""pygal without its finder of plug-ins, which warns at each import that comes after it."""

import sys

import pygal

# It is of Python 2's kind, and we have no plug-ins.
sys.meta_path[:] = [one for one in sys.meta_path if type(one).__name__ != "PluginImportFixer"]

__all__ = ["pygal"]
