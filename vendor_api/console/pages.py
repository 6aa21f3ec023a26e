"""All pages of the console."""

from vendor_api.console import (
    client_pages,
    desk_pages,
    door_pages,
    duty_pages,
    figure_pages,
    intent_pages,
    overview_pages,
    review_pages,
    staff_pages,
    topic_pages,
    trial_pages,
    webhook_pages,
)

ROUTES = (
    *door_pages.ROUTES,
    *overview_pages.ROUTES,
    *desk_pages.ROUTES,
    *duty_pages.ROUTES,
    *review_pages.ROUTES,
    *intent_pages.ROUTES,
    *figure_pages.ROUTES,
    *topic_pages.ROUTES,
    *client_pages.ROUTES,
    *trial_pages.ROUTES,
    *webhook_pages.ROUTES,
    *staff_pages.ROUTES,
)
