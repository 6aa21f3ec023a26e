"""What stays at this host when a person takes everything along, table by table, and why."""

from typing import Final

import consent.moving.tables as moving
import consent.tables as engine
import keys.tables as keys
import vendor_api.desk.tables as desk
import vendor_api.figures.tables as counted
import vendor_api.intents.tables as heard
import vendor_api.publishing.tables as publishing
import vendor_api.reviews.tables as reviewed
import vendor_api.tables as door
import wallet.channels.tables as channels
import wallet.feeds.tables as feeds
import wallet.people.recovery.tables as recovery
import wallet.people.tables as people
import wallet.records.tables as records
from wallet.vault.declaring import Stays

STAYS: Final = (
    Stays(keys.host_roots, "the host's"),
    Stays(keys.host_keys, "the host's"),
    Stays(keys.person_keys, "made anew: the vault holds what was sealed under it"),
    Stays(keys.data_keys, "made anew, likewise"),
    Stays(people.sessions, "you sign in anew"),
    Stays(people.browsers, "you sign in anew"),
    Stays(people.invitations, "the host's"),
    Stays(keys.sign_in_failures, "the host's"),
    Stays(people.pairings, "they count for minutes"),
    Stays(people.erasures, "nobody is taken along while they are being erased"),
    Stays(recovery.recovery_news, "what happened at the door of this host"),
    Stays(records.record_uploads, "a file that waits is sent anew"),
    Stays(engine.grant_items, "made anew: they follow from the grants"),
    Stays(engine.asks, "a question waits for minutes only"),
    Stays(engine.status_lists, "the host's"),
    Stays(door.staff, "who works for a vendor"),
    Stays(door.staff_sessions, "who works for a vendor"),
    Stays(door.staff_invitations, "who works for a vendor"),
    Stays(door.console_clients, "vendors'"),
    Stays(engine.outbox, "what is on its way to vendors goes out from here"),
    Stays(engine.event_streams, "the vendors'; how they listen goes along with `vendors`"),
    Stays(channels.channel_codes, "they count for minutes"),
    Stays(channels.deliveries, "what is on its way to you goes out from here; the messages are in the inbox"),
    Stays(channels.mail_aliases, "they lead to this host"),
    Stays(door.vendors, "the vendors'; a public part of those you granted something goes along in a table of its own"),
    Stays(publishing.publications, "the vendors'; what of it was brought to you is in your threads"),
    Stays(counted.tallies, "the host's; there is no person in it"),
    Stays(counted.figures, "the vendors'; there is no person in it"),
    Stays(counted.channel_statistics, "the host's; there is no person in it"),
    Stays(feeds.publication_copies, "what is on its way to you comes from here"),
    Stays(desk.desk_threads, "the vendors'; what you said to them is in your threads"),
    Stays(desk.desk_messages, "the vendors', likewise"),
    Stays(desk.desk_attachments, "the vendors', likewise"),
    Stays(desk.desk_letters, "the vendors'"),
    Stays(desk.desk_letter_bands, "the vendors'"),
    Stays(desk.desk_letter_people, "the vendors'"),
    Stays(desk.contact_persons, "the vendors'"),
    Stays(desk.desks, "the vendors'"),
    Stays(desk.service_levels, "the vendors'"),
    Stays(reviewed.review_log, "the host's, and public"),
    Stays(reviewed.review_logs, "the host's, and public"),
    Stays(reviewed.review_answers, "the vendors', and public"),
    Stays(heard.intent_followers, "the vendors'"),
    Stays(heard.heard_intents, "the vendors'; what you looked for and what they offered is in tables of your own"),
    Stays(door.codes, "they count for minutes"),
    Stays(door.tokens, "vendors get new ones for their consent token"),
    Stays(door.device_codes, "they count for minutes"),
    Stays(door.backchannel_requests, "they count for minutes"),
    Stays(door.seen, "the host's"),
    Stays(door.released, "it counts for minutes"),
    Stays(door.pushed_requests, "they count for minutes"),
    Stays(door.sign_ins, "they end with the sessions"),
    Stays(moving.brought_ids, "made anew by the host that takes the vault in"),
)
