"""What the bot is built on: locked with hashes, and without a vulnerability that is known."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.counting import Count

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = "https://pypi.org/simple"
PATIENCE = 60
IGNORED: dict[str, str] = {}
"""Advisories that don't concern us, by id, each with the reason."""


def locked() -> list[dict[str, Any]]:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    packages: list[dict[str, Any]] = lock["package"]
    return [one for one in packages if one["source"] != {"virtual": "."}]


def test_each_package_comes_from_the_registry_with_a_hash_of_each_file(count: Count) -> None:
    packages = locked()
    assert len(packages) > 50
    for one in packages:
        assert one["source"] == {"registry": REGISTRY}, one["name"]
        files = [*one.get("wheels", []), *([one["sdist"]] if "sdist" in one else [])]
        assert files, one["name"]
        for file in files:
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]), file
    count("locked packages whose files have hashes", len(packages))


def test_lint_looks_for_security_faults_in_all_that_ships() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    lint = lint["lint"]
    assert "S" in lint["select"]
    assert not [rule for rule in lint["ignore"] if rule.startswith("S1")]
    let_off = {
        where: {rule for rule in rules if re.fullmatch(r"S\d*", rule)}
        for where, rules in lint["per-file-ignores"].items()
        if not where.startswith(("tests/", "bench/"))
    }
    # Made-up secrets, and randomness that guards nothing.
    assert {where: rules for where, rules in let_off.items() if rules} == {
        "sandbox/**": {"S105", "S106", "S311"}
    }


def judged(report: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What is vulnerable, and what couldn't be looked up, in a report of pip-audit's."""
    known = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {flaw['fix_versions']}"
        for one in report["dependencies"]
        for flaw in one.get("vulns", [])
        if not {flaw["id"], *flaw.get("aliases", [])} & IGNORED.keys()
    ]
    unknown = [one["name"] for one in report["dependencies"] if "skip_reason" in one]
    return known, unknown


def test_a_report_is_judged_by_what_it_says() -> None:
    flaw = {"id": "PYSEC-1", "fix_versions": ["2.0"], "aliases": ["CVE-1"], "description": "…"}
    report = {
        "dependencies": [
            {"name": "good", "version": "1.0", "vulns": []},
            {"name": "bad", "version": "1.0", "vulns": [flaw]},
            {"name": "gone", "skip_reason": "Dependency not found on PyPI"},
        ]
    }
    assert judged(report) == (["bad 1.0: PYSEC-1, mended in ['2.0']"], ["gone"])


def test_nothing_that_the_bot_runs_on_is_known_to_be_vulnerable(
    tmp_path: Path, count: Count
) -> None:
    """By the registry's advisories. Where it gives none, as many mirrors do, this is skipped."""
    bin_, wanted = Path(sys.executable).parent, tmp_path / "requirements.txt"
    export = ["export", "--frozen", "--no-dev", "--no-emit-project", "--quiet", "-o", str(wanted)]
    subprocess.run([bin_ / "uv", *export], cwd=ROOT, check=True, capture_output=True)  # noqa: S603  our own
    audit = ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(  # noqa: S603  our own
            [bin_ / "pip-audit", *audit, "-r", str(wanted)],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        report = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        pytest.skip("pip-audit: the registry's advisories couldn't be reached")
    known, unknown = judged(report)
    assert known == []
    if unknown:
        pytest.skip(f"pip-audit: the registry gave no advisories for {len(unknown)} packages")
    count("packages without a known vulnerability", len(report["dependencies"]))
