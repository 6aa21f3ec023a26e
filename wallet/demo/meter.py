"""Ana's meter: the readings of this year as her supplier's page hands them out, and one more that she types in."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from wallet.demo.scene import Scene, hold

READINGS: Final = ("241", "228", "219", "208", "196", "187", "190", "195", "203", "212", "208", "212")
TOTAL: Final = sum(map(int, READINGS))  # one kWh below what she wants the shop to know of


def bring(scene: Scene, today: date, wait: Callable[[Callable[[], bool], str], None]) -> str:
    """The page of the data set that comes of the file."""
    page = scene.browser.open(f"{scene.stage.wallet}/records/import")
    preview = scene.browser.upload(page, page.form("file"), "file", "meter.csv", csv(today).encode())
    names = {"name": "Meter", "unit-1": "kWh", "zone": "Europe/Berlin"}
    begun = scene.browser.submit(preview, preview.form("unit-1"), **names)

    def is_in() -> bool:
        scene.page = scene.browser.open(begun.url)
        return f"{len(READINGS)} rows were imported" in scene.page.text

    wait(is_in, f"her readings were not imported from {begun.url}")
    found = re.search(r"/records/[0-9A-Z]{26}(?=\")", scene.page.text)
    hold(found is not None, "no data set came of the file")
    return f"{scene.stage.wallet}{found[0]}" if found else ""


def read(scene: Scene, meter: str, day: date, kwh: str) -> None:
    page = scene.browser.open(f"{meter}/rows/new")
    scene.page = scene.browser.submit(page, page.form("0", "1"), **{"0": day.isoformat(), "1": kwh})
    hold(scene.page.status == 200, f"the page of a new reading answered {scene.page.status}")


def csv(today: date) -> str:
    """Spread over the year up to today."""
    first = date(today.year, 1, 1)
    days = (first + (today - first) * number / len(READINGS) for number in range(len(READINGS)))
    return "day,used\n" + "".join(f"{day},{kwh}\n" for day, kwh in zip(days, READINGS, strict=True))
