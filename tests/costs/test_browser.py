"""The report's page in headless Chromium: nothing on the console, readable narrow and wide, images there, contrast."""

import json
import os
import re
import shutil
import signal
import subprocess
from html import escape, unescape

import pytest

from tests.costs import synthetic
from trijunction.costs.report import write

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not on this machine: apt-get install chromium")

#: Measures the page that it is put into and writes what it finds into the page around it. Contrast is that of WCAG 2.2.
MEASURE = """
<script>
addEventListener("load", () => {
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const color = text => text.match(/[0-9.]+/g).map(Number);
  const background = one => {
    for (; one; one = one.parentElement) {
      const c = color(getComputedStyle(one).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  let least = 21, where = "";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || one.tagName == "SCRIPT") continue;
    const [a, b] = [luminance(color(getComputedStyle(one).color)), luminance(background(one))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < least) [least, where] = [contrast, walk.currentNode.data];
  }
  const images = [...document.images].map(i => [i.alt, i.complete && i.naturalWidth > 0]);
  const root = document.documentElement, out = document.createElement("pre");
  const letters = [...document.querySelectorAll("p, td, th, li, dd, figcaption")]
    .map(one => parseFloat(getComputedStyle(one).fontSize));
  out.id = "measured";
  out.textContent = JSON.stringify({
    width: innerWidth, page: Math.max(root.scrollWidth, document.body.scrollWidth), contrast: least, where, images,
    letters: Math.min(...letters), boxes: [...document.querySelectorAll(".scroll")].map(box => box.clientWidth),
  });
  parent.document.body.append(out);
});
</script>
"""


def browse(html, width, folder):
    """What the script measures in a page of that width, and the lines of the console."""
    # In a frame, because a window has a least width that is more than a telephone's.
    inner = escape(html.replace("</body>", f"{MEASURE}</body>"))
    page = folder / "page.html"
    page.write_text(f'<!doctype html><iframe srcdoc="{inner}" style="border: 0; width: {width}px"></iframe>')
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr", "--window-size=1700,900",
        "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    # In a group of its own: a browser is many processes, and all end when this one takes too long.
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        dom, log = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    measured = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.DOTALL)
    assert measured, log
    return json.loads(unescape(measured[1])), [line for line in log.splitlines() if ":CONSOLE" in line]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    folder = tmp_path_factory.mktemp("costs")
    write(synthetic.record(), folder)
    return (folder / "report.html").read_text()


@pytest.mark.parametrize("width", [400, 1600])
def test_the_page_is_readable(html, width, tmp_path):
    measured, console = browse(html, width, tmp_path)
    assert console == []
    assert measured["width"] == width
    assert measured["page"] <= width
    assert len(measured["boxes"]) == 9 + 7  # of tables and images
    assert all(0 < box <= width for box in measured["boxes"])
    assert len(measured["images"]) == 7
    for alt, loaded in measured["images"]:
        assert len(alt) > 40
        assert loaded
    assert measured["contrast"] >= 4.5, measured["where"]
    assert measured["letters"] >= 13


def test_what_is_wrong_with_a_page_is_seen(html, tmp_path):
    """A page with one of each fault."""
    bad = (
        html.replace("overflow-x: auto", "overflow-x: visible")
        .replace("color: #55616d", "color: #aab0b6")
        .replace("data:image/svg+xml;base64,", "data:image/svg+xml;base64,AAAA", 1)
        .replace("</main>", "<script>console.error('fault')</script></main>")
    )
    measured, console = browse(bad, 400, tmp_path)
    assert len(console) == 1
    assert "fault" in console[0]
    assert measured["page"] > 400
    assert measured["contrast"] < 4.5
    assert [loaded for _, loaded in measured["images"]].count(False) == 1
