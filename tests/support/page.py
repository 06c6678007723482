"""Page object of the dashboard: texts, charts, boxes, status."""

import json
from collections.abc import Callable
from typing import Any

from dash.testing.browser import Browser

from support.waiting import until


class Page:
    """The dashboard's page in one browser, and what a person would read from it."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.driver = browser.driver

    def open(self, url: str) -> None:
        self.driver.get(url)
        self.run("window.opened = (window.opened || 0) + 1")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        """Return the text of the one matching element in the DOM."""
        found = self.run(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector
        )
        assert len(found) <= 1, f"{selector} matches {found}"
        return str(found[0]) if found else ""

    def shows(self, selector: str, expected: str, timeout_s: float = 10) -> None:
        until(lambda: self.text(selector) == expected, timeout_s, f"{selector} is {expected}")

    def is_in_state(self, state: str, timeout_s: float = 10) -> None:
        until(lambda: self.state == state, timeout_s, f"feed-status is {state}")

    @property
    def state(self) -> str:
        return str(self.run("return document.getElementById('feed-status')?.dataset.state"))

    @property
    def source(self) -> str:
        return str(self.run("return document.getElementById('feed-status')?.dataset.source"))

    @property
    def has_heard(self) -> bool:
        """Tell whether a frame was received."""
        script = """
            try {
                return dash_component_api.getLayout("view-stream").props.message != null;
            } catch {
                return false; // Dash has no layout yet, or is not there
            }
        """
        return bool(self.run(script))

    @property
    def seq(self) -> int:
        return int(self.run("return document.getElementById('page-seq')?.dataset.seq") or -1)

    def plot(self, chart: str) -> dict[str, Any]:
        """Return the last figure passed to plotly for a chart."""
        script = """
            const plot = document.querySelector(`#${arguments[0]} .js-plotly-plot`);
            return plot && JSON.stringify({data: plot.data, layout: plot.layout});
        """
        drawn = self.run(script, chart)
        return dict(json.loads(drawn)) if drawn else {"data": [], "layout": {}}

    def draws(self, chart: str, condition: Callable[[list[dict[str, Any]]], object]) -> None:
        """Wait until a chart is drawn with data that meets `condition`; amounts are its `y`."""

        def drawn() -> object:
            data = self.plot(chart)["data"]
            for trace in data:
                if trace.get("orientation") == "h":
                    trace["x"], trace["y"] = trace["y"], trace["x"]
            return data and condition(data)

        until(drawn, what=f"{chart} is drawn")

    def has(self, selector: str, count: int) -> None:
        """Wait until this many elements match."""
        script = "return document.querySelectorAll(arguments[0]).length"
        until(lambda: self.run(script, selector) == count, what=f"{count} of {selector}")

    def is_still_the_same(self) -> bool:
        """Tell whether the page was opened once and never reloaded."""
        return bool(self.run("return window.opened === 1"))

    def cdp(self, command: str, **parameters: Any) -> Any:
        """Send the browser a command of the Chrome DevTools Protocol."""
        return self.driver.execute_cdp_cmd(command, parameters)

    def before_scripts(self, script: str) -> None:
        """Run a script in every page opened from now on, before the page's own."""
        self.cdp("Page.addScriptToEvaluateOnNewDocument", source=script)

    def resize(self, width: int, height: int, *, touch: bool = False) -> None:
        """Set the exact size of the viewport; `touch` makes it a touch screen."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch}
        self.cdp("Emulation.setDeviceMetricsOverride", **metrics)
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=touch)

    def prefers(self, **features: str) -> None:
        """Set preferences of the system: `color_scheme="dark"`, `reduced_motion="reduce"`."""
        told = [
            {"name": f"prefers-{name.replace('_', '-')}", "value": value}
            for name, value in features.items()
        ]
        self.cdp("Emulation.setEmulatedMedia", features=told)

    def click(self, selector: str) -> None:
        """Click the one matching element with a real pointer."""
        [element] = self.driver.find_elements("css selector", selector)
        element.click()

    def is_drawn(self) -> None:
        """Wait until all charts of the page are drawn."""
        script = """
            const charts = [...document.querySelectorAll(".panel .chart")].filter(
                (chart) => chart.checkVisibility());
            const isDrawn = (plot) => plot?.data?.length && plot._fullLayout;
            return charts.length > 0
                && charts.every((chart) => isDrawn(chart.querySelector(".js-plotly-plot")));
        """
        until(lambda: self.run(script), what="all charts are drawn")

    def box(self, element_id: str) -> list[float]:
        """Return an element's left, top, right and bottom in the viewport."""
        script = """
            const box = document.getElementById(arguments[0]).getBoundingClientRect();
            return [box.left, box.top, box.right, box.bottom];
        """
        return list(self.run(script, element_id))
