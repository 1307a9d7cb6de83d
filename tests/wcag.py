"""What axe has to say about a page."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

Rules = dict[str, Any]

LEVEL_AA: Rules = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
}
RULES: Rules = {
    "runOnly": {
        "type": "tag",
        "values": [*LEVEL_AA["runOnly"]["values"], "best-practice"],
    }
}
APPEARANCE: Rules = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}
"""What a mode can change: nothing in what a page holds."""
RUN = """async rules => (await axe.run(document, rules)).violations.map(fault => ({
    id: fault.id,
    nodes: fault.nodes.slice(0, 3).map(node => ({html: node.html, why: node.failureSummary})),
}))"""
"""Violations alone: everything that passed is most of the answer and takes most of the time."""


def violations(page: Page, rules: Rules = RULES) -> list[str]:
    """What axe finds to complain of: rule, element and reason, three of each kind at most.

    Stations stand on a map where they stand; the list beside the map opens the same devices
    (WCAG 2.5.8, exception "equivalent").
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [
        f"{fault['id']}: {node['html'][:160]} — {node['why']}"
        for fault in page.evaluate(RUN, {**rules, "resultTypes": ["violations"]})
        for node in fault["nodes"]
        if not (fault["id"] == "target-size" and "map-mark" in node["html"])
    ]
