"""The rules of axe-core, applied to the current page."""

from typing import Any

from support.page import Page
from support.programs import SERVERS, require_node

BROKEN_RULES = """
    const done = arguments[arguments.length - 1];
    axe.run(document, {resultTypes: ["violations"]}).then(({ violations }) =>
        done(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])));
"""


def broken_rules(page: Page) -> list[Any]:
    """Return the findings of axe-core: the rules and the elements that break them."""
    require_node()
    if not page.run("return Boolean(window.axe)"):
        page.run((SERVERS / "node_modules" / "axe-core" / "axe.min.js").read_text())
    return list(page.driver.execute_async_script(BROKEN_RULES))
