"""The browser that tests look at pages with, and the pages that they look at."""

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

ARTICLE = "early-vision-tiny/index.html"
NEURON = "early-vision-tiny/neurons/conv2d0/0.html"
ROUTES = "early-vision-tiny/routes.html"
BROWSER = "early-vision-tiny/neurons/index.html"
COMPARISON = "early-vision-tiny/neurons/compare.html"
MEASURES = "early-vision-tiny/measures.html"
LIVE = "early-vision-tiny/live.html"
PAGES = ("index.html", ARTICLE, NEURON, ROUTES, BROWSER, COMPARISON, MEASURES, LIVE)
"""One of each kind."""
