"""Chromium without a window, in a network namespace, where it can reach an exporter under test."""

import base64
import contextlib
import json
import os
import shutil
import tempfile

import lab

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
except ImportError:
    webdriver = None

# The colours at points of a picture.
_COLOURS = """
const bytes = Uint8Array.from(atob("%s"), c => c.charCodeAt(0));
return createImageBitmap(new Blob([bytes])).then(picture => {
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  return %s.map(([x, y]) => [...canvas.getImageData(x * picture.width, y * picture.height, 1, 1).data].slice(0, 3));
});
"""
_PHONE = {"width": 360, "height": 740}


def why_not() -> str | None:
    """None where there is a browser; else what is missing."""
    missing = [package for package in ("chromium", "chromium-driver") if not _program(package)]
    if webdriver is None:
        missing.append("python3-selenium")
    return f"there is no {', '.join(missing)}: scripts/install-dependencies check" if missing else None


def _program(package: str) -> str | None:
    return shutil.which({"chromium-driver": "chromedriver"}.get(package, package))


class Browser:
    """One browser. All that it does, and all that is asked of it, happens in the namespace.

    `scale` is the pixels of a picture for each pixel of the page.
    """

    def __init__(self, namespace: lab.Namespace, javascript: bool = True, scale: int = 1):
        self._namespace = namespace
        self._stack = contextlib.ExitStack()
        home = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True))
        options = Options()
        options.binary_location = _program("chromium")
        for flag in (
            "--headless=new",
            "--no-sandbox",  # root's, and inside a user namespace there is no other
            "--disable-dev-shm-usage",
            "--disable-gpu",
            # It is to ask nobody but us.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--hide-scrollbars",
            f"--force-device-scale-factor={scale}",
            f"--user-data-dir={home}/profile",
        ):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = Service(_program("chromium-driver"), env={**os.environ, "HOME": home, "XDG_CONFIG_HOME": home})
        with namespace.entered():
            self._driver = webdriver.Chrome(options=options, service=service)
        self._stack.callback(self._quit)
        if not javascript:
            self.command("Emulation.setScriptExecutionDisabled", value=True)

    def _quit(self) -> None:
        with self._namespace.entered():
            self._driver.quit()

    def command(self, name: str, **parameters):
        """A command of the DevTools protocol."""
        with self._namespace.entered():
            return self._driver.execute_cdp_cmd(name, parameters)

    def open(self, address: str) -> None:
        with self._namespace.entered():
            self._driver.get(address)

    def source(self) -> str:
        with self._namespace.entered():
            return self._driver.page_source

    def evaluate(self, script: str):
        """What a function with this body returns, in the page; its own scripts may be off meanwhile."""
        with self._namespace.entered():
            return self._driver.execute_script(script)

    def colours(self, scheme: str) -> None:
        """As a reader has it who likes "dark" or "light"."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def width(self, pixels: int, height: int = 900, scale: int = 1) -> None:
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=pixels,
            height=height,
            deviceScaleFactor=scale,
            mobile=pixels <= _PHONE["width"],
        )

    def picture(self, height: float | None = None) -> bytes:
        """A PNG of the whole page, or of so many pixels from its top."""
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        size["height"] = height or size["height"]
        shot = self.command(
            "Page.captureScreenshot", captureBeyondViewport=True, clip={**size, "x": 0, "y": 0, "scale": 1}
        )
        return base64.b64decode(shot["data"])

    def painted(self, element: str, points: list[tuple[float, float]]) -> list[tuple[int, ...]]:
        """The colours at points of an element that a script yields; (0, 0) is its upper left corner, (1, 1) the
        lower right one."""
        box = self.evaluate(f"const box = ({element}).getBoundingClientRect(); return [box.x, box.y + scrollY, "
                            "box.width, box.height]")
        clip = dict(zip(("x", "y", "width", "height"), box), scale=1)
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return [tuple(colour) for colour in self.evaluate(_COLOURS % (shot["data"], json.dumps(points)))]

    def console(self) -> list[str]:
        """What the browser has complained of since the last call: violations of the policy among it."""
        with self._namespace.entered():
            messages = [entry["message"] for entry in self._driver.get_log("browser")]
        return [message for message in messages if not message.startswith("chrome://")]  # of its own start page

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_) -> None:
        self.close()
