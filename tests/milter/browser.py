# SPDX-License-Identifier: Apache-2.0
"""Chromium without a screen, through Debian's chromium-driver and python3-selenium: how a page looks
and behaves at any width, light or dark, and all that it asks for."""

import base64
import json
import os
import pathlib
import shutil
import tempfile
import time

from support import allow, eventually

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
except ImportError:
    webdriver = None

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"


def missing():
    """Why there is no browser here, or nothing."""
    if webdriver is None:
        return "needs python3-selenium"
    absent = [program for program in (CHROMIUM, DRIVER) if not os.access(program, os.X_OK)]
    return f"needs {', '.join(absent)} (Debian: chromium, chromium-driver)" if absent else ""


class Browser:
    """One window. Whoever makes it closes it."""

    def __init__(self, time_zone="UTC"):
        self.profile = pathlib.Path(tempfile.mkdtemp(prefix="mxward-browser-"))
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        # Root has no sandbox, and a container's /dev/shm is small. It asks nobody on its own.
        for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                     "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--disable-extensions", "--no-proxy-server",
                     "--force-color-profile=srgb", f"--user-data-dir={self.profile}"):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        environment = {**os.environ, "HOME": str(self.profile), "TZ": time_zone}
        try:
            self.driver = webdriver.Chrome(options=options,
                                           service=Service(DRIVER, env=environment))
        except BaseException:
            shutil.rmtree(self.profile, ignore_errors=True)
            raise
        self.driver.set_page_load_timeout(allow(60))
        self.driver.set_script_timeout(allow(60))

    def close(self):
        try:
            self.driver.quit()
        finally:
            shutil.rmtree(self.profile, ignore_errors=True)

    def look(self, width, height, scheme="light", scale=1):
        """The window's size in CSS pixels, and what the reader prefers."""
        self._command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=scale, mobile=width < 700)
        self._command("Emulation.setScrollbarsHidden", hidden=True)
        self._command("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": scheme}])

    def _command(self, name, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def open(self, address):
        self.driver.get(address)

    def run(self, script, *arguments):
        """What this JavaScript returns."""
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        """What is to be read there; nothing where it is not shown."""
        return self.driver.find_element(By.CSS_SELECTOR, selector).text

    def press(self, selector, keys):
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys(keys)

    def click(self, selector):
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def shows(self, selector, wanted, within=20.0):
        """Waits until that text is to be read there."""
        return eventually(lambda: wanted in self.text(selector), within,
                          f"{wanted!r} in {selector}", every=0.1)

    def complaints(self):
        """What the console said since the last time: mistakes, and what the page may not do."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self):
        """The addresses it asked for since the last time."""
        asked = []
        for entry in self.driver.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                asked.append(event["params"]["request"]["url"])
        return asked

    def picture(self, width, most=5000):
        """A PNG of the page, from its top, so many pixels high at most."""
        time.sleep(0.5)  # what moves has come to rest
        height = min(most, self.run("return document.documentElement.scrollHeight"))
        shot = self._command("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                             clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        return base64.b64decode(shot["data"])
