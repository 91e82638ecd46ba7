"""The program: its settings, its wiring and its processes."""
