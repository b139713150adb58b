# SPDX-License-Identifier: Apache-2.0
"""The status page in a real browser: at the width of a phone and of a desk, light and dark, alive, and
deaf to what strangers send."""

import unittest

import browser
import support
from browser import Browser
from case import DaemonCase
from daemon import HAVE_CONTROL
from support import eventually

HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
SECTIONS = {"verdicts": "Verdicts", "reasons": "Reasons", "greylist": "Greylisting",
            "lists": "DNS lists", "judging": "Time to a verdict", "clients": "Busiest clients",
            "limits": "Limits in force"}
WIDTHS = ((390, 844), (360, 740), (1440, 900))

# What sticks out of the window, and text that cannot be read for its contrast (WCAG 2, 1.4.3).
STICKS_OUT = """
return [...document.querySelectorAll('header *, main *, footer *')].filter((element) => {
  const box = element.getBoundingClientRect();
  return box.width > 1 && box.right > innerWidth + 1 && element.namespaceURI.endsWith('xhtml');
}).map((element) => element.tagName + '.' + element.className + ': ' + element.textContent);"""
CONTRAST = """
const channels = (colour) => colour.match(/[0-9.]+/g).map(Number);
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const ground = (element) => {
  for (; element; element = element.parentElement) {
    const colour = channels(getComputedStyle(element).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
const found = [];
for (const element of document.querySelectorAll('body *')) {
  if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
  if (!element.getClientRects().length || element.closest('script')) continue;
  const style = getComputedStyle(element);
  const ink = channels(element.namespaceURI.endsWith('svg') ? style.fill : style.color);
  const [a, b] = [light(ink), light(ground(element))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) found.push(element.textContent + ': ' + ((a + 0.05) / (b + 0.05)).toFixed(2));
}
return found;"""


@unittest.skipIf(browser.missing(), browser.missing())
class PageInBrowser(DaemonCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def start(self, **settings):
        port = support.free_port()
        daemon = self.daemon({
            "metrics": {"listen": f"127.0.0.1:{port}"},
            "dnsbl": [{"name": "house", "zone": "bl.example", "codes": {"127.0.0.2": 4}}],
            "limit": [{"name": "messages", "count": "messages", "per": "sender", "rate": "2/1h",
                       "action": "observe"}],
            **settings})
        self.address = f"http://127.0.0.1:{port}/"
        # The page of the test before asks a daemon that is gone.
        self.browser.open("about:blank")
        self.browser.requests()
        self.browser.complaints()
        return daemon

    def number(self, selector):
        return int(self.browser.text(selector).replace(",", "") or 0)

    def mail(self, daemon, count, **envelope):
        for n in range(count):
            daemon.attempt(address=f"198.18.{n}.1", recipient=f"<r{n}@example.net>", **envelope)

    def assert_well_behaved(self):
        self.assertEqual(self.browser.complaints(), [])
        elsewhere = [url for url in self.browser.requests()
                     if not url.startswith((self.address, "data:", "chrome:"))]
        self.assertEqual(elsewhere, [])

    def test_every_part_is_readable_at_every_width(self):
        daemon = self.start()
        self.mail(daemon, 5, sender=f'<"{"very-long-" * 12}"@{"sub." * 20}example.org>')
        daemon.attempt(address="2001:db8:1234:5678:9abc:def0:1234:5678")
        for width, height in WIDTHS:
            for scheme in ("light", "dark"):
                with self.subTest(width=width, scheme=scheme):
                    self.browser.look(width, height, scheme)
                    self.browser.open(self.address)
                    self.browser.shows("#live", "updated")
                    for name, title in SECTIONS.items():
                        self.assertEqual(self.browser.text(f"#{name} h2"), title)
                    self.assertGreaterEqual(self.number("#defer"), 5)
                    self.assertIn("greylist-new", self.browser.text("#reasons tbody"))
                    self.assertIn("house", self.browser.text("#lists tbody"))
                    self.assertIn("very-long-", self.browser.text("#limits tbody"))
                    self.assertEqual(*self.browser.run(
                        "const { scrollWidth, clientWidth } = document.documentElement;"
                        "return [scrollWidth, clientWidth]"))
                    self.assertEqual(self.browser.run(STICKS_OUT), [])
                    self.assertEqual(self.browser.run(CONTRAST), [])
        self.assert_well_behaved()

    def test_an_empty_daemon_says_so(self):
        self.start(dnsbl=[], limit=[])
        self.browser.look(390, 844)
        self.browser.open(self.address)
        self.browser.shows("#live", "updated")
        for name, text in (("reasons", "No recipient"), ("lists", "No DNS list is configured"),
                           ("clients", "No client"), ("limits", "No limit is configured")):
            self.assertIn(text, self.browser.text(f"#{name}"))
            self.assertEqual(self.browser.text(f"#{name} table"), "")
        self.assert_well_behaved()

    def test_it_follows_mail_and_can_be_used_by_keyboard(self):
        daemon = self.start()
        self.browser.look(1440, 900)
        self.browser.open(self.address)
        self.browser.shows("#live", "updated")
        self.assertEqual(self.number("#step-new"), 0)
        self.mail(daemon, 3)
        eventually(lambda: self.number("#step-new") == 3, 20.0, "three are new", every=0.1)
        self.assertEqual(self.number("#defer"), 3)
        self.browser.press("#chart", "\ue012")  # arrow left: the minute under way
        self.browser.shows("#readout", "deferred")
        self.browser.press("[name=window]:checked", "\ue014")  # arrow right: the next window
        self.browser.shows("#unit", "in 5 minutes")
        self.assertTrue(self.browser.run("return location.href").endswith("#6h"))
        self.assertEqual(self.number("#defer"), 3)
        if HAVE_CONTROL:
            daemon.control("pause", "--for", "1h")
            self.browser.shows("#mode", "paused until")
            self.browser.shows("#notices", "no mail is deferred or rejected")
        self.assert_well_behaved()

    def test_it_says_when_the_daemon_is_gone_and_recovers(self):
        daemon = self.start()
        self.browser.look(390, 844, "dark")
        self.browser.open(self.address)
        self.browser.shows("#live", "updated")
        self.assertEqual(self.browser.text("#lost"), "")
        self.assert_well_behaved()
        daemon.kill()
        self.browser.shows("#lost", "No connection since")
        self.assertEqual(self.browser.text("#lost").count(":"), 2)
        daemon.start()
        eventually(lambda: not self.browser.text("#lost"), 30.0, "the notice is gone", every=0.1)
        self.browser.shows("#live", "updated")

    def test_what_strangers_send_is_shown_and_does_not_run(self):
        daemon = self.start()
        for _ in range(3):
            with daemon.session() as session:
                session.client("203.0.113.10", HOSTILE, HOSTILE)
                session.envelope(f"<'{HOSTILE}'@example.org>", f"<'{HOSTILE}'@example.net>")
        self.browser.look(1440, 900)
        self.browser.open(self.address)
        # A mailbox has one form: its quotes are gone.
        self.browser.shows("#limits tbody", HOSTILE.split(chr(34))[0])
        self.assertEqual(self.browser.run("return document.querySelectorAll('main img, main script').length"), 0)
        self.assertEqual(self.browser.run("return document.title"), "mxward")
        self.assert_well_behaved()


if __name__ == "__main__":
    support.main()
