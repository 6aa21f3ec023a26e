"""All tables of all packages, gathered for migrations and tests."""

import consent.contact.tables
import consent.moving.tables
import consent.rights.tables
import consent.tables
import consent.terms.tables
import keys.tables
import vendor_api.desk.tables
import vendor_api.figures.tables
import vendor_api.intents.tables
import vendor_api.publishing.tables
import vendor_api.reviews.tables
import vendor_api.tables
import wallet.appointments.tables
import wallet.channels.tables
import wallet.data.tables
import wallet.deposits.tables
import wallet.dialogue.tables
import wallet.feeds.tables
import wallet.figures.tables
import wallet.intents.tables
import wallet.people.recovery.tables
import wallet.people.tables
import wallet.personas.tables
import wallet.records.tables
import wallet.triggers.tables

__all__ = ["metadata"]

metadata = keys.tables.metadata
OWNERS = (
    keys.tables,
    consent.tables,
    consent.contact.tables,
    consent.moving.tables,
    consent.rights.tables,
    consent.terms.tables,
    vendor_api.tables,
    vendor_api.desk.tables,
    vendor_api.reviews.tables,
    vendor_api.intents.tables,
    vendor_api.figures.tables,
    vendor_api.publishing.tables,
    wallet.channels.tables,
    wallet.people.tables,
    wallet.people.recovery.tables,
    wallet.personas.tables,
    wallet.channels.tables,
    wallet.data.tables,
    wallet.deposits.tables,
    wallet.dialogue.tables,
    wallet.intents.tables,
    wallet.appointments.tables,
    wallet.feeds.tables,
    wallet.figures.tables,
    wallet.records.tables,
    wallet.triggers.tables,
)
